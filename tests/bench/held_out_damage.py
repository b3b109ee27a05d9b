"""The family of strings and layouts that rules are measured by. Do not look at it while writing rules."""

# ruff: noqa: SIM905 - word lists read best as words.

from jobs.damage.family import Family

_SHARED = {
    "letter": list("abcdefghijklmnopqrstuvwxyz"),
    "digit": list("0123456789"),
    "month": [f"{month:02}" for month in range(1, 13)],
    "number": ["{digit}{digit}", "{digit}{digit}{digit}{digit}", "{digit},{digit}{digit}{digit}"],
    "year": ["199{digit}", "201{digit}", "202{digit}"],
    "word": "blue apple cloud river mono swift pixel panda tiger maple hero magic royal prime lotus delta".split(),
    "top": "xyz top vip club tv me co.uk io edu.cn gov.cn site".split(),
    "site": [
        "{word}{word}",
        "{word}-{word}",
        "m.{word}{digit}{digit}",
        "{letter}{letter}{letter}{digit}",
        "bbs.{word}",
    ],
    "address": ["https://{site}.{top}/{letter}/{number}.html", "{site}.{top}", "//{site}.{top}", "{site}。{top}"],
    "code": ["{letter}{letter}{digit}{letter}{digit}{digit}", "{digit}{digit}{digit}{letter}{letter}{digit}{digit}"],
}

_ZH = {
    "char": list("牛猫糖豆飞鱼橙蓝白鹿墨木棉知乐读书熊果壳虎嗅鸟麦田稻草人蜗居萌趣博雅通达鼎盛优佳品汇融创联"),
    "label": ["{char}{char}", "{char}{char}{char}"],
    "brand": [
        "{label}书屋", "{label}问答", "{label}百科", "{label}快报", "{label}博客", "{label}阅读器", "爱{char}{char}",
        "第{char}视点",
    ],
    "watermark": [
        "〖{brand}〗", "{brand}独家整理发布", " --{brand}提供，仅供学习交流", "★{brand}★{address}",
        "手机用户请浏览{address}阅读",
        "『{brand}』谢绝复制", "~{code}~", "记住本站网址，{address}", "({brand}编辑部{month}月)",
        "本章由{brand}更新{code}",
        "《{label}日报》{year}年报道", "<<{brand}>>", "防采集：{code}",
    ],
    "injection": [
        "〖{brand}〗", "「{label}在线」", "{site}.{top}", "~{brand}~", "★{label}★", "《{label}文学网》", "&{code}&",
    ],
    "gap": ["", "", "======", "以下为正文", "* * *", "原文如下：", "【{brand}】{year}-{month}"],
    "product": "轴承 钢管 网站建设 翻译公司 代理记账 月嫂 搬家 宠物医院 牙科 留学 考研 面膜 阀门 叉车 灯具".split(),
    "region": "石家庄 宁波 东莞 佛山 郑州 长沙 昆明 贵阳 合肥 无锡 珠海 大连".split(),
    "phrase": [
        "{product}厂家", "{region}{product}电话", "{product}多少钱", "专业{product}", "{product}批发",
        "{product}加盟",
    ],
    "keyword_header": [
        "{phrase}/{phrase}/{phrase}/{phrase}", "{phrase}·{phrase}·{phrase}·{phrase} – {brand}",
        "关键词：{phrase};{phrase};{phrase};{phrase}\n{phrase}_{region}{phrase}_{brand}",
        "{region}{phrase}，{region}{phrase}，{region}{phrase}，{region}{phrase}，{region}{phrase}",
        "{phrase}\n{phrase}\n{phrase}\n{phrase}-{brand}",
    ],
    "lure": "成人网站 色情小说 裸聊 激情电影 一夜情 艳照 性爱视频 美女直播 情色图片 援交".split(),
    "adult_header": [
        "{lure}/{lure}/{lure}", "【{lure}】{lure} {lure} {label}{lure}",
        "{lure}·{lure}\n{label}{lure}高清在线·{lure}第{number}页",
        "国产{lure}_日韩{lure}_欧美{lure}_{label}", "{lure}\n{lure}大全\n{lure}免费看 {address}",
    ],
    "column": "电影 动漫 小说 股票 基金 数码 家居 母婴 宠物 星座 职场 情感 公益 法律 三农 能源 环保 棋牌".split(),
    "navigation_line": [
        "{column}", "{column}库", "{region}", "{region}{column}", "返回首页", "会员中心", "在线投稿", "RSS订阅",
        "帮助", "设为主页",
        "{column}推荐", "最新{column}", "{column}吧", "{product}", "{label}", "English", "移动版",
        "{year}年{month}月", "全部{column}",
    ],
    "related_heading": [
        "", "看了本文的人还看了", "更多{column}内容", "--- 相关推荐 ---", "本类热门", "你可能感兴趣的文章：",
    ],
    "related_title": [
        "{region}{product}选购指南", "{product}与{column}的十个误区", "◆ {column}里的{product}",
        "{month}-{digit}{digit} {region}{column}简讯",
        "为什么{region}人爱{column}", "{digit}{digit}. {product}行业观察（{year}）",
        "{region}{product}：{column}新动向",
    ],
    "teaser": [
        "{region}一位{product}从业者告诉我们，{column}在{year}年之后就变得完全不同了。",
        "导语：说到{product}，很多人首先想到{region}，其实{column}才是关键。",
        "你知道吗？{region}的{product}曾经因为{column}而闻名，{year}年却少有人提起……",
        "本期{column}栏目走进{region}，看看{product}是怎样炼成的。",
    ],
    "tail": [
        "转发给朋友 | 我要评论({number}) | 举报", "未完待续，请点击下一页",
        "©{brand} {year}-{year} 京公网安备{number}{number}号",
        "（本文有删节）\n编辑：{label}　审核：{label}\n来源：{brand}", "<< 上一页 1 2 3 4 下一页 >>\n查看更多评论",
        "标签：{column} {product}\n本文链接：{address}\n如需转载请与{brand}联系", "长按二维码关注我们\n▼ 点击阅读原文",
        "赞 {number}\n踩 {digit}\n收藏 复制链接 微博 朋友圈\n{brand}版权所有 不得擅自镜像",
    ],
}  # fmt: skip

_EN = {
    "brand": [
        "{word} Times", "{word} & {word}", "{word}{word} Magazine", "Planet {word}", "{word}{digit}{digit}.{top}",
    ],
    "watermark": [
        " <<{brand}>>", " ~ {address} ~", " (Reprinted by {brand}, {year})", " // {code}",
        " Exclusive to {brand} readers.",
        "{brand}: ", " *** {brand} ***", " Visit {address} for the original.", " #{code}",
    ],
    "injection": ["{{{{{code}}}}}", "|{site}.{top}|", "{site}.{top}", "~{word}{word}~", "^{brand}^"],
    "gap": ["", "", "* * *", "The article in full", "======", "{brand}, {month}/{year}"],
    "product": "laminate dentures printers crypto kayaks sneakers blinds cameras perfume software drones wigs".split(),
    "phrase": [
        "{product} coupon", "top 10 {product}", "{product} wholesale", "{product} review {year}", "used {product}",
    ],
    "keyword_header": [
        "{phrase} / {phrase} / {phrase} / {phrase}", "{phrase}; {phrase}; {phrase}; {phrase}; {phrase}",
        "Keywords: {phrase}, {phrase}, {phrase}\n{phrase} « {brand}",
        "{phrase}\n{phrase}\n{phrase}\n{phrase} @ {brand}",
    ],
    "lure": [
        "nude selfies", "erotic stories", "mature dating", "escort girls", "porn tube", "strip webcam", "sex shop",
    ],
    "adult_header": [
        "{lure} / {lure} / {lure}", "{lure} · {lure} · {lure} HD\n{lure} {number}",
        "{lure}; {lure}; best {lure} at {address}",
    ],
    "column": "Opinion Arts Technology World Local Events Books Film Music Garden Recipes Photos Forum".split(),
    "navigation_line": [
        "{column}", "Latest {column}", "{column} Desk", "Sign in", "Subscribe", "Help", "Advertise", "Careers", "FAQ",
        "Cookies",
        "{column} A-Z", "{month}/{year}", "Browse {column}", "{product}", "Mobile site", "Feeds", "Your {column}",
        "{column} podcast",
    ],
    "related_heading": ["", "People also read", "Elsewhere on {brand}", "-- Related --", "Trending now"],
    "related_title": [
        "{product}: the {column} verdict", "{digit}{digit} ways to use {product}",
        "{column} / What is next for {product}",
        "From {product} to {column}", "{month}/{year} {product} watch", "Ask the expert about {product}",
    ],
    "teaser": [
        "Most people think of {product} when they hear about {column}, but {year} proved that they are wrong.",
        "We spent {number} days with {product}, and this is what the {column} team has learned.",
        "Did you know that {product} were once the talk of {column}? By {year} hardly anyone remembered...",
    ],
    "tail": [
        "Tweet Pin Print Save", "Continue reading →", "(c) {year} {brand} Media Group. Terms | Privacy",
        "Tags: {column}, {product}\nPermalink: {address}\nFiled under {column}", "{number} comments\nReport\nLoad more",
        "« Older posts\nNewer posts »\nPowered by {brand}", "Was this helpful? Yes No\nSign up and never miss a story",
    ],
}  # fmt: skip

HELD_OUT = Family(
    zh=_SHARED | _ZH,
    en=_SHARED | _EN,
    gloss_brackets=(("(", ")"), ("（", "）"), ("（", ")")),
    gloss_shares=(1.0, 0.8, 0.3),
    watermark_places=("start", "middle", "end"),
    watermark_shares=(1.0, 0.75),
    block_places={
        "keyword_headers": ("before",),
        "adult_headers": ("before",),
        "navigation": ("before", "after", "inside"),
        "teasers": ("before", "after", "inside"),
        "tails": ("after",),
    },
    invisible="\u200b\u2060\ufeff\u180e\u2061\x02\x07\x10\x1b\x84\x9f",
    line_ends=(("\r\n",), ("\r",), ("\u2029",), (" \t\n", "\u00a0\n", "\r\n"), ("\x0b", "\x0c", "\u2028", " \x85")),
)

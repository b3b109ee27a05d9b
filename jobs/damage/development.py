"""The family of strings and layouts that rules are written with; nothing in it is of a real site."""

# ruff: noqa: SIM905 - word lists read best as words.

from jobs.damage.family import Family

_LATIN = "ba ko lu mi ne ro sa ti vu xi ze qo dar fel gim hon jup kas mer nol pix tor wen yat".split()
_DIGITS = [str(number) for number in range(10, 1000)]

_SHARED = {
    "latin": _LATIN,
    "n": _DIGITS,
    "year": [str(year) for year in range(2004, 2025)],
    "top": "com net cn org cc com.cn info".split(),
    "site": ["{latin}{latin}", "{latin}{latin}{latin}", "{latin}{latin}{n}", "{n}{latin}"],
    "domain": ["www.{site}.{top}", "{site}.{top}", "http://www.{site}.{top}/"],
    "token": ["{latin}{n}{latin}{n}", "{n}{latin}{latin}{n}{latin}"],
}

_ZH = {
    "han": list("云海星辰天地春江山河文书风华金石东方南北青松明月百千万里长安锦绣华夏龙凤梅兰竹菊智慧光远新世纪大众"),
    "name": ["{han}{han}", "{han}{han}{han}", "{han}{han}{han}{han}"],
    "brand": [f"{{name}}{end}" for end in "网 论坛 资讯 在线 文库 之家 社区 国际网 学习网 小说网 日报".split()],
    "watermark": [
        "本文来自{brand}，转载请注明出处。", "（{brand} {domain} 版权所有）", " 更多精彩内容请访问{domain}",
        "【{brand}首发】",
        "©{year} {brand} 保留所有权利", "——{brand}原创，盗版必究", "[{token}]", "来源：{brand}{domain}", "{brand}",
        "（未经{brand}许可不得转载，编号{token}）", "关注微信公众号：{name}，回复{n}领取资料",
    ],
    "injection": ["《{name}国际网》", "《{brand}》", "{domain}", "【{brand}】", "({site}.{top})", "[{brand}{domain}]"],
    "gap": ["", "", "正文", "全文阅读：", "——————", "文章内容", "{brand} {year}年"],
    "goods": "手机 电脑 空调 冰箱 家具 机票 酒店 驾校 装修 保险 贷款 减肥茶 婚纱 二手车 热水器 安防监控".split(),
    "city": "上海 广州 深圳 成都 武汉 南京 西安 重庆 杭州 苏州".split(),
    "keyword": ["{city}{goods}", "{goods}价格", "{goods}排行榜", "{city}{goods}哪家好", "{goods}{n}元", "便宜{goods}"],
    "keyword_header": [
        "{keyword}_{keyword}_{keyword}_{brand}", "{keyword},{keyword},{keyword},{keyword},{keyword}",
        "{keyword}|{keyword}|{keyword}-{brand}\n{keyword},{keyword},{keyword},{keyword}",
        "{keyword} {keyword} {keyword} {keyword} {keyword} {keyword}\n【{brand}】{keyword}，{keyword}",
        "{keyword}-{keyword}-{keyword}-{domain}\n{keyword}、{keyword}、{keyword}、{keyword}\n热搜：{keyword} {keyword}",
    ],
    "adult": "午夜秀场 成人影院 激情直播 私密聊天室 蜜友视频 无码专区 深夜福利 同城约会".split(),
    "adult_header": [
        "{adult}_{adult}_{name}{adult}在线观看", "{adult}一区二区三区,{adult}免费,{name}{adult}",
        "{adult}|{adult}|{adult}\n最新{adult}网址{domain}",
        "亚洲{adult}{n}集 {name}{adult}\n{adult},{adult},{adult}手机版",
    ],
    "section": "新闻 财经 体育 娱乐 科技 汽车 房产 教育 健康 旅游 军事 文化 游戏 图片 视频 历史 美食 时尚".split(),
    "navigation_line": [
        "首页", "{section}", "{section}频道", "{section}{section}", "{city}{section}", "{brand}", "登录", "免费注册",
        "关于我们",
        "联系我们", "网站地图", "加入收藏", "{section}排行", "今日{section}", "{section}论坛", "{goods}大全",
        "{city}站",
        "{section}专题{n}", "热门{section}", "我的{section}",
    ],
    "related_heading": ["相关阅读", "相关文章：", "猜你喜欢", "推荐阅读：", "热门文章", "【延伸阅读】"],
    "event": "发布 调整 上涨 回落 改革 开幕 签约 升级 试点 验收".split(),
    "related_title": [
        "{city}{goods}{event}最新消息", "{year}年{section}{event}情况", "·{section}：{city}{goods}{event}",
        "{city}{section}{event}引关注",
        "{n}款{goods}推荐", "{goods}怎么选 {section}专家告诉你", "[{section}]{city}{goods}{event}",
    ],
    "teaser": [
        "一、引言 随着{section}的发展，{city}的{goods}行业在{year}年迎来了新的{event}。",
        "摘要：本文以{city}{goods}为例，讨论了{year}年以来{section}{event}的原因。",
        "{year}年，{city}的{goods}市场再次{event}，业内人士认为{section}将受到影响。",
        "近日，记者从{city}获悉，当地{goods}企业{event}了第{n}个{section}项目。",
    ],
    "tail": [
        "分享到：微信 微博 QQ空间", "阅读全文 >>", "版权所有 © {year} {brand}", "【责任编辑：{name}】",
        "上一篇：{related_title}\n下一篇：{related_title}",
        "点赞({n}) 收藏\n声明：本站内容来自网络，如有侵权请联系{domain}删除。\nCopyright © {brand} 粤ICP备{n}{n}号",
        "展开全文\n扫一扫，关注{brand}\n返回顶部",
        "打赏\n微信扫一扫分享\n版权声明：本文为{brand}原创文章，转载请附上原文链接。",
    ],
}  # fmt: skip

_EN = {
    "brand": [
        "{latin}{latin} Daily", "{latin}{latin} Online", "The {latin}{latin} Hub", "{latin}{latin}{n}",
        "{latin}{latin}pedia",
    ],
    "watermark": [
        " (c) {year} {brand}. All rights reserved.", " Read more at {domain}", " [{token}]",
        " Source: {brand}, {domain}",
        " First published on {brand}.", "[{brand}] ", " - via {domain}", " Copyright {brand} {year}, do not copy.",
    ],
    "injection": ["[{domain}]", "{domain}", "<{brand}>", "({site}.{top})", "*{token}*"],
    "gap": ["", "", "Full text", "----------", "Article:", "{brand} {year}"],
    "goods": "phones laptops sofas flights hotels mattresses watches shoes insurance loans tyres vitamins".split(),
    "keyword": [
        "cheap {goods}", "buy {goods} online", "best {goods} {year}", "{goods} for sale", "discount {goods}",
        "{goods} near me",
    ],
    "keyword_header": [
        "{keyword} | {keyword} | {keyword} - {brand}", "{keyword}, {keyword}, {keyword}, {keyword}, {keyword}",
        "{keyword} - {keyword} - {brand}\n{keyword}, {keyword}, {keyword}, {keyword}",
        "{keyword} {keyword} {keyword} {keyword}\nTags: {keyword}, {keyword}, {keyword}\n{domain}",
    ],
    "adult": [
        "hot night cams", "adult video chat", "free xxx clips", "live sexy shows", "18+ movies", "hookup tonight",
    ],
    "adult_header": [
        "{adult} | {adult} | {adult}", "{adult}, {adult}, {adult} {n}\n{domain} {adult}",
        "watch {adult} free - {latin}{latin} {adult}",
    ],
    "section": "News Sports Business Travel Health Science Culture Food Motors Games Weather Jobs Style".split(),
    "navigation_line": [
        "Home", "{section}", "{section} news", "{section} & {section}", "About us", "Contact", "Login", "Register",
        "Site map",
        "Top {section}", "{section} archive {year}", "My {section}", "{brand}", "Newsletter", "{section} videos",
        "All {section}",
    ],
    "related_heading": ["Related articles", "You may also like:", "More from {brand}", "Recommended", "Read next"],
    "related_title": [
        "{n} {goods} you should know in {year}", "How {section} changed {goods}",
        "{section}: what {goods} cost in {year}",
        "Why {goods} matter", "The {year} guide to {goods}", "{section} roundup {n}",
    ],
    "teaser": [
        "In {year}, {n} readers asked us about {goods}, and our {section} desk has looked into what they cost.",
        "Our {section} correspondent reports from the {year} fair, where {n} makers of {goods} showed what is new.",
        "Introduction. This article studies how {goods} have changed {section} since {year}.",
    ],
    "tail": [
        "Share this: Facebook Twitter Email", "Read more...", "Copyright © {year} {brand}. All rights reserved.",
        "Previous: {related_title}\nNext: {related_title}",
        "{n} likes\nShare on Facebook\nSubscribe to our newsletter\n© {year} {brand}",
        "Posted in {section}, {section}\nLeave a comment\nBack to top",
    ],
}  # fmt: skip

DEVELOPMENT = Family(
    zh=_SHARED | _ZH,
    en=_SHARED | _EN,
    gloss_brackets=(("(", ")"), ("（", "）")),
    gloss_shares=(1.0, 0.5),
    watermark_places=("start", "middle", "end"),
    watermark_shares=(1.0,),
    block_places={
        "keyword_headers": ("before",),
        "adult_headers": ("before",),
        "navigation": ("before", "after"),
        "teasers": ("after", "inside"),
        "tails": ("after",),
    },
    invisible="\u200b\u2060\ufeff\u00ad\x00\x01\x08\x0e\x1f\x7f",
    line_ends=(("\r\n",), ("\r",), ("\u2028",), ("\n", "\r\n", "  \n", "\u3000\r\n", "\x85")),
)

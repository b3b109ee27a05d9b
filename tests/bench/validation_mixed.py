"""Furniture of many small sites: each line drawn from many separators, bullets, counts and forms of words."""

# ruff: noqa: SIM905, E501 - words and lines of pages read best as they stand.

from dataclasses import replace

from jobs.damage.development import DEVELOPMENT

_NUMBERS = {
    "n": [str(number) for number in range(1, 120)],
    "count": [str(number) for number in range(7, 90_000, 631)],
    "year": [str(year) for year in range(2006, 2026)],
    "two": [f"{number:02}" for number in range(1, 29)],
    "sign": [*"•·»›▶→★☆◆▪※✔|>-*+#🔔📣🛒☕⬇"],
    "word": "orbit velvet cobalt tundra maple zephyr quarry lantern nimbus pebble saffron walnut".split(),
    "url": ["www.{word}{n}.com", "https://{word}{word}.org/{n}", "{word}.co.uk", "{word}-{word}.info"],
}
_SEPARATORS = [
    " | ",
    "|",
    " - ",
    " / ",
    "/",
    ", ",
    ",",
    "; ",
    " · ",
    " • ",
    " > ",
    " » ",
    "_",
    "-",
    " :: ",
    " + ",
    "  ",
    " — ",
    "＞",
    "｜",
    "、",
    "，",
    " ★ ",
]


def _joined(slots: list[str], separators: list[str], counts: range) -> list[str]:
    """Every slot, so many times, with every separator."""
    return [separator.join([slot] * count) for slot in slots for separator in separators for count in counts]


_EN_SEPARATORS = [one for one in _SEPARATORS if one not in ("、", "，", "｜", "＞", "_")]
_EN = {
    "thing": (
        "bathroom tiles|dog food|wedding dresses|car insurance|kitchen knives|running shoes|credit cards|laptop "
        "bags|solar panels|fishing rods|"
        "office chairs|baby clothes|garage doors|swimming pools|video editors|tax advice|hair dryers|coffee "
        "machines|mountain bikes|winter coats|"
        "piano lessons|stock photos|tattoo designs|protein powder|vacuum cleaners|wine glasses|cruise holidays|"
        "leather sofas|phone repair|web hosting"
    ).split("|"),
    "town": "Oslo Lyon Kyoto Bremen Malaga Porto Dallas Seattle Chicago Berlin Mumbai Nairobi Lima Prague Turin "
    "Ghent".split(),
    "who": "J. Carver|Dana Holt|Luis Ortega|Wei Chen|Fatima Noor|Staff Writer|Admin|Guest|Editor|The Team".split("|"),
    "part": (
        "News|About|Blog|Store|Events|Gallery|Music|Cinema|Opinion|Team|Members|Donate|Pricing|Docs|Support|"
        "Partners|Careers|Press|Magazine|Radio|"
        "Photos|Cars|Homes|Recipes|Kids|Garden|Fitness|Money|Law|Faith|Pets|Comics|Horoscope|Puzzles|Tickets|"
        "Library|Research|Students|Alumni|Maps"
    ).split("|"),
    "site": ["{word} {word}", "{town} {part}", "{word}.com", "The {town} Review"],
    "key": [
        "{thing}", "{thing} {town}", "best {thing}", "cheap {thing}", "{thing} online", "{thing} reviews {year}",
        "buy {thing}", "{town} {thing} shop",
    ],
    "keyword_header": [
        *_joined(["{key}"], _EN_SEPARATORS, range(3, 7)), *_joined(["#{word}"], [" "], range(3, 7)),
        *(f"{label}{line}" for label in ("Keywords: ", "Tags: ", "Search: ", "Topics: ", "Popular: ", "Labels: ")
          for line in _joined(["{key}", "{word}"], [", ", "; ", " | ", " "], range(3, 6))),
        *(f"{line}\n{{key}}, {{key}}, {{key}}" for line in _joined(["{key}"], _EN_SEPARATORS, range(2, 4))),
        "{key}\n{key}\n{key}", "{thing} {town}, {thing} in {town}, {town} {thing} - {site}",
        "Visit {url} for {key}, {key} and {key}",
        "{key} - {key}\n{url}", "Call us now for {key}: +1 (800) 555 {count}",
    ],
    "lewd": "adult films|sex chat|nude photos|live cams|escort service|porn clips|hot singles|casino slots|xxx "
    "videos|erotic massage|hookup app|milf cams|swingers club".split("|"),
    "adult_header": [
        *_joined(["{lewd}"], _EN_SEPARATORS, range(2, 6)),
        *(f"{line} {{url}}" for line in _joined(["{lewd}"], [", ", " | "], range(2, 4))),
        "{lewd}\n{lewd}", "{lewd} in {town} - {lewd} - 18+", "Watch {lewd} online free, {lewd} HD",
        "{url} {lewd}\n{lewd}, {lewd}",
    ],
    "navigation_line": [
        *["{part}"] * 12, *_joined(["{part}"], [" | ", " / ", " · ", " • ", "  ", " > ", " "], range(3, 6)),
        *["{sign} {part}"] * 6, *["{part} ({n})"] * 4,
        "[{part}](https://{url})", "* [{part}](/{word}/{n})", "{part} & {part}", "{part} ▾", "Home › {part} › {part}",
        "You are here: Home / {part}", "Search this site",
        "{part} in {town}", "{town}", "{town}, {town}", "Log out", "Create account", "Select language",
        "Cart: 0 items", "${n}.99", "{word} {word}", "{title}", "{count} members online",
        "Page {n} of {count}", "« Prev {n} {n} {n} Next »", "A B C D E F G H I J K L M", "{year}",
        "{two}/{two}/{year}", "{who}", "View desktop site", "ALL {part}", "LATEST:",
    ],
    "related_heading": [
        "Also read:", "See also", "Related", "Related content", "Other articles", "More stories",
        "Hand-picked for you", "Suggested for you", "People also read", "From our partners",
        "Around the web", "Latest", "{part} news", "More {part}", "What others are reading", "Next up",
        "This week's top picks", "## Similar posts", "Further stories", "{sign} TOP {n}", "",
        "Discover more", "Editors' choice", "Most commented", "Continue with", "Newest", "Our best guides", "Featured",
        "You may have missed",
    ],
    "title": [
        "How to choose {thing}", "{n} things nobody tells you about {thing}", "{town} opens first {thing} museum",
        "Is this the end of {thing}?", "{thing}: all you need to know",
        "The rise and fall of {thing} in {town}", "{who}: 'I sold my {thing}'", "Review: {thing} tested",
        "{thing} vs {thing}", "Police in {town} seize {thing}", "{thing} makers face new tax",
        "A visit to {town}", "Meet the woman behind {town}'s {thing}", "What {year} taught us about {thing}",
        "{town} {word} festival returns", "The complete {word} handbook",
    ],
    "related_title": [
        *["{title}"] * 8, *["{sign} {title}"] * 3, "{n}. {title}", "{n} {title}", "{title} ({year})",
        "{two}.{two}.{year} {title}", "{title} - {site}", "{title} | {site}", "[{part}] {title}",
        "{part}: {title}", "[{title}](https://{url})", "* [{title}](/{word}/{n})", "{title} by {who}",
        "{title} {n} comments", "{title} [{count}]", "{title} ...", "{title} >>",
    ],
    "teaser": [
        "{town} has long been known for its {thing}, but a new generation of makers is changing that, writes {who}.",
        "{who} explains why {thing} are back in {town} after {n} years.",
        "Find out which {thing} our testers liked best and where in {town} you can get them.",
        "In this episode we talk to {who} about {thing}, {town} and what comes next.",
        "Abstract: We present a study of {thing} in {town} with {n} participants and discuss the results.",
        "We compared {n} {thing} so you don't have to. The results may surprise you.",
        "A court in {town} has ruled that {thing} must carry a warning from {year}.",
        "The market for {thing} grew by {n} percent in {year}, according to a report from {town}.",
        "{who} joined {site} in {year} and covers {thing} and {town}.",
        "Posted on {two}/{two}/{year} by {who} - When it comes to {thing}, {town} leads the way.",
        "Learn everything about {thing} with this free {n}-page guide by {who}!",
        "Do you love {thing}? Then you will love {town}, says {who}.",
        "{title}. {who} reports from {town}.",
        "{two}/{two}/{year} - The mayor of {town} announced {n} new {thing} on Monday.",
    ],
    "tail": [
        "Share", "Share this article", "Share on X | Share on LinkedIn | Copy link", "Tweet\nPin\nShare",
        "Print this page", "Send to a friend", "Read full story", "Read More »", "[Read more...]",
        "Comments are closed.", "No comments yet. Be the first!", "{n} Comments", "Leave a comment",
        "Post a comment\nName:\nE-mail:\nWebsite:", "You must be logged in to post a comment.",
        "Copyright {year} {site}", "© {year}-{year} {site}, Inc.",
        "(c) {site} {year}. Reproduction without permission is prohibited.", "All content © {site}",
        "Copyright © {year} by {who}",
        "Posted by {who} at {n}:{two} PM", "Posted in {part} | Tagged {word}, {word} | Leave a reply",
        "Tags: {word}, {word}, {word}", "Categories: {part}, {part}", "Labels: {word}, {word}",
        "Subscribe to our newsletter", "Get the best of {site} in your inbox.\nSubscribe", "Sign up for free",
        "Like us on Facebook and follow us on Twitter!", "Follow @{word} for more",
        "Terms and Conditions | Privacy Notice | Contact", "Privacy - Terms", "Site by {word}",
        "Powered by {word} CMS", "Proudly powered by WordPress", "Best viewed in Internet Explorer",
        "Advertisement", "ADVERTISEMENT\nCONTINUE READING BELOW", "Sponsored by {site}",
        "Last updated: {two} May {year}", "Photo: {who} / {site}", "Image credit: {who}",
        "About {who}\n{who} writes about {thing} for {site}.", "Contact the writer: {word}@{word}.com",
        "The views in this article are the author's own.", "Disclaimer: This is not financial advice.",
        "The information on this site is provided for general purposes only.",
        "As an Amazon Associate we earn from qualifying purchases.", "This site uses cookies. Learn more\nGot it",
        "Back to {part}", "Top ^", "« Older posts\nNewer posts »", "<< Previous | Next >>", "Prev\nNext",
        "Next: {title}", "Up next: {title}", "Rate this article\n{n} votes", "Was this page helpful?\nYes\nNo",
        "Download PDF", "Get the app", "Available on iOS and Android", "Visit us at {url}",
        "For more information visit {url}", "Reprinted with permission from {site}.", "Originally published at {url}",
        "{n} people found this useful", "{count} views", "+1\n{n} shares", "Report this post", "Hits: {count}",
        "Home | Top | Contact", "Join the discussion on our forum.",
        "Thanks for reading! If you liked it, hit the heart.",
        "Stay connected\nFacebook\nTwitter\nYouTube", "Filed to: {part}", "Enjoyed this? Support us on Patreon.",
        "Editor: {who}", "Written by {who}", "Written by {who}, edited by {who}.", "Register now", "Request a demo",
    ],
}  # fmt: skip

_ZH_SEPARATORS = [one for one in _SEPARATORS if one not in (" — ", " :: ")] + [" ", "；", "　", "——", "【】", "~"]
_ZH = {
    "thing": (
        "瓷砖 狗粮 婚纱照 车险 菜刀 跑步鞋 信用卡 电脑包 太阳能板 鱼竿 办公椅 童装 车库门 游泳池 剪辑软件 报税 "
        "吹风机 咖啡机 山地车 羽绒服 钢琴课 证件照 纹身 蛋白粉 吸尘器 红酒 邮轮游 "
        "真皮沙发 手机维修 虚拟主机 植发 雅思培训 月嫂 锅炉 茶叶 核桃 石墨烯 汽车轮胎 学区房 考研 公务员考试 "
        "美甲 近视手术"
    ).split(),
    "town": "嘉兴 宜昌 绵阳 株洲 烟台 保定 泉州 桂林 三亚 拉萨 大同 洛阳 芜湖 赣州 湛江 遵义".split(),
    "who": "张伟 李娜 王芳 刘洋 陈静 佚名 管理员 本站编辑 小编 赵一鸣 孙悦 通讯员".split(),
    "part": (
        "新闻 首页 关于 商城 活动 相册 音乐 影院 评论 团队 会员 捐赠 价格 文档 支持 伙伴 招聘 媒体 杂志 电台 "
        "图库 汽车 房产 菜谱 亲子 园艺 健身 理财 法律 宠物 漫画 星座 问答 票务 图书馆 科研 学生 校友 地图 "
        "下载 软件 驱动 手游 壁纸 笑话 作文 范文 论文 百科 天气 政策 公告 通知 党建 机构 服务 互动 直播"
    ).split(),
    "site": ["{town}在线", "{thing}网", "{part}之窗", "{town}{part}网", "{word}社区"],
    "key": [
        "{thing}", "{town}{thing}", "{thing}哪家好", "{thing}价格", "{thing}推荐", "{thing}{year}", "{thing}培训",
        "{town}{thing}公司", "{thing}下载", "{thing}排名", "什么{thing}好", "{thing}图片大全",
    ],
    "keyword_header": [
        *_joined(["{key}"], _ZH_SEPARATORS, range(3, 7)), *_joined(["#{thing}"], [" ", "# "], range(3, 7)),
        *(f"{label}{line}" for label in ("关键词：", "标签：", "关键字:", "热门搜索：", "TAG：", "相关搜索: ", "主营产品：")
          for line in _joined(["{key}", "{thing}"], ["，", ",", " ", "、", "|", "；"], range(3, 6))),
        *(f"{line}\n{{key}},{{key}},{{key}}" for line in _joined(["{key}"], _ZH_SEPARATORS, range(2, 4))),
        "{key}\n{key}\n{key}", "{town}{thing},{town}{thing}公司,{town}{thing}价格-{site}",
        "{key}就上{site}，{key}、{key}", "{key}_{key}\n{url}", "{thing}咨询电话：13{count}{count} 微信同号",
    ],
    "lewd": "成人网站 色情直播 裸聊 情色电影 约炮平台 美女写真 澳门赌场 三级片 午夜影院 丝袜美腿 人妻小说 "
    "福利视频 一夜情 偷拍自拍 日韩无码".split(),
    "adult_header": [
        *_joined(["{lewd}"], _ZH_SEPARATORS, range(2, 6)),
        *(f"{line} {{url}}" for line in _joined(["{lewd}"], ["，", "|"], range(2, 4))),
        "{lewd}\n{lewd}", "{town}{lewd}-{lewd}-最新地址", "{lewd}在线观看，{lewd}高清免费",
        "{url} {lewd}\n{lewd}，{lewd}",
    ],
    "navigation_line": [
        *["{part}"] * 12, *_joined(["{part}"], ["|", " | ", "/", "·", " ", "　", ">", "┊"], range(3, 6)),
        *["{sign}{part}"] * 6, *["{part}({n})"] * 4,
        "[{part}](https://{url})", "* [{part}](/{word}/{n})", "{part}{part}", "{part}中心", "首页 > {part} > {part}",
        "当前位置：{part} → 详情", "站内搜索", "{town}{part}", "{town}", "{town} {town}", "退出", "创建账号",
        "简体中文", "购物车 0 件", "￥{n}.00", "{thing}", "{title}", "在线人数：{count}", "第{n}页",
        "上一页 1 2 3 下一页", "ABCDEFGHIJKLM", "{year}年", "{year}-{two}-{two}", "{who}", "电脑版", "全部{part}",
        "[更多]", "热门{part}", "{part}专区",
    ],
    "related_heading": [
        "另请参阅", "相关内容", "其他文章", "更多内容", "为您精选", "猜你想看", "网友还看了", "合作伙伴推荐",
        "网络热点", "最新", "{part}动态", "更多{part}", "大家在看", "接下来", "本周推荐", "## 类似文章", "延伸内容",
        "{sign}排行TOP{n}", "",
        "发现更多", "小编精选", "评论最多", "继续浏览", "最新发布", "相关链接：", "专题推荐", "您可能错过的",
        "上一期回顾", "随机文章", "图文推荐", "热门标签", "推荐信息",
    ],
    "title": [
        "如何挑选{thing}", "关于{thing}你不知道的{n}个秘密", "{town}首家{thing}博物馆开馆", "{thing}的时代结束了吗？",
        "{thing}全攻略", "{town}{thing}的兴衰", "{who}：我把{thing}卖了", "{thing}实测：到底值不值",
        "{thing}和{thing}哪个更好", "{town}警方查获一批{thing}", "{thing}厂商面临新税", "走进{town}",
        "{town}{thing}背后的女人", "{year}年{thing}盘点", "{town}文化节回归", "{thing}使用说明书",
        "{town}举行{thing}交流会",
    ],
    "related_title": [
        *["{title}"] * 8, *["{sign}{title}"] * 3, "{n}.{title}", "{n} {title}", "{title}（{year}）",
        "{year}-{two}-{two} {title}", "{title}-{site}", "{title}|{site}", "[{part}]{title}", "{part}：{title}",
        "[{title}](https://{url})",
        "* [{title}](/{word}/{n})", "{title} {who}", "{title} {n}评论", "{title}[{count}]", "{title}...", "{title}>>",
        "{title}{two}-{two}",
    ],
    "teaser": [
        "{town}素以{thing}闻名，但新一代的手艺人正在改变这一切，{who}报道。",
        "{who}解释为什么{n}年之后{thing}又回到了{town}。", "看看我们的评测员最喜欢哪款{thing}，在{town}哪里可以买到。",
        "本期节目我们和{who}聊聊{thing}、{town}以及未来。",
        "摘要 目的：探讨{thing}在{town}地区的应用效果。方法：选取{year}年{n}例样本进行分析。",
        "我们对比了{n}款{thing}，结果可能会让你大吃一惊。", "{town}一家法院裁定，{thing}自{year}年起必须附有警示。",
        "据{town}发布的报告，{thing}市场在{year}年增长了{n}%。",
        "{who}于{year}年加入{site}，主要报道{thing}和{town}。",
        "{year}-{two}-{two} {who} 说到{thing}，{town}可是走在前面。", "免费领取{who}编写的{n}页{thing}指南！",
        "你喜欢{thing}吗？那你一定会爱上{town}的。", "{title}。{who}{town}报道。",
        "{two}月{two}日，{town}市长宣布新增{n}个{thing}项目。",
        "随着生活水平的提高，{town}市民对{thing}的需求越来越大，{who}为此做了调查。",
    ],
    "tail": [
        "分享", "分享本文", "复制链接", "转发\n收藏\n点赞{n}", "打印本页", "推荐给好友", "查看全文", "阅读原文",
        "【查看详细】", "评论已关闭", "暂无评论，快来抢沙发吧", "{n}条评论", "我来说两句",
        "发表评论\n姓名：\n邮箱：\n网址：", "请登录后发表评论",
        "版权所有 {year} {site}", "© {year}-{year} {site}", "本网站版权归{site}所有，未经书面许可不得复制",
        "Copyright © {year} {site} 版权所有", "{who} 发表于 {year}-{two}-{two} {n}:{two}",
        "发布于{part} | 标签：{thing}、{thing}",
        "标签：{thing} {thing}", "分类：{part}，{part}", "TAG：{thing}", "订阅我们的邮件",
        "第一时间获取{site}最新资讯\n订阅", "免费注册", "欢迎关注我们的官方微博！", "关注@{site} 获取更多",
        "使用条款 | 隐私政策 | 联系方式", "网站建设：{site}",
        "技术支持：{site}", "建议使用IE8.0以上浏览器浏览本站", "广告", "赞助商链接", "最后更新：{year}年{n}月",
        "图片来源：{site}", "供图：{who}", "关于作者\n{who}，{site}专栏作者。", "联系作者：{word}@{word}.com",
        "文章内容仅代表作者个人意见。",
        "投资有风险，入市需谨慎。本文不构成投资建议。", "本站内容由网友上传，如侵犯您的权益请告知，我们将立即删除。",
        "转载请保留原文地址：{url}", "本站使用Cookie\n同意", "返回列表", "回到顶部↑", "上一篇：{title}",
        "下一篇：没有了", "前一页\n后一页", "下一条：{title}",
        "给本文评分\n{n}人已评", "这篇文章对您有帮助吗？\n有\n没有", "下载PDF", "下载客户端", "支持iOS和安卓",
        "官网：{url}", "更多信息请访问{url}", "本文经{site}授权转载", "原文链接：{url}", "{n}人觉得有用",
        "阅读 {count}", "浏览次数：{count}", "举报", "点击数：{count}",
        "首页 | 顶部 | 联系", "欢迎到论坛参与讨论", "感谢阅读！喜欢的话点个赞吧", "关注我们\n微博\n微信\n抖音",
        "文/{who}", "（作者：{who}）", "编辑：{who}", "（编辑 {who}）", "审核：{who}", "立即报名", "申请试用",
        "【字体：大 中 小】【打印】【关闭】", "ICP备案号：沪ICP备{count}号",
        "沪公网安备 310{count}号", "责任编辑：{who}", "（来源：{site}）", "来源：{site}", "扫描下方二维码加入交流群",
        "微信扫码 关注{site}", "加入QQ群：{count}{count}", "客服QQ：{count}{count} 电话：0571-8{count}",
    ],
}  # fmt: skip

MIXED = replace(DEVELOPMENT, zh=DEVELOPMENT.zh | _NUMBERS | _ZH, en=DEVELOPMENT.en | _NUMBERS | _EN)

"""Furniture as news portals have it: menus in one line, tickers, counts, editors, notices of all forms."""

# ruff: noqa: SIM905, E501, ISC004 - words and lines of pages read best as they stand.

from dataclasses import replace

from jobs.damage.development import DEVELOPMENT

_NUMBERS = {
    "count": [str(number) for number in range(3, 99_000, 271)],
    "small": [str(number) for number in range(1, 60)],
    "year": [str(year) for year in range(2009, 2026)],
    "clock": ["08:15", "9:40 am", "14:02", "17:55", "21:30", "6:05 PM"],
    "host": "harbourpost ridgeline metrodaily lakeside-times thebeacon northgate zhoubao dushikb jrcb".split(),
    "url": ["https://www.{host}.com", "www.{host}.com.cn", "{host}.net", "m.{host}.com"],
}

_ZH = {
    "surname": list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"),
    "given": "建国 晓梅 志强 丽华 子涵 宇航 雅婷 浩然 思远 敏".split(),
    "person": ["{surname}{given}"],
    "place": "青岛 合肥 郑州 长沙 昆明 贵阳 厦门 大连 济南 福州 海口 银川".split(),
    "paper": ["{place}晚报", "{place}新闻网", "都市快报", "第一时讯", "{place}日报数字版", "环球视点"],
    "channel": "国内 国际 社会 评论 证券 基金 理财 彩票 女性 育儿 数码 家居 星座 公益 法治 文娱 楼市 车市 直播 "
    "专题".split(),
    "topic": "油价 高考 地铁 台风 医保 房贷 春运 演唱会 公积金 垃圾分类 共享单车 直播带货 新能源车 养老金".split(),
    "verb": "迎来新规 再创新高 引热议 正式启动 全面放开 突然叫停 公布名单 官方回应".split(),
    "date": ["{year}-0{one}-1{one}", "{year}年{one}月2{one}日", "0{one}/1{one}"],
    "one": list("123456789"),
    "keyword": ["{place}{topic}", "{topic}{year}", "{topic}最新消息", "{place}{topic}政策", "{topic}查询"],
    "keyword_header": [
        "{keyword}最新报道_{place}{topic}_{paper}",
        "关键词：{keyword} {keyword} {keyword} {keyword}",
        "{keyword} - {keyword} - {paper}\n关键字：{keyword},{keyword},{keyword}",
        "Keywords: {keyword}; {keyword}; {keyword}; {keyword}",
        "#{keyword}# #{keyword}# #{keyword}#",
    ],
    "naughty": "宅男福利 同城交友 美女热舞 深夜剧场 夫妻秘密 大尺度写真 成人用品".split(),
    "adult_header": [
        "{naughty} > {naughty} > {naughty}",
        "【{naughty}】{naughty} / {naughty} / {naughty}",
        "{naughty}大全 {naughty}图片 {naughty}在线看\n点击进入{naughty} {url}",
    ],
    "menu": ["{channel} | {channel} | {channel} | {channel}", "{channel}·{channel}·{channel}·{channel}·{channel}"],
    "navigation_line": [
        "{menu}", "{menu}", "您的位置：首页 > {channel} > {channel}", "首页 » {channel} » 正文", "设为首页 | 收藏本站",
        "{place}站 [切换城市]", "{channel}({count})", "滚动新闻：{place}{topic}{verb}", "欢迎您，请登录 / 注册",
        "邮箱 微博 客户端 手机版", "{place} 多云 1{one}~2{one}℃", "字号：大 中 小",
        "{channel} {channel} {channel} {channel}",
        "返回首页", "搜索", "热搜：{topic} {topic} {topic}", "{topic}{verb} {date}",
    ],
    "related_heading": [
        "今日热点", "新闻排行榜", "更多精彩推荐 >>", "点击排行", "24小时热文", "", "◆ 编辑推荐", "本周要闻",
    ],
    "related_title": [
        "{small}. {place}{topic}{verb}", "[{date}] {place}{topic}{verb}", "{place}{topic}{verb} ({date})",
        "· {topic}{verb}：{person}这样说", "{place}{topic}{verb} 阅读 {count}", "{channel} | {place}{topic}{verb}",
        "▪ {topic}{verb} {place}市民怎么看？",
    ],
    "teaser": [
        "{paper}讯（记者 {person}）{date}，{place}{topic}{verb}，相关部门表示将持续关注。",
        "【{channel}】{place}{topic}{verb}，专家{person}解读背后的原因。[详细]",
        "{paper}{one}月1{one}日电 {place}市有关负责人{date}介绍，{topic}工作已{verb}。",
        "{person}：{topic}{verb}，{place}居民将会受益。（{count}评论）",
    ],
    "tail": [
        "(责编：{person}、{person})",
        "（原标题：{place}{topic}{verb}）\n编辑 {person}\n本文来源：{paper}",
        "责任编辑：{person} PN0{small}\n我要评论 ({count})\n举报/反馈",
        "来源：{paper}　　作者：{person}　　编辑：{person}",
        "网站声明：凡本网注明“来源：{paper}”的作品，未经授权不得转载。\n联系电话：0{small}1-8{count}",
        "关于我们 | 广告服务 | 联系我们 | 法律声明 | 招聘信息\n{paper}版权所有 未经书面授权禁止使用\n京公网安备1101{count}号 京ICP证{count}号",
        "[打印] [关闭] [收藏] [字体：大 中 小]\n分享到 新浪微博 微信好友 QQ",
        "（本文仅代表作者个人观点，与{paper}无关。其原创性以及文中陈述文字和内容未经本站证实，仅供参考。）",
        "更多内容请下载{paper}客户端\n24小时新闻热线：{count}{count}",
        "Copyright {year}-{year} {url} All Rights Reserved.",
    ],
}  # fmt: skip

_EN = {
    "person": ["{given} {family}"],
    "given": "Alice Marcus Priya Tom Yusuf Helen Carlos Nadia Simon Grace".split(),
    "family": "Whitfield Okafor Lindqvist Pereira Novak Tanaka Brennan Castillo Dunne Mehta".split(),
    "place": "Leeds Austin Toronto Dublin Perth Boston Cardiff Denver Auckland Glasgow Miami Ottawa".split(),
    "paper": ["The {place} Courier", "{place} Evening Post", "Metro {place}", "The Beacon", "Harbour Post"],
    "channel": "World Politics Opinion Markets Tech Lifestyle Arts Obituaries Crosswords Podcasts Education "
    "Property".split(),
    "topic": "rail strikes|interest rates|school meals|broadband prices|house prices|the budget|wildfires|"
    "energy bills".split("|"),
    "verb": "explained|to rise again, experts warn|spark row in council|hit record high|under review|'out of "
    "control'".split("|"),
    "month": "January Feb March Apr June July Sept October Nov December".split(),
    "date": ["{month} {small}, {year}", "{small} {month} {year}", "{year}-11-2{one}", "0{one}/1{one}/{year}"],
    "one": list("123456789"),
    "headline": [
        "{topic} {verb}", "{place} {topic} {verb}", "{place} mayor on {topic}", "What {topic} mean for {place}",
    ],
    "keyword": ["{place} {topic}", "{topic} {year}", "{place} news today", "latest on {topic}"],
    "keyword_header": [
        "Keywords: {keyword}, {keyword}, {keyword}, {keyword}",
        "{keyword} / {keyword} / {keyword} / {paper}",
        "#{place}News #{place}Live #Breaking #{channel} #Trending",
        "{keyword} » {keyword} » {keyword}\nTags {keyword}; {keyword}; {keyword}",
        "{keyword}; {keyword}; {keyword}; {keyword}; {keyword}",
    ],
    "naughty": "meet local singles|hot singles in {place}|live cam girls|adult dating|mature chat rooms|sexy "
    "wallpapers".split("|"),
    "adult_header": [
        "{naughty} / {naughty} / {naughty}", "{naughty} - {naughty} - {url}", "{naughty}\n{naughty}\n{naughty}",
        "18+ only: {naughty} * {naughty} * {naughty}",
    ],
    "navigation_line": [
        "{channel} | {channel} | {channel} | {channel}", "Home > {channel} > {channel}",
        "HOME  {channel}  {channel}  {channel}",
        "BREAKING: {headline}", "Sign in | Subscribe | E-edition", "Skip to main content", "Search",
        "{month} {small}, {year} {clock}",
        "{channel} · {channel} · {channel}", "Today's paper", "{place} 1{one}°C", "Weather: {place}, 2{one}°", "Menu",
        "LIVE {headline}",
        "Change region: {place} / {place} / {place}", "Your account", "{channel} ({count})", "Text size: A A A",
    ],
    "related_heading": [
        "Most Popular", "TRENDING NOW", "In Other News", "Top Stories", "", "Don't miss", "Most read in {channel}",
    ],
    "related_title": [
        "{small}. {headline}", "{headline} ({date})", "{headline} - {count} views", "{channel} | {headline}",
        "{headline}",
        "WATCH: {headline}", "{headline} {small} comments", "* {headline}",
    ],
    "teaser": [
        "{place} ({paper}) - Officials said on {date} that {topic} were being watched closely, {person} "
        "reports. Read more",
        "{person} looks at {topic} in {place} and asks what comes next for families there.",
        "By {person}, {date}: the council of {place} will vote on {topic} next week, sources told {paper}.",
        "Opinion: {person} argues that {topic} will decide the next election in {place}.",
    ],
    "tail": [
        "Follow {paper} on Twitter, Facebook and Instagram",
        "Email the author: {person} at {host}@{host}.com\nPrint | Email | Share",
        "© {year} {paper}. All rights reserved. This material may not be published, broadcast, rewritten or "
        "redistributed.",
        "Reporting by {person}; Editing by {person}",
        "This story was originally published {date}, {clock}.\nComments ({count})\nReport an error",
        "Terms of Use | Privacy Policy | Cookie Policy | Advertise With Us\n{paper} is a trading name of {place} Media Ltd.",
        "We use cookies to give you the best experience on our website. Accept all cookies",
        "Disclaimer: The views expressed are those of the author and do not reflect the position of {paper}.",
        "Sign up for our daily briefing\nEnter your email address\nBy signing up you agree to our terms and privacy policy.",
        "Topics: {channel}, {topic}, {place}\nMore on this story\nAdvertisement",
    ],
}  # fmt: skip

PORTALS = replace(DEVELOPMENT, zh=DEVELOPMENT.zh | _NUMBERS | _ZH, en=DEVELOPMENT.en | _NUMBERS | _EN)

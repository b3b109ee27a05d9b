"""Furniture as shops, forums, download sites and farms of copied pages have it: prices, banners, log-in boxes."""

# ruff: noqa: SIM905 - words and lines of pages read best as they stand.

from dataclasses import replace

from jobs.damage.development import DEVELOPMENT

_NUMBERS = {
    "count": [str(number) for number in range(5, 9_900, 83)],
    "small": [str(number) for number in range(1, 30)],
    "year": [str(year) for year in range(2008, 2026)],
    "price": ["19.90", "128.00", "5", "1,299", "35.5", "480"],
    "model": "X200 V8 T-15 ZK90 Pro3 M2 L-77 Q10".split(),
    "host": "xiazai88 gougou365 bestdealz toolbarn 51haohuo megafiles partsdepot".split(),
    "url": ["www.{host}.com", "http://{host}.cc/", "bbs.{host}.net"],
    "phone": ["400-820-{count}", "138{count}{count}", "(555) 010-{count}", "020-8{count}"],
}

_ZH = {
    "town": "义乌 佛山 东莞 温州 苏北 石家庄 沧州 临沂 无锡 常州 中山 惠州".split(),
    "ware": "脚手架 叉车 打包机 防水涂料 塑料桶 网站建设 代理记账 开锁 搬家 除甲醛 货架 不锈钢管 发电机 电缆 "
    "奶茶加盟".split(),
    "suffix": "厂家 批发 公司 报价 价格表 多少钱 哪里有 供应商 图片 型号 加工 定制".split(),
    "keyword": ["{town}{ware}{suffix}", "{ware}{suffix}", "{town}{ware}", "专业{ware}{suffix}"],
    "shop": ["{town}市{given}{ware}有限公司", "{given}{ware}{suffix}", "{host}下载站", "{given}商城"],
    "given": "鑫源 宏达 永兴 恒信 顺发 瑞丰 百川 金桥".split(),
    "keyword_header": [
        "{town}{ware}-{town}{ware}{suffix}-{town}{ware}{suffix}",
        "{ware}{suffix}，{ware}{suffix}，{town}{ware}{suffix}，{shop}",
        "{keyword} {keyword} {keyword} {keyword} 咨询热线：{phone}", "{keyword}>>{keyword}>>{keyword}",
        "{keyword}\n{keyword}\n{keyword}\n{keyword}", "★{keyword}★{keyword}★{keyword}★",
        "{shop}主营：{keyword}、{keyword}、{keyword}、{keyword}等",
        "【{keyword}】{keyword}_{keyword}", "{keyword}/{keyword}/{keyword}/{keyword} 联系人：{given}先生 {phone}",
    ],
    "naughty": "伴游 足浴按摩 美女棋牌 成人电影 一夜情 真人发牌 丝袜诱惑 激情视频".split(),
    "adult_header": [
        "{town}{naughty}-{town}{naughty}-{town}{naughty}", "{naughty}★{naughty}★{naughty}★{url}",
        "{naughty}网址 {naughty}导航 {naughty}下载 {naughty}资源",
        "{naughty}\n{naughty}\n{url}", "澳门{naughty}，{naughty}平台，{naughty}开户",
    ],
    "navigation_line": [
        "网站首页", "产品中心", "→{ware}", "{ware}{suffix}", "¥{price}", "{ware} {model} ￥{price}", "购物车({small})",
        "客服热线 {phone}",
        "用户名：", "密码：", "忘记密码？", "立即注册", "> {ware}系列", "主题 {count} 帖子 {count}", "◇ {keyword}",
        "全部商品分类", "在线留言",
        "{town}分站", "下载次数：{count}", "▶ {ware}{model}", "商品评价({count})", "加入购物车", "收藏店铺",
        "资质荣誉", "{shop}", "软件大小：{price}MB",
        "打开APP查看更多", "+关注", "论坛›{ware}›{suffix}", "企业文化",
    ],
    "related_heading": [
        "看了又看", "同类产品", "热销排行", "相关产品：", "最新帖子", "新闻动态 / NEWS", "", "本类下载排行",
        "大家都在搜",
    ],
    "related_title": [
        "{keyword} ￥{price}", "{small} {keyword}", "◎{keyword}", "{ware}{model}{suffix}", "[{town}] {keyword}",
        "{ware}怎么选{suffix}好",
        "{keyword} {year}-1{small}", "求助：{ware}{model}{suffix}", "»{keyword}",
    ],
    "teaser": [
        "{shop}专业生产{ware}，{town}本地发货，欢迎来电咨询{phone}。",
        "{keyword}：{shop}为您提供优质的{ware}，价格实惠，{small}年老店值得信赖！",
        "{ware}{model}采用优质材料，适用于{town}等地区，{year}年销量突破{count}台。",
        "{town}客户张先生购买了{ware}{model}，{small}天前评价：质量不错，物流很快。",
    ],
    "tail": [
        "下载地址：{url}{model}.zip\n解压密码：{url}", "立即下载APP，享受更多优惠",
        "联系人：{given}经理\n电话：{phone}\n地址：{town}市工业园{small}号",
        "上一章 目录 下一章",
        "本站所有资源均来自互联网，仅供学习交流，请于下载后24小时内删除。\n如有侵权，请发邮件至admin@{host}.com，我们会及时处理。",
        "登录后才能回复\n本版积分规则\n快速回复 返回列表", "赞 {small} 踩 {small}\n回复 举报 楼主",
        "页面执行时间 0.0{small} 秒\nPowered by Discuz! X3.{small} © 2001-{year}",
        "扫码下载{host}，新人立减{small}元",
        "{shop} 版权所有 粤ICP备{count}{count}号-{small} 技术支持：{given}科技 网站地图 XML",
        "以上就是关于{ware}{suffix}的全部内容，更多{ware}知识请关注{shop}。",
        "猜您喜欢：{keyword} {keyword} {keyword}", "本页关键词：{keyword},{keyword},{keyword}",
        "温馨提示：图片仅供参考，请以实物为准。\n加入收藏夹 | 到货通知",
        "友情链接：{ware}网 {given}网 {town}{ware} {keyword}", "最新章节请记住本站网址 {url}",
    ],
}  # fmt: skip

_EN = {
    "town": "Houston Manchester Phoenix Brisbane Bristol Tampa Calgary Leeds Newark Reno".split(),
    "ware": "forklifts|garden sheds|LED bulbs|roof repair|drill bits|locksmiths|phone cases|carpet cleaning|SEO "
    "services|used tires|pallet racks".split("|"),
    "keyword": [
        "{ware} {town}", "{town} {ware}", "wholesale {ware}", "{ware} supplier", "affordable {ware}", "{ware} price",
        "24 hour {ware}", "{ware} {model}",
    ],
    "keyword_header": [
        "{ware} {town} - {ware} in {town} - {town} {ware} company", "{keyword}/{keyword}/{keyword}/{keyword}",
        "{keyword} >> {keyword} >> {keyword}",
        "{keyword}\n{keyword}\n{keyword}\n{keyword}", "{keyword}, {keyword}, {keyword} - Call {phone}",
        "BEST {keyword} | TOP {keyword} | {keyword} REVIEWS",
        "★ {keyword} ★ {keyword} ★ {keyword}", "Need {ware}? {town} {ware} - {ware} deals - visit {url}",
    ],
    "naughty": "escorts|casino bonus|massage girls|xxx tube|porn videos|sex toys|strip poker|adult webcams".split("|"),
    "adult_header": [
        "{town} {naughty} - {town} {naughty} - {town} {naughty}", "{naughty} >> {naughty} >> {naughty}",
        "FREE {naughty} FREE {naughty} FREE {naughty}",
        "{naughty} {naughty} {naughty} {naughty}", "{naughty} + {naughty} + {naughty}\nvisit {url} now",
    ],
    "navigation_line": [
        "HOME", "SHOP ALL", "> {ware}", "» {ware}", "{ware} (${price})", "MY CART (0)", "CALL US: {phone}",
        "Username:", "Password:", "Forgot your password?",
        "Remember me", "Add to Wishlist", "${price}", "{ware} {model} - ${price}", "Free shipping over $50", "Compare",
        "Topics: {count} Posts: {count}",
        "[+] {ware}", "Downloads: {count}", "★★★★☆ ({count})", "SALE", "Track my order", "Help & FAQ", "Gift cards",
        "{town} stores", "English | Español | Français",
        "CONTACT US", "Currency: USD", "◆ {ware}", "Quick Links", "Forum > {ware} > {town}",
    ],
    "related_heading": [
        "CUSTOMERS ALSO BOUGHT", "Similar products", "Recently viewed items", "Hot Deals", "Sponsored Links", "",
        "Top downloads", "LATEST THREADS",
    ],
    "related_title": [
        "{ware} {model} - ${price}", "{small} x {ware}", "» {keyword}", "Best {ware} of {year}", "[{town}] {keyword}",
        "{keyword} ({count} reviews)",
        "Re: {ware} {model} broken", "> {keyword}", "{ware} for {town} homes",
    ],
    "teaser": [
        "Looking for {ware} in {town}? Call {phone} today and get {small}% off your first order!",
        "Our {ware} {model} is made from quality parts and ships from {town} within {small} days.",
        '"Great {ware}, fast delivery!" wrote a customer from {town} {small} days ago. ★★★★★',
        "{town} {ware} - we are a family business with {small} years of experience in {ware}. Free quotes.",
    ],
    "tail": [
        "Download our app on the App Store and Google Play", "Add to cart\nBuy now\nAsk a question",
        "Was this helpful? Yes No",
        "You must log in or register to reply here.\nShare:\nFacebook X Reddit Email Link",
        "Page generated in 0.0{small} seconds. Powered by phpBB",
        "Prices and availability are subject to change without notice.",
        "Customer Service: {phone} | Mon-Fri 9am-5pm\nAll trademarks are property of their respective owners.",
        "Copyright (C) {year} {host}.com - Designed by {host}", "Scan the QR code to download",
        "Write a review\nYour rating\nSubmit",
        "Visa | Mastercard | PayPal | Apple Pay\nSecure checkout\nReturn policy",
        "Mirror 1 | Mirror 2 | Mirror 3\nFile size: {price} MB\nReport broken link",
        "Previous Chapter | Table of Contents | Next Chapter", "Search tags: {keyword}, {keyword}, {keyword}",
        "Get a free quote today! Call {phone}", "Report Abuse | Print Page | Powered By Google Sites",
    ],
}  # fmt: skip

SHOPS = replace(DEVELOPMENT, zh=DEVELOPMENT.zh | _NUMBERS | _ZH, en=DEVELOPMENT.en | _NUMBERS | _EN)

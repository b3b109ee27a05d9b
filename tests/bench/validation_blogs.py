"""Furniture as blogs and platforms for writers have it: Markdown links, tag clouds, author boxes, comment forms."""

# ruff: noqa: SIM905, E501 - words and lines of pages read best as they stand.

from dataclasses import replace

from jobs.damage.development import DEVELOPMENT

_NUMBERS = {
    "count": [str(number) for number in range(2, 4_000, 37)],
    "small": [str(number) for number in range(1, 40)],
    "year": [str(year) for year in range(2011, 2026)],
    "emoji": list("🔥👉📌✨💡❤🎉👍📚⭐"),
    "slug": "about-me archive-{year} tips wanderings post-{count} category/{small} notes".split(),
    "url": ["/{slug}", "https://{handle}.blog/{slug}", "https://example.org/{slug}.html"],
    "handle": "sunnyday paperboat moko_writes thequietcook liuxing inkwell88 hillwalker".split(),
}

_ZH = {
    "nick": "小鹿 阿木 半夏微凉 北岛来信 一只喵 老周聊职场 风吹麦浪 南瓜马车 大白 七月".split(),
    "tag": "读书 旅行 前端 写作 摄影 情感 职场 手帐 减脂 亲子 电影 理财 面试 家常菜 瑜伽 护肤".split(),
    "subject": "拖延症 通勤时间 存钱 旧书店 早起 露营 断舍离 拍照 独居 记账 冥想 阳台种菜".split(),
    "title": [
        "关于{subject}，我想说的{small}件事", "{subject}：从入门到放弃", "为什么我不再{subject}了",
        "{nick}的{subject}笔记",
        "{small}个{subject}技巧，建议收藏", "{tag}与{subject}", "如何看待{subject}？", "{year}年我的{subject}总结",
    ],
    "keyword_header": [
        "#{tag} #{tag} #{tag} #{subject}", "标签 {tag} {subject} {tag} {subject} {tag}",
        "{subject}技巧/{subject}心得/{subject}攻略/{tag}", "{subject}怎么办？{subject}推荐！{subject}教程！{tag}必看",
        "{tag} · {subject} · {tag} · {subject} · {tag}", "{subject}攻略 | {subject}方法 | {tag}分享 | {nick}",
    ],
    "naughty": "约会神器 撩妹套路 私房照 少妇直播 激情小说 羞羞漫画 情趣内衣".split(),
    "adult_header": [
        "{emoji}{naughty}{emoji}{naughty}{emoji}{naughty}", "{naughty}，{naughty}，{naughty}免费看",
        "加微信看{naughty}、{naughty}、{naughty}",
        "{naughty}|{naughty}\n{naughty}|{naughty}|{naughty}",
    ],
    "navigation_line": [
        "[首页]({url})", "[{tag}]({url})", "* [归档]({url})", "- [{tag} ({count})]({url})", "{tag}({small})",
        "{emoji} {tag}",
        "{year}年{small}月 ({count})", "关于", "友情链接", "RSS", "{tag} {tag} {tag} {tag} {tag}",
        "[登录]({url}) · [注册]({url})",
        "{nick}的主页", "粉丝 {count}", "关注 {small}", "{title} [{count}]", "博客园 首页 新随笔 联系 订阅 管理",
        "订阅本站",
        "最新评论", "随笔分类", "写文章", "▸ {tag}",
    ],
    "related_heading": [
        "## 你可能感兴趣", "### 相关推荐", "更多文章", "{emoji}往期回顾", "【往期精选】", "作者的其他文章：", "",
        "下期预告",
    ],
    "related_title": [
        "[{title}]({url})", "- {title}", "{emoji} {title}", "{small}、{title}", "{title} - {nick}",
        "*   [{title}]({url})",
        "{title}（{count}阅读）", "👉 {title}",
    ],
    "teaser": [
        "{nick} · {small}分钟前 · {title}，今天就来聊聊{subject}这个话题吧！",
        "很多人问我{subject}到底值不值得，{nick}用{year}年的亲身经历告诉你答案……",
        "前言 最近在学{tag}，顺便把{subject}的坑整理了一下，希望对你有帮助。",
        "{title}。作为一个{tag}爱好者，我在{subject}上花了{small}个月的时间。",
    ],
    "tail": [
        "作者：{nick}\n链接：https://{handle}.cn/p/{count}\n著作权归作者所有。商业转载请联系作者获得授权，非商业转载请注明出处。",
        "— END —\n如果觉得不错，点个“在看”支持一下吧 {emoji}",
        "👇 长按识别二维码，关注{nick}\n添加时请备注：{tag}",
        "喜欢 ({count})\n赏\n分享\n评论 {small}",
        "发表评论\n昵称 *\n邮箱 *\n网址\n提交",
        "本作品采用知识共享署名-非商业性使用 4.0 国际许可协议进行许可。",
        "posted @ {year}-0{small} {nick} 阅读({count}) 评论({small}) 编辑 收藏",
        "欢迎在评论区留言，我们下期再见！\n喜欢我的文章就关注我吧～",
        "赞赏支持\n还没有人赞赏，支持一下\n{nick} 总资产{small} 共写了{count}字",
        "本文由 {nick} 授权发布，未经许可，禁止转载。题图来自 Unsplash。",
        "最后编辑于：{year}-1{small}\n©著作权归作者所有，转载或内容合作请联系作者",
    ],
}  # fmt: skip

_EN = {
    "nick": "Maya Joel Hannah|The Quiet Cook|Ben R.|Sasha|Old Ink|Wanderer Jo".split("|"),
    "tag": "recipes minimalism knitting python travel parenting gardening photography budgeting yoga books diy "
    "coffee".split(),
    "subject": "sourdough|tiny houses|morning routines|houseplants|bullet journals|slow travel|cold showers|"
    "side projects".split("|"),
    "title": [
        "{small} lessons from a year of {subject}", "My honest thoughts on {subject}", "Getting started with {subject}",
        "Why I gave up {subject}", "{subject}: a beginner's guide", "The truth about {subject}",
        "On {subject} and {tag}",
    ],
    "keyword_header": [
        "#{tag} #{tag} #{tag} #{tag}", "Tags: #{tag}, #{tag}, #{tag}",
        "{subject} tips • {subject} ideas • {subject} hacks • {tag} blog",
        "{tag} {tag} {tag} {tag} {tag} {tag} {tag}",
        "{subject} blog, {subject} for beginners, {tag} tips, {tag} inspiration",
        "{subject} | {tag} | {handle}\n{subject} ideas, {subject} inspiration, {tag} ideas",
    ],
    "naughty": "lingerie haul|spicy photos|nsfw stories|cam show|erotic fiction|sexting tips|naughty chat".split("|"),
    "adult_header": [
        "{emoji} {naughty} {emoji} {naughty} {emoji}", "{naughty} • {naughty} • {naughty} • 18+",
        "{naughty}, {naughty} and more {naughty}\nclick here {url}",
        "{naughty} :: {naughty} :: {naughty}",
    ],
    "navigation_line": [
        "[Home]({url})", "* [{tag}]({url})", "- [About me]({url})", "{tag} ({count})", "{emoji} {tag}",
        "[{title}]({url})", "Archives",
        "{year} ({small})", "Skip to content", "{tag} {tag} {tag} {tag}", "Shop my favourites", "Start here",
        "Categories", "Follow @{handle}",
        "RSS feed", "→ {tag}", "Work with me", "Recent comments", "{nick} on {title}",
        "[Log in]({url}) / [Sign up]({url})", "Blogroll",
    ],
    "related_heading": [
        "You might also like", "### Related posts", "Keep reading", "{emoji} More on the blog",
        "If you enjoyed this, try:", "", "Popular posts", "Recent posts",
    ],
    "related_title": [
        "[{title}]({url})", "- {title}", "{emoji} {title}", "{title} | {nick}", "* [{title}]({url}) ({count})",
        "{small}) {title}", "→ {title}", "{title}",
    ],
    "teaser": [
        "{title}. Hey friends! Today I want to talk about {subject} and how it changed my {tag} game...",
        "Last week {nick} and I tried {subject} for the first time, and here is what we learned. Continue reading →",
        "{nick} shares {small} {tag} tips that make {subject} so much easier! {emoji}",
        "If you have ever wondered whether {subject} is worth it, this post by {nick} is for you. [...]",
    ],
    "tail": [
        "About the author\n{nick} is a writer and {tag} enthusiast. She lives in Portland with two cats.",
        "Leave a Reply\nYour email address will not be published. Required fields are marked *\nName *\nEmail *\nPost Comment",
        "Like this:\nLike Loading...",
        "Pin it for later! {emoji}", "Filed Under: {tag}, {tag} Tagged With: {subject}, {tag}",
        "If you found this useful, please clap 👏 and follow me for more stories about {tag}.",
        "← {title}\n{title} →", "Powered by WordPress | Theme by {handle}",
        "This post contains affiliate links. Read my full disclosure policy here.",
        "Join {count} other subscribers\nType your email…\nSubscribe",
        "{small} thoughts on “{title}”\nReply\nLog in to leave a comment",
        "Follow me on Instagram @{handle} and on Pinterest!\nxx {nick}",
        "Published by {nick}\nView all posts by {nick}",
        "Click to share on Twitter (Opens in new window)\nClick to share on Facebook (Opens in new window)\nMore",
        "This work is licensed under a Creative Commons Attribution 4.0 International License.",
    ],
}  # fmt: skip

BLOGS = replace(DEVELOPMENT, zh=DEVELOPMENT.zh | _NUMBERS | _ZH, en=DEVELOPMENT.en | _NUMBERS | _EN)

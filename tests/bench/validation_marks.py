"""Watermarks and injected strings as other sites have them: of every length, with and without brackets and domains."""

# ruff: noqa: SIM905, E501 - word lists read best as words.

from dataclasses import replace

from jobs.damage.development import DEVELOPMENT

_ZH = {
    "part": list("清溪墨竹听雨书虫漫步时光旧巷灯塔半岛鲸落拾穗北辰南乔朝露晚舟柠檬琥珀松果麦田"),
    "who": ["{part}{part}", "{part}{part}{part}", "{part}{part}{part}{part}", "{part}小{part}"],
    "kind": "小说 看书 书屋 阁 文学 中文网 读书 网 写作网 论文网 资源站 博客 周刊 传媒 听书 驿站".split(),
    "home": ["{who}{kind}"],
    "wide": ["ｗｗｗ．{latin}{latin}．ｃｏｍ", "www点{latin}{latin}点com", "{latin}{latin}，ｃｏｍ"],
    "watermark": [
        "{home}", "{home}。", "本章由{home}首发", "最快更新尽在{home}", "记住{home}网址{domain}", "{domain}",
        "手机用户请浏览{domain}阅读，更优质的用户体验。", "（本文摘自{home}）", "文/{who}", "图片来源：{home}",
        "★{home}★", "◎{home}◎", "『{home}』", "〖{home}整理〗", "─{home}─", "·{home}·", "#{home}#", "@{who}",
        "——摘自《{home}》", "<{home}>", "{{{{{home}}}}}", "ID:{token}", "{token}", "QQ群{n}{n}{n}", "微信{latin}{n}",
        "转自{home}", "本文链接：http://{site}.{top}/a/{n}.html", "请支持正版，{home}感谢您的阅读！",
        "求收藏求推荐", "更多好书请到{home}", "(本站域名已更换为{domain} 请牢记)", "【未完待续】", "［{home}］",
        "轉載請註明出處：{home}", "本內容由{home}整理發佈", "歡迎光臨{home}", "（資料來源：{home}）", "無錯章節請上{home}",
        "{wide}", "版权归{home}所有", "({home})", "/{home}/", "【{home}】{domain}", "~{who}~", "原文地址 {domain}/{n}",
        " {home} ", " 本文由{who}整理。", "© {home}", "來源:{home}", "編輯：{who}",
    ],
    "injection": [
        "（{home}）", "『{home}』", "〖{domain}〗", "{domain}", "w w w.{latin}{n}.com", "<{home}>", "({domain})", "《{home}》",
        "#{home}#", "@{latin}{latin}", "★{home}★", "[{token}]", "{{{{{home}}}}}", "｜{home}｜", "【{home}{domain}】", "*{home}*",
    ],
}  # fmt: skip

_EN = {
    "word": "Willow Harbor Copper Maple Granite Lantern Prairie Cobalt Juniper Summit Meadow Anchor Saffron Tundra".split(),
    "thing": "Post Journal Review Reader Press Notes Tribune Gazette Wire Library Archive Times Books Weekly".split(),
    "home": ["{word} {thing}", "The {word} {thing}", "{word}{thing}", "{word} & {word}", "{word} {word} {thing}"],
    "watermark": [
        " {home}", " {domain}", "{domain}: ", " | {home}", " ~ {home} ~", " ({home})", " <{home}>", " {{{{{home}}}}}", " #{token}",
        " @{word}{thing}", " /{home}/", " **{home}**", " © {home}", " – {home}", " by {home}", " -- {domain}",
        " Originally posted at {home}.", " This content belongs to {home}.", " If you see this, the text was stolen from {home}!",
        " Please visit {domain} for the latest chapters", " ...{home}...", " [Source: {home}]", " (image: {home})",
        " Photo by {home}", " ADVERTISEMENT", " Subscribe to {home} for more", " See also http://{site}.{top}/p/{n}",
        " Support the author at {home}.", " Download the {home} app today.", " *{token}*", " id={n}{n}", " t.me/{latin}{n}",
        " Read this on {home} instead", " {home} exclusive", " Powered by {home}", " :: {home} ::", " +{home}+", " {token}",
        "{home} - ", "{home} | ", "[{token}] ", "*{home}* ", " ^{home}^",
    ],
    "injection": [
        "({home})", "[{home}]", "<{domain}>", "{domain}", "*{home}*", "#{token}#", "@{word}{thing}@", "{{{{{token}}}}}", "~{token}~",
        "|{home}|", "_{token}_", "/{domain}/", "[{token}]", "({domain})",
    ],
}  # fmt: skip

MARKS = replace(DEVELOPMENT, zh=DEVELOPMENT.zh | _ZH, en=DEVELOPMENT.en | _EN, watermark_shares=(0.5, 0.7, 0.9, 1.0))

"""Phrases of a page's furniture, and the words of counters: what `line_corrections` knows of English and of Chinese.

RefinedWeb (arXiv 2306.01116, appendix G.2) names an example of each place and does not publish its lists: "sign-in" at
the start of a line, "Read more..." at the end, "items in cart" anywhere, "3 likes". The English words of counters are
those of DCLM's reconstruction. A phrase at the start of a line, or anywhere in it, takes the line; one at the end goes
alone, for what stands before "Read more" is text.
"""

from typing import Literal, NamedTuple

Place = Literal["start", "end", "anywhere", "in_counter"]


class PhraseGroup(NamedTuple):
    """Phrases of one kind, in a place of the line."""

    kind: str  # the setting that turns them off, and what the ledger says of a cut
    place: Place
    phrases: tuple[str, ...]


EN = (
    PhraseGroup("sign_in", "start", ("sign in", "sign-in", "sign up", "log in", "login", "forgot your password")),
    PhraseGroup(
        "read_more", "end", ("read more", "continue reading", "read the full article", "view more", "show more")
    ),
    PhraseGroup("cart", "anywhere", ("items in cart", "items in your cart", "add to cart", "your cart is empty")),
    PhraseGroup("share", "start", ("share this", "share on", "follow us", "tweet this")),
    PhraseGroup("navigation", "start", ("skip to content", "skip to main content", "back to top")),
    PhraseGroup("navigation", "start", ("previous post", "next post", "previous article", "next article")),
    PhraseGroup("navigation", "start", ("related posts", "related articles", "you may also like", "leave a comment")),
    PhraseGroup("copyright", "anywhere", ("all rights reserved",)),
)
ZH = (
    PhraseGroup(
        "sign_in", "start", ("登录", "登陆", "登入", "注册", "註冊", "立即登录", "立即注册", "请登录", "忘记密码")
    ),
    PhraseGroup("sign_in", "start", ("请先登录", "登录后才能评论", "登录后发表评论", "登录后可发表评论")),
    PhraseGroup("read_more", "end", ("阅读全文", "閱讀全文", "展开全文", "展開全文", "查看全文", "点击查看全文")),
    PhraseGroup("read_more", "end", ("阅读更多", "閱讀更多", "查看更多", "点击查看更多", "加载更多", "查看详情")),
    PhraseGroup("cart", "anywhere", ("加入购物车", "加入購物車", "购物车为空")),
    PhraseGroup("share", "start", ("分享到", "分享至", "分享给好友", "关注我们", "關注我們")),
    PhraseGroup(
        "navigation", "start", ("上一篇", "下一篇", "上一页", "下一页", "上一頁", "下一頁", "返回顶部", "返回首页")
    ),
    PhraseGroup(
        "navigation", "start", ("相关推荐", "相關推薦", "相关阅读", "相关文章", "相關文章", "猜你喜欢", "推荐阅读")
    ),
    PhraseGroup("copyright", "anywhere", ("版权所有", "版權所有", "翻印必究", "侵权必究", "未经许可不得转载")),
    PhraseGroup("scan_code", "start", ("扫一扫", "掃一掃")),
    PhraseGroup("scan_code", "anywhere", ("微信扫一扫", "扫一扫关注", "扫描二维码", "扫码关注", "长按识别二维码")),
)
COUNTERS_EN = (
    *("likes", "shares", "comments", "retweets", "reposts", "quotes", "bookmarks", "upvotes", "downvotes", "downloads"),
    *("views", "followers", "replies", "1 like", "1 share", "1 comment", "1 view", "1 follower", "1 reply"),
)
COUNTERS_ZH = (
    *("阅读", "阅读量", "阅读数", "阅读次数", "点赞", "点赞数", "评论", "评论数", "浏览", "浏览量", "浏览次数", "转发"),
    *("收藏", "点击", "点击量", "点击数", "点击次数", "回复", "播放", "播放量", "下载次数", "粉丝", "人气", "访问量"),
    *("发布时间", "发布日期", "更新时间", "发表于", "发布于"),
    *("閱讀", "點讚", "評論", "瀏覽", "瀏覽次數", "轉發", "點擊", "回覆", "人氣", "發佈時間", "更新時間"),
)

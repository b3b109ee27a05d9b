"""What one line of a page is by its words: a phrase of furniture, a heading of links, an invitation, keywords."""

import re
from collections.abc import Sequence

from ops.edits.line_phrases import EN, ZH
from ops.edits.line_shapes import HAN_RUN, LISTED_LINE, PLAIN_WORDS, has_ended, is_labelled, is_lower_case, remembered
from ops.edits.openings import openings
from ops.kernels.furniture_ends import HEADING, INVITES, IS_ADDRESS, IS_ADULT, IS_LOWER_CASE, IS_TOLD, PHRASE
from ops.kernels.line_table import HEADING_BYTES, INDENTED, MAY_BE_HEADING, PROSE, RUNNING_HAN, RUNNING_WORDS
from ops.kernels.listed_lines import (
    BEGINS,
    BEGINS_WITH_DOT,
    HEADS,
    IN_END,
    IN_HEAD,
    WITH_DIGIT,
    LineLimits,
    Words,
    words_of,
)
from ops.kernels.page_ends import HEAD_LINES, ITEM_BYTES, PHRASE_BYTES

# Where words tell what a line is: in the first lines of a page, its last one, and in headings.
LIMITS = LineLimits(
    head_lines=HEAD_LINES,
    head_bytes=500,
    head_chars=PHRASE_BYTES,
    end_bytes=PHRASE_BYTES,
    heading_bytes=HEADING_BYTES,
)
# Keywords, in characters where they are Chinese, in words elsewhere.
_KEYWORDS_MIN, _SPACED_MIN, _PLAIN_WORDS_MIN = 3, 5, 7
_KEYWORD_CHARS, _KEYWORD_WORDS, _NAME_CHARS = 16, 5, 3

_FUNCTION_WORDS = re.compile(
    r"\b(?:an?|the|of|and|or|to|in|on|at|with|from|by|as|is|was|are|be|its?|this|that|how|why|when|if|into|without|our|"
    r"your|can|may|do|does|did|has|have|had|not?|than|then|there|which|who|some|any|all|more|most|very|she|he|they|we|you|his|her|said|including)\b"
)
_KNOWN = {
    place: "|".join(re.escape(phrase) for group in (*EN, *ZH) if group.place == place for phrase in group.phrases)
    for place in ("start", "anywhere", "end")
}
# Phrases at the start of a short line, which goes.
_AT_START = (
    rf"{_KNOWN['start']}|share (?:it|with|via|the)|subscribe|filed under|tags:|posted in|copyright (?:©|\(c\)|\d)|©|"
    r"advertisement|sponsored|责任编辑|編輯[:：]|编辑[:：]|免责声明|版权声明|本文(?:来源|标签|地址|链接)|转载请|转载自|文章来源|标签[:：]|"
    r"打印本页|关闭窗口|分享[到至给]|上一|下一|previous:|next:|点赞|收藏|打赏|声明[:：]"
)
_LIKES = r"\d+ likes"
_ANYWHERE = rf"{_KNOWN['anywhere']}|ICP备|公网安备|扫码|公众号"
# What heads a block of links: all that follows to the end of the page is one.
_HEADINGS = (
    r"related(?: \w+){0,2}|recommended(?: \w+){0,2}|you may also like|you might also like|"
    r"(?:more|popular|trending|latest|recent) (?:from \S.{0,30}|stories|news|articles|posts|reading)|"
    r"most (?:read|popular|viewed)|read next|up next|"
    r"(?:相关|推荐|热门|最新|更多|热点|精彩|延伸|今日)的?(?:文章|阅读|推荐|新闻|资讯|链接|内容|话题|论文|报道)|"
    r"猜你喜欢|大家都在看|为您推荐|為您推薦|相關(?:文章|閱讀|新聞|推薦)"
)
_PATH = r"\S{1,20}(?: ?[>»›] ?\S{1,20}){2,}$"  # Home > News > World
# What follows a phrase must not make a sentence of it, or code.
_PHRASE = re.compile(
    rf"(?i)[|·»【\[\s]*(?:{_AT_START}|{_LIKES})(?![\w=(.)]|(?-i:: ?[a-z]))|"
    rf".*(?<![a-z])(?:{_ANYWHERE})|.*(?<![a-z])(?:{_KNOWN['end']})\W*$|{_PATH}"
)
_HEADING = re.compile(rf"(?i)[|·»【\[]?(?:{_HEADINGS})\W*$")
_DOMAIN = r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|net|org|cn|xyz|top|vip|cc|tv|me|info)\b"
_ACCOUNTS, _LATIN_ACCOUNTS = "微信|薇信|威信|扣扣|企鹅", "vx|v信|qq|whatsapp|telegram|wechat|line id|skype"
_ACCOUNT = (
    rf"(?:{_ACCOUNTS}|(?:^|[^a-z])(?:{_LATIN_ACCOUNTS}))[^\w\n]{{0,3}}"
    r"(?:号|群|是|at|us|me|on)?[^\w\n]{0,3}(?:[a-z][\w-]{5,19}|\d{5,})"
)
_CALLS, _LATIN_CALLS = "电话|热线|手机|客服|咨询|联系|預約|预约", "call|text|contact|phone"
_NUMBER = rf"(?:{_CALLS}|(?:^|[^a-z])(?:{_LATIN_CALLS}))[^。.!?\n]{{0,20}}?\d[\d \t-]{{5,}}\d"
_VISITS = "点击|访问|登录|登陆|进入|打开|收看|观看|visit|join|click|go to|watch"
_VISIT = rf"(?:{_VISITS})[^。.!?\n]{{0,20}}?(?:{_DOMAIN})[^。.!?！？\n]{{0,50}}"
_INVITATION = re.compile(rf"(?i).*?(?:{_ACCOUNT}|{_NUMBER})|\W*{_VISIT}$")
# As RE2 finds them at the speed of reading, without counts of repetitions: looser.
INVITATION_PATTERN = (
    rf"(?i){_ACCOUNTS}|{_LATIN_ACCOUNTS}|(?:{_CALLS}|{_LATIN_CALLS})[^\n]*\d|"
    rf"(?:^|\n)[^\w\n]*(?:{_VISITS})[^\n]*(?:www\.|://|\.[a-z])"
)
# Words that no keywords of an article, and no menu, has: one is enough, in a line of which the page does not speak.
_ADULT_WORDS = r"成人|无码|無碼|激情|情色|色情|约会|约炮|裸聊|福利|秀场|私密|一区二区|18\+"
_LATIN_ADULT_WORDS = r"xxx|porn|sexy?|nude|escorts?|hookup|adult|webcams?|cams|casino|viagra"
_ADULT = re.compile(rf"(?i){_ADULT_WORDS}|\b(?:{_LATIN_ADULT_WORDS})\b")
# One kind of mark parts the keywords of a line.
_SEPARATORS = [re.compile(f"[{marks}]+") for marks in (",，、", "|｜", ";；", "·•", "_", "/", "-")]
_SEPARATOR = re.compile("[,，、|｜;；·•_/–—-]")
_LATIN_SEPARATORS = [*_SEPARATORS[:4], re.compile(r" [-–—|] ")]
_ADDRESS = re.compile(rf"(?i)(?:^\W*|网址)(?:{_DOMAIN})")
_RUNNING = re.compile(rf"(?i)\b(?:{'|'.join(RUNNING_WORDS)})\b|[{RUNNING_HAN}]")
_KEYWORD_LABEL = re.compile(r"(?i)^(?:tags|keywords|关键词|关键字|标签|热搜)[:：]\s*")
_OF_CODE = re.compile(r"[()=\[\]{}<>\"\\]|://")


def told_by_words(line: bytes, look: int) -> int:
    """Return whether a line, without outer spaces, is what it may be by its words: a `PHRASE`, a `HEADING`."""
    return _reads_like(line) & look * (HEADING // MAY_BE_HEADING)


@remembered
def _reads_like(line: bytes) -> int:
    text = line.decode(errors="replace")
    is_phrase = "[" not in text and _PHRASE.match(text)
    return PHRASE * bool(is_phrase) | HEADING * bool(_HEADING.match(text))


def told_of_head(line: bytes, look: int) -> tuple[int, Sequence[str]]:
    """Return what one of the first lines of a page is by its words, without outer spaces, and its keywords."""
    told, keywords = _reads_like_head(line)
    if look & INDENTED:
        return IS_TOLD | told & IS_LOWER_CASE, ()
    return told if len(line) <= ITEM_BYTES else told & ~IS_ADDRESS, keywords


@remembered
def _reads_like_head(line: bytes) -> tuple[int, Sequence[str]]:
    text = line.decode(errors="replace")
    keywords = keywords_of(text)
    told = IS_TOLD | IS_LOWER_CASE * is_lower_case(text)
    told |= IS_ADDRESS * (("." in text or "://" in text) and bool(_ADDRESS.search(text)))
    told |= IS_ADULT * is_adult(text) if keywords else INVITES * is_invitation(text)
    return told, keywords


def words_by_place() -> Words:
    """Return what phrases, headings and invitations begin with: a line that has none of it is none of them."""
    return words_of(
        {
            HEADS: openings(_HEADINGS),
            BEGINS: openings(_AT_START),
            IN_END: [*openings(f"{_ANYWHERE}|{_KNOWN['end']}"), "likes"],
            IN_HEAD: openings(f"{_ACCOUNTS}|{_LATIN_ACCOUNTS}|{_ADULT_WORDS}|{_LATIN_ADULT_WORDS}"),
            WITH_DIGIT: openings(f"{_CALLS}|{_LATIN_CALLS}"),
            BEGINS_WITH_DOT: openings(_VISITS),
        }
    )


def is_furniture(line: bytes, look: int, places: int) -> bool:
    """Whether a line without outer spaces is what its words, in such places of it and its page, may make it."""
    if places & (IN_HEAD | WITH_DIGIT | BEGINS_WITH_DOT):
        text = line.decode(errors="replace")
        if is_invitation(text) or (is_adult(text) and not look & PROSE):
            return True
    told = told_by_words(line, look)
    return bool((places & (BEGINS | IN_END) and told & PHRASE) or (places & HEADS and told & HEADING))


@remembered
def keywords_of(text: str) -> Sequence[str]:
    """Return the parts of a line that is a list of keywords; none of names, of sentences and of code.

    >>> keywords_of("free slots, best casino, poker, bitcoin bonus, payday loans")[1]
    'best casino'
    >>> keywords_of("Ann Smith, Bob Jones, Carol White, Dan Brown, Eve Black")
    []
    """
    text = _KEYWORD_LABEL.sub("", text)
    if has_ended(text) or _OF_CODE.search(text):
        return []
    adult = is_adult(text) and text[:1] not in "#>[|`*-"
    chinese = bool(HAN_RUN.search(text))
    # Most lines: of few separators there are too few parts, unless these are plain words.
    is_short = not chinese and len(_SEPARATOR.findall(text)) < _KEYWORDS_MIN - 1 and not PLAIN_WORDS.fullmatch(text)
    if not adult and (is_short or LISTED_LINE.match(text) or is_labelled(text)):
        return []
    marks = _SEPARATORS if chinese else _LATIN_SEPARATORS
    parts = [part.strip() for part in max((mark.split(text) for mark in marks), key=len) if part.strip()]
    if len(parts) < _KEYWORDS_MIN and not (adult and len(parts) > 1):
        parts = text.split()
        if chinese:
            parts = [part for part in parts if HAN_RUN.search(part)]
        elif len(parts) < _PLAIN_WORDS_MIN or not PLAIN_WORDS.fullmatch(text) or _FUNCTION_WORDS.search(text):
            return []
        if len(parts) < _SPACED_MIN and not adult:
            return []
    if _are_sentence(parts, chinese=chinese) or (not adult and _are_names(parts, chinese=chinese)):
        return []
    return parts


def _are_sentence(parts: list[str], *, chinese: bool) -> bool:
    """Whether parts are clauses and not keywords: they are long, or have words that only sentences need."""
    if chinese:
        running = sum(bool(_RUNNING.search(part)) for part in parts)
        return max(map(len, parts)) > _KEYWORD_CHARS or running > len(parts) / 4
    functions = sum(bool(_FUNCTION_WORDS.search(part)) for part in parts)
    return max(len(part.split()) for part in parts) > _KEYWORD_WORDS or functions >= len(parts) / 4


def _are_names(parts: list[str], *, chinese: bool) -> bool:
    """Whether parts are names of persons or places: two or three characters, or all words with capitals."""
    if chinese:
        return sum(len(part) <= _NAME_CHARS for part in parts) > 0.7 * len(parts)
    return sum(not any(word[:1].islower() for word in part.split()) for part in parts) > 0.4 * len(parts)


def is_adult(text: str) -> bool:
    """Whether a line has a word of adult sites."""
    return bool(_ADULT.search(text))


@remembered
def is_invitation(text: str) -> bool:
    """Whether a line invites to call, to write or to visit."""
    return len(text) <= PHRASE_BYTES and not LISTED_LINE.match(text) and bool(_INVITATION.match(text))

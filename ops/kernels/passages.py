"""Passages that may hold personal data: where a text has what any form of it has, such as ten digits or an @.

They are found at hundreds of MB/s, and are small and few; expressions then look at them alone (`ops.edits.pii_forms`).
A passage is wide enough that a form in it is in it whole, with what an expression looks at beside it, and no number or
word is cut by its ends. So what is found in passages is what would be found in whole texts.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.utf8 import code_point

# What a passage may hold: forms that begin so are looked for in it.
AT = 1  # an @ between letters
NUMBER = 2  # ten digits, or eight after a plus
DOTS = 4  # four numbers between dots
COLON = 8  # four hexadecimal digits and a colon, as addresses of IPv6 begin
WORD = 16  # fifteen letters and digits that begin as a key does, or eighteen without a small letter
COUNTRY = 32  # two capitals and two digits, as an IBAN begins
LABEL = 64  # the name of what follows it, WeChat, QQ, a passport, with a word of five letters or digits
PLATE = 128  # a province and a capital
PEM = 256  # a block of a key

_NAME_CHARS = 72  # the part of an address before the @
_BEFORE_CHARS = 40  # a label
_AFTER_CHARS = 64  # an IBAN with its spaces, a secret after its label
_KEY_CHARS = 16_384  # of a block
_TOKEN_BYTES = 512  # a passage begins where a token does, if that is not farther

# Folded characters: ASCII as it is; other forms of it as ASCII; Han characters of labels from 129 on.
_OTHER = 128
_HAN = "微信薇威企鹅护照護"
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PROVINCE = 240  # any of them
_LABELS = (
    *("微信", "薇信", "威信", "v信", "企鹅", "护照", "護照"),
    *("wechat", "weixin", "wx", "vx", "qq", "passport", "cess_key", "ccesskey"),
)
_PEM_BEGINS = "---begin"  # the last eight characters
_KEY_HEADS = ("ey", "ak", "as", "ag", "ai", "ar", "an", "gh", "gi", "gl", "xo", "sk", "rk")  # in small letters
_CODE_CHARS = 18
_LABEL_CHARS = 24  # from a label to what it names, at most
_ACCOUNT_CHARS = 5
_NEVER = 1 << 40

_PLUS, _MINUS, _DOT, _COLON, _AT, _UNDERSCORE = (np.uint8(ord(char)) for char in "+-.:@_")
_8 = np.uint64(8)
_16 = np.uint64(16)
_24 = np.uint64(24)
_BYTE = np.uint64(0xFF)

# Kinds of folded characters.
_DIGIT = 1
_LOWER = 2
_UPPER = 4
_JOINER = 8  # between the parts of an address or a token
_GAP = 16  # between the digits of a number
_HEX = 32


def _folding() -> dict[int, str]:
    """Map other forms of ASCII characters to them, character by character: full width, spaces, dashes."""
    wide = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    spaces = dict.fromkeys([0xA0, *range(0x2002, 0x200B), 0x202F, 0x3000], " ")
    return wide | spaces | dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE63], "-")


FOLDING = _folding()


def _points() -> NDArray[np.uint8]:
    folded = np.full(1 << 16, _OTHER, np.uint8)
    folded[:128] = np.arange(128)
    folded[[*FOLDING]] = [*map(ord, FOLDING.values())]
    folded[[*map(ord, _HAN)]] = 129 + np.arange(len(_HAN))
    folded[[*map(ord, PROVINCES)]] = _PROVINCE
    return folded


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(256, np.uint8)
    for kind, chars in {
        _DIGIT: "0123456789",
        _LOWER: "abcdefghijklmnopqrstuvwxyz",
        _UPPER: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        _JOINER: "-._%+",
        _GAP: " -.()/",
        _HEX: "0123456789abcdefABCDEF",
    }.items():
        kinds[[*map(ord, chars)]] |= kind
    return kinds


def _tails() -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    """Return labels as the last eight folded characters, which of those count, and what each begins.

    Of a short one in Latin letters, the third tells where the character before it is: that is no letter.
    """
    labels = [*_LABELS, _PEM_BEGINS]
    codes = [[129 + _HAN.index(char) if char in _HAN else ord(char) for char in label] for label in labels]
    values = np.array([int.from_bytes(bytes(code), "big") for code in codes], np.uint64)
    masks = np.array([(1 << 8 * len(code)) - 1 for code in codes], np.uint64)
    before = np.array([8 * len(code) if code[0] < 128 and len(code) < 8 else 0 for code in codes], np.uint64)
    return values, masks, before, np.array([PEM if label == _PEM_BEGINS else LABEL for label in labels], np.int64)


def _heads() -> NDArray[np.bool_]:
    heads = np.zeros((256, 256), np.bool_)
    for head in _KEY_HEADS:
        heads[ord(head[0]), ord(head[1])] = True
    return heads


_POINTS = _points()
_KINDS = _kinds()
_HEADS = _heads()
_VALUES, _MASKS, _BEFORE, _BEGUN = _tails()
_ENDS = np.isin(np.arange(256), (_VALUES & np.uint64(0xFF)).astype(np.int64))


@kernel
def _begin(data, at, begin, chars):  # type: ignore[no-untyped-def]
    """Return where a passage begins for what begins at `at`: so many characters before it, and at a token's begin."""
    least = max(begin, at - _TOKEN_BYTES)
    left = at
    for _ in range(chars):
        if left <= begin:
            return begin
        left -= 1
        while left > begin and data[left] & 0xC0 == 0x80:
            left -= 1
    while left > least and 0x20 < data[left - 1] < 0x80:
        left -= 1
    return left


@kernel
def _widened(data, at, begin, row, count, open_from, flags, out):  # type: ignore[no-untyped-def]
    """Open a passage for what begins at `at`, or widen the open one, and join those closed that it now meets.

    Returns where it begins, what it may hold, and how many passages are closed.
    """
    left = _begin(data, at, begin, _NAME_CHARS if flags & AT else _BEFORE_CHARS)
    if open_from >= 0:
        left = min(left, open_from)
    while count and out[count - 1, 0] == row and left <= out[count - 1, 2]:
        count -= 1
        left = min(left, out[count, 1])
        flags |= out[count, 3]
    return left, flags, count


@kernel
def _label(tail, kinds, values, masks, before, begun):  # type: ignore[no-untyped-def]
    for one in range(len(values)):
        alone = not before[one] or not kinds[(tail >> before[one]) & _BYTE] & (_DIGIT | _LOWER | _UPPER)
        if tail & masks[one] == values[one] and alone:
            return begun[one]
    return 0


@kernel
def _all_hex(tail, kinds):  # type: ignore[no-untyped-def]
    """Tell whether the last four characters are an address's first: 2001 to 3fff, hexadecimal."""
    first = (tail >> _24) & _BYTE
    return (
        0x32 <= first <= 0x33
        and kinds[(tail >> _16) & _BYTE] & kinds[(tail >> _8) & _BYTE] & kinds[tail & _BYTE] & _HEX != 0
    )


@kernel
def _search(data, offsets, points, kinds, heads, ends, values, masks, before, begun, out):  # type: ignore[no-untyped-def]
    count = 0
    for row in range(len(offsets) - 1):
        begin, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        tail = np.uint64(0)
        chars = right = word_chars = 0
        labelled = -_NEVER
        open_from = np.int64(-1)
        flags = np.int64(0)
        word = part = part_lower = 0
        digits = dots = gap = 0
        after_plus = is_key = False
        word_from = number_from = at = begin
        while at <= end:
            char, nxt = np.uint8(0), at + 1  # the end of a text ends what is open, as a line end does
            if at < end:
                char = data[np.uint64(at)]
                if char >= 0x80:
                    point, nxt = code_point(data, at)
                    char = points[point] if point < 0x10000 else np.uint8(_OTHER)
            kind = kinds[char]
            last = np.uint8(tail & _BYTE)
            if not digits and not ends[char]:
                # Most of any text: inside of a word, or in a script without words. Nothing begins or ends here.
                inside = word and kind & _LOWER
                if (inside and part != 1) or (char == _OTHER and not word and open_from < 0):
                    word += inside != 0
                    part += inside != 0
                    part_lower += inside != 0
                    tail = (tail << _8) | np.uint64(char)
                    chars += 1
                    at = nxt
                    continue
            now, since = 0, at
            if kind & _DIGIT:
                if not digits:
                    number_from, dots, after_plus = at, 0, last == _PLUS
                digits += 1
                gap = 0
            elif digits:
                gap += 1
                dots += char == _DOT
                if not kind & _GAP or gap > 2:
                    if digits >= 10 or (after_plus and digits >= 8):
                        now, since = NUMBER, number_from
                    if dots >= 3 and digits >= 4:
                        now, since = now | DOTS, number_from
                    digits = 0
            if kind & (_DIGIT | _LOWER | _UPPER):
                if not word:
                    word_from, word_chars, is_key = at, chars, False
                if not part:
                    part_lower = 0
                word += 1
                part += 1
                if part == 2:
                    is_key |= heads[last, char | 0x20 if kind & _UPPER else char]
                part_lower += kind & _LOWER != 0
                letters = kinds[(tail >> _8) & _BYTE] & kinds[(tail >> _16) & _BYTE] & _LOWER
                if part == 4 and letters and not part_lower and kind & kinds[last] & _DIGIT:
                    now |= COUNTRY
                if last == _AT and (kinds[(tail >> _8) & _BYTE] & (_DIGIT | _LOWER | _UPPER | _JOINER)):
                    now |= AT
                if last == _PROVINCE and kind & _UPPER:
                    now |= PLATE
            elif word:
                if part == _CODE_CHARS and not part_lower:
                    now, since = now | WORD, min(since, word_from)
                if char == _COLON and part == 4 and _all_hex(tail, kinds):
                    now |= COLON
                part = 0
            if word and not kind & (_DIGIT | _LOWER | _UPPER) and char not in (_MINUS, _UNDERSCORE):
                if word >= 15 and is_key:
                    now, since = now | WORD, min(since, word_from)
                if word_chars <= labelled + _LABEL_CHARS and chars >= labelled + _ACCOUNT_CHARS:
                    now, since = now | LABEL, min(since, word_from)
                word = 0
            tail = (tail << _8) | np.uint64(char | 0x20 if kind & _UPPER else char)
            if ends[char | 0x20 if kind & _UPPER else char]:
                label = _label(tail, kinds, values, masks, before, begun)
                now |= label & PEM
                labelled = chars if label == LABEL else labelled
            if now:
                open_from, flags, count = _widened(data, since, begin, row, count, open_from, flags | now, out)
                right = max(right, chars + (_KEY_CHARS if now & PEM else _AFTER_CHARS))
            if open_from >= 0 and (at >= end or (chars >= right and not kind & (_DIGIT | _LOWER | _UPPER | _JOINER))):
                out[count, 0], out[count, 1], out[count, 2], out[count, 3] = row, open_from, min(at, end), flags
                count += 1
                open_from, flags = np.int64(-1), np.int64(0)
            chars += 1
            at = nxt
    return count


def passages(texts: pa.ChunkedArray | pa.Array) -> NDArray[np.int64]:
    """Return n x 4: of which text, from which byte to which of the buffer, and what it may hold, as flags.

    >>> passages(pa.array(["no", "call 010-62345678 now"])).tolist()
    [[1, 2, 23, 2]]
    """
    data, offsets = buffers_of(texts)
    # Each but the first and last of a text is longer than what comes before and after what it was found for.
    most = 3 * (len(offsets) - 1) + int(offsets[-1] - offsets[0]) // _AFTER_CHARS
    out = np.empty((most, 4), np.int64)
    count = _search(data, offsets, _POINTS, _KINDS, _HEADS, _ENDS, _VALUES, _MASKS, _BEFORE, _BEGUN, out)
    return out[:count]

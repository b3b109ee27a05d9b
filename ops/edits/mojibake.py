"""Mojibake: text that was read in the wrong encoding. What can be undone is; what is lost is counted, never guessed."""

import re
from contextlib import suppress

import ftfy

from ops.kernels.misread import FIRST, FREQUENT, GBK, KNOWN, NEXT, RARE
from ops.kernels.pinyin import LETTERS, TONED

# ftfy as it is would turn Chinese full-width punctuation and letters into ASCII and straighten quotes; we undo wrong
# decoding only. It runs at 5 MB/s, so only on documents in which a kernel (1 GB/s) saw a mojibake pair.
_DECODING_ONLY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)

# What the kernel flags as HAS_MOJIBAKE: a lead byte and a continuation byte, both read as Latin-1 or Windows-1252.
_PAIR = re.compile("[\u00c2-\u00f4][\u0080-\u00bf" + bytes(range(0x80, 0xA0)).decode("cp1252", "ignore") + "]")

# A line that is UTF-8 as a whole, and shorter by so much, is beyond doubt: no need of ftfy, which is far slower.
_SURE_CHARS = 16

_HAN = "\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"


def _any_of(chars: frozenset[str]) -> str:
    return "[" + "".join(sorted(chars)) + "]"


# What the kernel flags as HAS_MISREAD, in a stretch of GBK; and where in that a character of UTF-8 may begin.
_MISREAD = re.compile(_any_of(RARE) + _any_of(NEXT))
_GBK = re.compile(_any_of(GBK) + "+")
_BEGIN = re.compile(_any_of(FIRST) + _any_of(NEXT))
# What Chinese text has beside Han characters: punctuation, kana, full width, symbols and emoji.
_USUAL = frozenset(
    chr(point)
    for first, last in (
        (0x20, 0x7E), (0xA0, 0xA0), (0xB7, 0xB7), (0x2010, 0x2044), (0x2190, 0x27BF), (0x3000, 0x30FF),
        (0xFE0F, 0xFE0F), (0xFF01, 0xFFEE), (0x1F000, 0x1FAFF),
    )
    for point in range(first, last + 1)
)  # fmt: skip
_READABLE = KNOWN | _USUAL
_EXPECTED = FREQUENT | _USUAL
_UNKNOWN_MAX = 0.1  # share of the characters that are read now: names and terms have some
_RARE_MIN = 0.3  # share of those that were there: of mojibake nearly all, of text as it should be a thousandth
_LOOKED_AT = 4  # characters by which most stretches are told from others: a character of UTF-8 and a half at least

_TONED = _any_of(TONED)
_IN_SYLLABLE = "[" + "".join(chr(point) for point in LETTERS.nonzero()[0]) + "]"
# Of "规范?;跇?gòu)建": a mark before a semicolon within words, or after a rare character; a gloss that does not open.
_LOST = re.compile(
    rf"\ufffd|锟斤拷|(?<=[{_HAN}])\?(?=;[{_HAN}])|(?<={_any_of(RARE)})\?"
    rf"|(?<=[{_HAN}])\??(?={_IN_SYLLABLE}{{0,6}}{_TONED}){_IN_SYLLABLE}{{1,8}}[)）]"
)


def undo_latin(line: str) -> str:
    r"""Undo UTF-8 that was read as Latin-1, Windows-1252 or one of their kin.

    >>> undo_latin("ä¸\xadæ–‡，“好” cafÃ©")
    '中文，“好” café'
    """
    if not _PAIR.search(line):
        return line
    for encoding in ("latin-1", "sloppy-windows-1252"):  # the second is ftfy's
        with suppress(UnicodeError):
            read = line.encode(encoding).decode()
            if len(line) - len(read) >= _SURE_CHARS:
                return read
    fixed: str = ftfy.fix_text(line, _DECODING_ONLY)
    return fixed


def undo_gbk(line: str) -> str:
    """Undo UTF-8 that was read as GBK, where all of its bytes are there and Chinese comes of it.

    >>> undo_gbk("是鍙樺法，鍙樺法鐨? it鈥檚"), undo_gbk("锟斤拷，涓涓细流")
    ('是变巨，变巨鐨? it’s', '锟斤拷，涓涓细流')
    """
    return _GBK.sub(_undo_stretch, line) if _MISREAD.search(line) else line


def count_lost(text: str) -> int:
    r"""Count the places where bytes are lost: U+FFFD, 锟斤拷, and holes of a question mark that is none.

    >>> count_lost("规范?;跇?gòu)建"), count_lost("锟斤拷\ufffd"), count_lost("好吗?我好; 亓（音qí）")
    (2, 2, 0)
    """
    return sum(1 for found in _LOST.finditer(text) if found[0][-1] not in ")）" or not _is_open(text, found.start()))


def _is_open(text: str, at: int) -> bool:
    """Say whether a bracket of the same line is open here: then the next one closes that."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return max(before.rfind("("), before.rfind("（")) > max(before.rfind(")"), before.rfind("）"))


def _undo_stretch(found: re.Match[str]) -> str:
    """Undo what can be within a stretch of characters that GBK has."""
    stretch = found[0]
    parts = []
    done = at = 0
    while begin := _BEGIN.search(stretch, at):
        at = begin.start()
        # Most characters that may begin one do not: a few bytes tell.
        begins = _valid(_bytes(stretch[at : at + _LOOKED_AT])) > 0
        read, count = _read_again(stretch[at:]) if begins else ("", 0)
        if count and _is_plausible(read, stretch[at : at + count]):
            parts += [stretch[done:at], read]
            done = at = at + count
        else:
            at += 1
    return "".join([*parts, stretch[done:]])


def _read_again(stretch: str) -> tuple[str, int]:
    """Read the bytes of a stretch as UTF-8, as far as they are; return the text and how many characters it was."""
    data = _bytes(stretch)
    valid = _valid(data)
    count, size = (len(stretch), valid) if valid == len(data) else _ends_together(stretch, data, valid)
    return data[:size].decode(), count


def _bytes(stretch: str) -> bytes:
    return b"\x80".join(part.encode("gb18030") for part in stretch.split("€"))


def _valid(data: bytes) -> int:
    """Count the bytes that are UTF-8, from the first one on."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _ends_together(stretch: str, data: bytes, valid: int) -> tuple[int, int]:
    """Return the last place up to `valid` bytes at which a character of both readings ends: in characters and bytes."""
    last = 0, 0
    size = 0
    for count, char in enumerate(stretch, 1):
        size += 1 if char == "€" else 2
        if size > valid:
            break
        if size == valid or data[size] & 0xC0 != 0x80:  # noqa: PLR2004 - no continuation byte
            last = count, size
    return last


def _is_plausible(read: str, was: str) -> bool:
    """Say whether text is Chinese, and what was there is not."""
    readable = sum(map(_READABLE.__contains__, read))
    expected = sum(map(_EXPECTED.__contains__, was))
    return readable >= (1 - _UNKNOWN_MAX) * len(read) and expected <= (1 - _RARE_MIN) * len(was)

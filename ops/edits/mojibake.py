"""Mojibake that kernels leave: lines of several encodings are for ftfy; what is lost is counted, never guessed."""

import re

import ftfy

from ops.kernels.misread import RARE, UNKNOWN
from ops.kernels.pinyin import LETTERS, TONED

# ftfy as it is would turn Chinese full-width punctuation and letters into ASCII and straighten quotes; we undo wrong
# decoding only. It runs at 5 MB/s, so only on lines that have a mojibake pair and are left by `read_as_latin`.
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

_HAN = "\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"


def _any_of(chars: frozenset[str]) -> str:
    return "[" + "".join(sorted(chars)) + "]"


_TONED = _any_of(TONED)
_SYLLABLE = "".join(chr(point) for point in LETTERS.nonzero()[0])
# Of "规范?;跇?gòu)建" and "多的?亰戲": a mark before a semicolon within words, or beside a character that is hardly
# ever met; a gloss that does not open. What it begins with comes first, and what is before that after it: so an
# expression is tried only where one of these characters is, ten times as fast.
_LOST = re.compile(
    rf"[\ufffd锟?{_SYLLABLE}](?:(?<=\ufffd)|(?<=锟)斤拷"
    rf"|(?<=\?)(?:(?<=[{_HAN}]\?)(?=;[{_HAN}])|(?<={_any_of(RARE | UNKNOWN)}\?)\?*"
    rf"|(?<=[{_HAN}]\?)\?*(?={_any_of(UNKNOWN)})"
    rf"|(?=[{_SYLLABLE}]{{0,6}}{_TONED})[{_SYLLABLE}]{{1,8}}[)）])"
    rf"|(?<=[{_HAN}][{_SYLLABLE}])(?:(?<={_TONED})|(?=[{_SYLLABLE}]{{0,5}}{_TONED}))[{_SYLLABLE}]{{0,7}}[)）])"
)


def undo_mixed(line: str) -> str:
    r"""Undo UTF-8 that was read as Latin-1, Windows-1252 or one of their kin.

    >>> undo_mixed("ä¸\xadæ–‡，“好” cafÃ©")
    '中文，“好” café'
    """
    if not _PAIR.search(line):
        return line
    fixed: str = ftfy.fix_text(line, _DECODING_ONLY)
    return fixed


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

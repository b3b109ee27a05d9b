"""Scripts: each letter has the script that its Unicode name begins with."""

import unicodedata

import numpy as np
import pytest

from ops.kernels import scripts as s
from ops.kernels.unicode_tables import ALPHABETIC, FLAGS

# How names begin that do not begin with the name of the script.
CALLED = {
    "Han": ("CJK", "BOPOMOFO", "KANGXI", "IDEOGRAPHIC", "VERTICAL"),
    "Kana": ("HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "KATAKANA-HIRAGANA", "VERTICAL", "MASU"),
    "Latin": ("LATIN", "FULLWIDTH LATIN", "MICRO", "FEMININE", "MASCULINE", "SUPERSCRIPT LATIN"),
    "Hangul": ("HANGUL", "HALFWIDTH HANGUL"),
    "Canadian": ("CANADIAN",),
    "Greek": ("GREEK", "COPTIC", "MODIFIER"),
    "Arabic": ("ARABIC",),
}


@pytest.mark.parametrize("script", s.NAMES[1:])
def test_letters_by_name(script: str) -> None:
    points = np.flatnonzero(np.equal(s.SCRIPT, s.NAMES.index(script))).tolist()
    assert points
    begin = CALLED.get(script, (script.upper(),))
    strange = {name.split()[0] for name in map(_name, points) if name and not name.startswith(begin)}
    # Phonetic letters of these are among those of Latin.
    assert strange <= ({"MODIFIER", "GREEK", "CYRILLIC"} if script == "Latin" else {"MODIFIER"})


@pytest.mark.parametrize("script", ["LATIN", "CYRILLIC", "HANGUL", "HIRAGANA", "KATAKANA", "CJK", "ARABIC", "THAI"])
def test_no_frequent_letter_is_left_out(script: str) -> None:
    other = np.flatnonzero(s.SCRIPT == s.OTHER).tolist()
    assert {_name(point) for point in other if _name(point).startswith(f"{script} ")} <= {
        "LATIN SMALL LETTER REVERSED C"
    }


def test_what_is_no_letter_has_no_script() -> None:
    flagged = FLAGS[: s.TABLED] & ALPHABETIC != 0
    assert ((s.SCRIPT == s.NO_LETTER) == ~flagged).all()


def test_every_script_has_a_language_or_is_asked_for() -> None:
    asked = [name for name, language in zip(s.NAMES, s.LANGUAGE_OF, strict=True) if not language]
    assert asked == [
        "Latin",
        "Cyrillic",
        "Arabic",
        "Devanagari",
        "Hebrew",
        "Bengali",
        "Tibetan",
        "Ethiopic",
    ]
    assert len(s.NAMES) == len(set(s.NAMES)) == len(s.WEIGHTS) == s.COUNT


def _name(point: int) -> str:
    return unicodedata.name(chr(point), "")

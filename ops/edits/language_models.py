"""Language models: letters in, a language and how much of the letters is in it out.

Both carry their tables inside their wheels and are Apache-2.0: CLD2 (`pycld2`) and CLD3 (`cld3-py`). A larger one,
lingua, was right on one more of 36 sentences, for 96 MB and over twenty times the time: not asked.
"""

import functools
import importlib
import importlib.util
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

UNDETERMINED = "und"

_ALL = (
    "aa ab af ak am ar as ay az ba be bg bh bi bn bo br bs ca ceb chr co crs cs cy da de dv dz el en eo es et eu fa fi "
    "fj fo fr fy ga gd gl gn gu gv ha haw he hi hmn hr ht hu hy ia id ie ig ii ik is it iu ja jv ka kha kk kl km kn "
    "ko ks ku ky la lb lg lif ln lo lt lv mfe mg mi mk ml mn mr ms mt my na ne nl nn no nr nso ny oc om or pa pl ps "
    "pt qu rm rn ro ru rw sa sco sd sg si sk sl sm sn so sq sr ss st su sv sw syr ta te tg th ti tk tl tn to tr ts tt "
    "ug uk und ur uz ve vi vo war wo xh yi yo za zh zu"
)
# All that may be answered: ISO 639-1, else 639-3.
LANGUAGES = frozenset(_ALL.split())
_OLD_CODES = {"fil": "tl", "iw": "he", "jw": "jv", "mo": "ro"}

# Languages by how much of the web is written in them, in two steps; any other comes after these.
_FIRST = "ar cs da de el en es fa fr hu id it ja ko nl pl pt ro ru sv tr uk vi zh"
_SECOND = "az be bg bn ca et fi he hi hr hy ka kk lt lv mk mr ms no sk sl sq sr ta te th ur"
FREQUENT = frozenset(_FIRST.split())
_LESS_FREQUENT = frozenset(_SECOND.split())

_SHORT_BYTES = 256  # of letters: up to here CLD2 guesses rare languages too readily, and CLD3 has a say
_DOUBT = 0.5  # share of an answer's part that the other model takes away by contradicting it

MODULES = {"cld2": "pycld2", "cld3": "gcld3"}

Answer = tuple[str, float]


def is_installed(model: str) -> bool:
    """Whether a model's package is here: `pycld2` has no wheel for Linux on arm64."""
    return all(importlib.util.find_spec(MODULES[name]) is not None for name in {model, "cld3"})


def known_language(name: str, known: frozenset[str] = LANGUAGES) -> str:
    """Return a language that is named in settings; ValueError, with the nearest one, where there is none of the name.

    >>> known_language("de")
    'de'
    """
    if name not in known:
        near = get_close_matches(re.split("[-_]", name)[0].lower()[:2], known, n=1, cutoff=0.6)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{name!r} is no language that `language` names (ISO 639-1, else 639-3){meant}")
    return name


@functools.cache
def model_named(name: str) -> Callable[[bytes], Answer]:
    """Return what answers about letters; made once for each process.

    >>> model_named("cld2")("Où est passé mon parapluie bleu".encode())[0]
    'fr'
    """
    cld3 = importlib.import_module(MODULES["cld3"]).NNetLanguageIdentifier(0, 1 << 20)
    if name == "cld3":
        return functools.partial(_ask_cld3, cld3)
    return functools.partial(_ask_both, importlib.import_module(MODULES["cld2"]), cld3)


def _ask_both(cld2: Any, cld3: Any, letters: bytes) -> Answer:
    """Ask CLD2, and CLD3 on short texts or where CLD2 is in doubt.

    Of two answers that of the more frequent language stands, or else CLD2's.
    """
    reliable, _, languages = cld2.detect(letters, isPlainText=True, bestEffort=True)
    first, part = _named(languages[0][1]), languages[0][2] / 100
    if reliable and len(letters) > _SHORT_BYTES:
        return first, part
    second, its_part = _ask_cld3(cld3, letters)
    if first == second:
        return first, part if reliable else max(part, its_part)
    if _rank(second) < _rank(first):
        return second, its_part * _DOUBT
    return first, part * (1 - _DOUBT * its_part)


def _rank(language: str) -> int:
    if language == UNDETERMINED:
        return 3
    if language in FREQUENT:
        return 0
    return 1 if language in _LESS_FREQUENT else 2


def _ask_cld3(cld3: Any, letters: bytes) -> Answer:
    answer = cld3.FindLanguage(text=letters.decode())
    # Two digits: a network's floats may differ in the last ones between processors.
    return _named(answer.language), round(answer.probability, 2)


def _named(code: str) -> str:
    """Return ISO's code; none for a language that is transcribed to Latin letters, and for the jokes among CLD2's."""
    code = _OLD_CODES.get(code, code)
    return code if code in LANGUAGES else UNDETERMINED

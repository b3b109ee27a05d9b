"""English word rules as data: which marks come off a word, which words are split, and which keep their full stop.

The rules are those that a blank spaCy pipeline for English has (its contractions, abbreviations, emoticons, units),
written down as classes of characters and as a table of exceptions. Left out: Cyrillic and Arabic units, degrees
("°C."), a currency of several letters behind a number, and emoticons of other scripts.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from ops.kernels.unicode_tables import CAPITAL, FLAGS, ICON, KINDS, SINGLE, SMALL, SPACE, TABLED

# What a character may do at the ends of a word or inside it; one table for all.
PREFIX = 1  # comes off the front
SUFFIX = 2  # comes off the end
QUOTE = 4
CURRENCY = 8  # comes off the front, and off the end behind a digit
DIGIT = 16  # of ASCII
LOWER = 32  # letters but capitals: those of scripts without case are both
UPPER = 64
SYMBOLIC = 128  # an icon: splits a word wherever it is
BEFORE_STOP = 256  # a full stop behind it is a word of its own
HOST = 512  # may be part of a host's name
GAP = 1024  # ends what is split: a space, or a character that is a word by itself


def _listed(text: str) -> list[str]:
    return text.split()


_PUNCTUATION = "…,:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪"
_QUOTES = "'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉〈〉⟦⟧"
_CURRENCY = "$£€¥฿₽﷼₴₠₡₢₣₤₥₦₧₨₩₪₫€₭₮₯₰₱₲₳₴₵₶₷₸₹₺₻₼₽₾₿"
_UNITS = _listed(
    "km km² km³ m m² m³ dm dm² dm³ cm cm² cm³ mm mm² mm³ ha µm nm yd in ft kg g mg µg t lb oz m/s km/h kmh mph hPa Pa "
    "mbar mb MB kb KB gb GB tb TB T G M K %"
)


def _class_table() -> NDArray[np.uint16]:
    table = np.zeros(TABLED, np.uint16)
    for flag, chars in (
        (PREFIX, _PUNCTUATION + _QUOTES + _CURRENCY + "§%=—–"),
        (SUFFIX, _PUNCTUATION + _QUOTES + "—–"),
        (QUOTE, _QUOTES),
        (CURRENCY, _CURRENCY),
        (DIGIT | HOST, "0123456789"),
        (BEFORE_STOP, "0123456789%²-+|" + _PUNCTUATION + _QUOTES),
    ):
        table[[ord(char) for char in chars]] |= flag
    table[KINDS & SMALL != 0] |= LOWER | BEFORE_STOP
    table[KINDS & CAPITAL != 0] |= UPPER
    table[KINDS & ICON != 0] |= SYMBOLIC | PREFIX | SUFFIX
    table[[ord(c) for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"]] |= HOST
    table[0xA1:0x10000] |= HOST
    table[FLAGS & (SPACE | SINGLE) != 0] |= GAP
    return table


_ABBREVIATIONS = _listed(
    "Adm. Ak. Ala. Apr. Ariz. Ark. Aug. Bros. Calif. Co. Colo. Conn. Corp. D.C. Dec. Del. Dr. E.G. E.g. Feb. Fla. Ga. "
    "Gen. Gov. I.E. I.e. Ia. Id. Ill. Inc. Ind. Jan. Jr. Jul. Jun. Kan. Kans. Ky. La. Ltd. Mar. Mass. Md. Messrs. "
    "Mich. Minn. Miss. Mo. Mont. Mr. Mrs. Ms. Mt. N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr. Nev. Nov. Oct. Okla. Ore. "
    "Pa. Ph.D. Prof. Rep. Rev. S.C. Sen. Sep. Sept. St. Tenn. Va. Wash. Wis. a.m. co. e.g. i.e. p.m. v.s. vs. ä. ö. ü."
)
_CLIPPED = _listed(
    "'Cause 'Cos 'Coz 'Cuz 'S 'bout 'cause 'cos 'coz 'cuz 'd 'em 'll 'nuff 're 's '' Doin' doin' Goin' goin' Havin' "
    "havin' Lovin' lovin' Ma'am ma'am Nothin' nothin' Nuthin' nuthin' O'clock o'clock Ol' ol' Somethin' somethin'"
)
_EMOTICONS = _listed(r"""
    (*_*) (-8 (-: (-; (-_-) (._.) (: (; (= (>_<) (^_^) (o: )-: ): -_- -__- ._. 0.0 0.o 0_0 0_o 8) 8-) 8-D 8D :'( :')
    :'-( :'-) :( :(( :((( :() :) :)) :))) :* :-( :-(( :-((( :-) :-)) :-))) :-* :-/ :-0 :-3 :-> :-D :-O :-P :-X :-] :-o
    :-p :-x :-| :-} :/ :0 :1 :3 :> :D :O :P :X :] :o :o) :p :x :| :} ;) ;-) ;-D ;D ;_; <.< </3 <3 <33 <333 =( =) =/ =3
    =D =[ =] =| >.< >.> >:( >:o ><(((*> @_@ O.O O.o O_O O_o V.V V_V [-: [: [= ]= ^_^ ^__^ ^___^ o.0 o.O o.o o_0 o_O o_o
    v.v v_v C++ and/or w/o \") \n \t
""")


def _contractions() -> list[list[str]]:
    """Return contractions as the words they are split into, in small letters and with ASCII's apostrophe."""
    found = [["can", "not"], ["gon", "na"], ["got", "ta"], ["let", "'s"], ["c'm", "on"], ["how", "'d", "'y"]]
    for bare in ("i", "you", "he", "she", "it", "we", "they"):
        found += [[bare, "'ll"], [bare, "'ll", "'ve"], [bare, "'d"], [bare, "'d", "'ve"]]
        found += [[bare, "ll", "ve"], [bare, "d", "ve"]]
        found += [[bare, "d"]] * (bare != "she") + [[bare, "ll"]] * (bare in {"you", "it", "they"})
    found += [["i", "'m"], ["i", "m"], ["i", "'m", "a"], ["i", "m", "a"], ["it", "'s"], ["we", "'re"]]
    found += [[one, mark + "ve"] for one in ("i", "you", "we", "they") for mark in ("'", "")]
    found += [[one, mark + "re"] for one in ("you", "they") for mark in ("'", "")]
    found += [[one, mark + "s"] for one in ("he", "she") for mark in ("'", "")]
    for asked in ("who", "what", "when", "where", "why", "how", "there", "that", "this", "these", "those"):
        for mark in ("'", ""):
            found += [[asked, mark + "ll"], [asked, mark + "d"]]
            found += [[asked, mark + "ll", mark + "ve"], [asked, mark + "d", mark + "ve"]]
            found += [[asked, mark + "s"]] * (asked not in {"these", "those"})
            several = asked not in {"that", "this"}
            found += [[asked, mark + "re"]] * (several and asked + mark != "who") + [[asked, mark + "ve"]] * several
    for verb in _listed("ca could do does did had may might must need ought sha should wo would"):
        for mark in ("'", ""):
            found += [[verb, f"n{mark}t"], [verb, f"n{mark}t", f"{mark}ve"]]
    for verb, mark in itertools.product(_listed("ai are is was were have has dare"), ("'", "")):
        found.append([verb, f"n{mark}t"])
    for verb, mark in itertools.product(("could", "might", "must", "should", "would", "not"), ("'", "")):
        found.append([verb, f"{mark}ve"])
    return found


def _exceptions() -> dict[str, tuple[str, ...]]:
    """Return every word that is split otherwise than by its characters, and into what."""
    alone = _ABBREVIATIONS + _EMOTICONS + _CLIPPED + [f"{chr(c)}." for c in range(ord("a"), ord("z") + 1)]
    alone += [":’(", ":’)", ":’-(", ":’-)", "‘S", "‘s"]
    words: dict[str, tuple[str, ...]] = {word: (word,) for word in alone}
    for pieces in _contractions():
        for first in (pieces[0], pieces[0].capitalize()):
            words[first + "".join(pieces[1:])] = (first, *pieces[1:])
    words |= {f"{hour}{half}": (str(hour), half) for hour in range(1, 13) for half in ("am", "pm", "a.m.", "p.m.")}
    words |= {"y'all": ("y'", "all"), "yall": ("y", "all")}
    return words | {
        word.replace("'", "’"): tuple(piece.replace("'", "’") for piece in pieces)
        for word, pieces in words.items()
        if "'" in word and word not in _EMOTICONS
    }


CLASSES = _class_table()
EXCEPTIONS = _exceptions()
LONGEST_EXCEPTION = max(len(word.encode()) for word in EXCEPTIONS)


def packed_unit(unit: str) -> int:
    """Return a unit's characters as one number, the last one lowest."""
    value = 0
    for char in unit:
        value = value << 12 | ord(char)
    return value


UNITS = np.array(sorted({packed_unit(unit) for unit in _UNITS}), np.int64)
LONGEST_UNIT = max(map(len, _UNITS))

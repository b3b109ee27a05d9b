"""The forms of personal data and of secrets: an expression for each, and what else must hold.

Expressions are of folded text: full-width letters, digits and signs are ASCII there, character by character. No ASCII
letter or digit stands next to what is found; Chinese characters may. Left and right of it they look no farther than a
passage reaches (`ops.kernels.passages`), and each finds only what that kernel sees as said.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from ops.edits import pii_checks as check
from ops.kernels import passages as seen

Match = re.Match[str]

# Country calling codes (ITU-T E.164), but for China and North America.
_CALLING = (
    r"(?:7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[124]|9[0-58]"
    r"|2[1-689]\d|3[578]\d|42\d|5[09]\d|6[789]\d|8[0578]\d|9[679]\d)"
)

# Area codes of Chinese landlines behind their 0: of eight digits after it, and of seven or eight.
_AREA_8 = r"(?:10|2[0-57-9])"
_AREA = (
    r"(?:31[0-9]|335|349|35[0-9]|37[0-79]|39[1-68]|41[1-9]|42[179]|43[1-9]|44[01]|45[1-9]|46[4789]|47[0-9]|48[23]"
    r"|51[0-9]|52[37]|53[0-9]|54[36]|55[0-9]|56[1-46]|57[0-9]|580|59[1-9]|63[1-5]|66[0-38]|69[12]|701|71[0-9]"
    r"|72[248]|73[0-9]|74[3-6]|75[0-9]|76[0-9]|77[0-9]|79[0-9]|81[2-8]|82[5-7]|83[0-9]|85[1-9]|87[0-9]|88[3678]"
    r"|89[1-8]|90[1-39]|91[1-9]|93[0-9]|94[13]|95[1-5]|97[0-7]|99[0-9])"
)

_B = r"(?<![0-9A-Za-z])"  # no letter or digit before
_E = r"(?![0-9A-Za-z])"  # nor after
# Where a number may begin and end: it is no part of a longer one, of a name or of a decimal fraction.
_NUMBER = re.compile(r"(?<![0-9A-Za-z_+])(?<![0-9][.-])[0-9+(]")
_E_NUMBER = r"(?![0-9A-Za-z_]|[.-][0-9])"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = rf"(?<![0-9A-Za-z.])(?<![A-Za-z][-_/]){_OCTET}(?:\.{_OCTET}){{3}}(?![0-9A-Za-z]|\.[0-9A-Za-z])"
_SAYS = r"(?:号码?|號碼?|编号| ?(?i:number|no\.?))?(?:是|为|為| is)?[ :#]{0,3}"
_SIGN = "[0-9A-HJ-NPQRTUWXY]"
_REGISTERED = r"(?:1[1239]|2[19]|3[1-59]|4[19]|5[1-39]|6[129]|7[129]|8[19]|9[1-3]|A[19]|N[1-39]|Y1)"
_PLATE = "[A-HJ-NP-Z0-9]"
_WECHAT = r"(?:微信|薇信|威信|(?<![0-9A-Za-z])(?:[vV]信|(?i:wechat|weixin|wx|vx)))"
_ACCOUNT = r"(?P<it>[A-Za-z][A-Za-z0-9_-]{5,19})(?![0-9A-Za-z_-]|\.[0-9A-Za-z])"
_IBAN = "|".join(
    rf"(?:{'|'.join(name for name, _ in names)})\d\d(?: ?[0-9A-Z]){{{chars - 4}}}"
    for chars, names in groupby(check.IBAN_CHARS.items(), lambda item: item[1])
)

# What may stand before a number and says what it is; each ends where the number begins.
_LOOKED_AT_CHARS = 32
_BEFORE_CARD = re.compile(
    r"(?:卡号?|卡號|[账帐]号|[账帐]户|(?i:card|account)(?i: number| no\.?)?)(?:是|为)?[^0-9A-Za-z\n]{0,4}\Z"
)
_BEFORE_OLD_ID = re.compile(r"(?:身份证|身分證|证件)(?:号码?|號碼?)?(?:是|为|為)?[ :]{0,3}\Z")
_BEFORE_LANDLINE = re.compile(r"(?:电话|電話|座机|传真|热线|致电|(?i:tel|phone|fax)\.?)(?:号码?)?(?:是|为)?[ :]{0,3}\Z")
_BEFORE_VERSION = re.compile(r"(?:(?<![A-Za-z])[vV]\.?|(?i:version|ver\.?|release|build)|版本号?)[ :=\"']{0,20}\Z")
_BEFORE_IP = re.compile(r"(?<![A-Za-z])(?i:ip)(?i:v4)?(?i: ?address|地址)?(?:是|为|為| is)?[ :=]{0,3}\Z")
_URL = re.compile(r"(?:://|www\.)[!-~]*\Z")
_URL_CHARS = 512


@dataclass(frozen=True)
class Form:
    """One way in which a kind is written. The group `it` is what goes, or the whole where there is none.

    Forms seen as numbers begin where a number does, others anywhere.
    """

    kind: str
    seen_as: int
    pattern: re.Pattern[str]
    holds: Callable[[Match], bool]


def found(text: str, forms: tuple[Form, ...], seen_as: int) -> Iterator[tuple[int, int, str]]:
    """Give where forms are in a folded passage that is seen as some of them, form by form.

    What looked like one and is none hides nothing that begins in it.
    """
    numbers = [match.start() for match in _NUMBER.finditer(text)] if seen_as & seen.NUMBER else []
    for form in forms:
        if not form.seen_as & seen_as:
            continue
        for match in _at(form, text, numbers) if form.seen_as == seen.NUMBER else _anywhere(form, text):
            it = "it" if "it" in form.pattern.groupindex else 0
            yield match.start(it), match.end(it), form.kind


def _at(form: Form, text: str, starts: list[int]) -> Iterator[Match]:
    for start in starts:
        match = form.pattern.match(text, start)
        if match and form.holds(match):
            yield match


def _anywhere(form: Form, text: str) -> Iterator[Match]:
    start = 0
    while match := form.pattern.search(text, start):
        if form.holds(match):
            yield match
        start = match.start() + 1


def _says(before: re.Pattern[str], match: Match, chars: int = _LOOKED_AT_CHARS) -> bool:
    return before.search(match.string, max(0, match.start() - chars), match.start()) is not None


def _in_url(match: Match) -> bool:
    return _says(_URL, match, _URL_CHARS)


def _plain(match: Match) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", match[0])


def _is_email(match: Match) -> bool:
    name, _, domain = match[0].lower().rpartition("@")
    no_person = name == "git" or domain == "openssh.com"  # git@github.com, aes256-gcm@openssh.com
    return not no_person and domain.rpartition(".")[2] not in check.NO_DOMAINS and ".." not in name


def _is_card(match: Match) -> bool:
    digits = _plain(match)
    likely = _says(_BEFORE_CARD, match) or (check.is_card(digits) and not _in_url(match))
    return likely and len(set(digits)) > 1 and check.is_luhn(digits)


def _is_ipv4(match: Match) -> bool:
    numbered = _says(_BEFORE_VERSION, match) or (check.is_section(match[0]) and not _says(_BEFORE_IP, match))
    return check.is_public_ip(match[0]) and not numbered


def _is_abroad(match: Match) -> bool:
    """Whether it is a number with a country's code: of at least eight digits, and no decimal fraction."""
    return len(_plain(match)) >= 8 and match[0].count(".") != 1 and not _in_url(match)  # noqa: PLR2004 - E.164, in use


def _is_called(match: Match) -> bool:
    """Whether it is a wechat account: after a label in Latin letters and a space, any word may follow."""
    loose = match["label"].isascii() and match["gap"].endswith(" ")
    return not loose or any(char in "0123456789_" for char in match["it"])


def _has_digit(match: Match) -> bool:
    return any(char.isdigit() for char in match[0])


def _form(kind: str, seen_as: int, pattern: str, holds: Callable[[Match], bool] = lambda _: True) -> Form:
    return Form(kind, seen_as, re.compile(pattern), holds)


# In order: what an earlier one has found, a later one cannot.
FORMS = (
    _form(
        "private_key",
        seen.PEM,
        r"(?i:-----BEGIN (?P<name>[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?)-----)"
        r"(?s:.{0,16000}?-----END (?P=name)-----|[0-9A-Za-z+/=\s\\]{0,16000})",
    ),
    _form(
        "api_key",
        seen.WORD,
        rf"{_B}eyJ[0-9A-Za-z_-]{{12,4096}}\.eyJ[0-9A-Za-z_-]{{12,4096}}\.[0-9A-Za-z_-]{{16,4096}}",
        _has_digit,
    ),
    _form("api_key", seen.WORD, rf"{_B}A(?:KIA|SIA|GPA|IDA|ROA|IPA|NPA|NVA)[0-9A-Z]{{16}}{_E}"),
    _form(
        "api_key",
        seen.WORD,
        rf"{_B}(?:gh[pousr]_[0-9A-Za-z]{{36,255}}|github_pat_[0-9A-Za-z_]{{22,255}}|AIza[0-9A-Za-z_-]{{35}}"
        rf"|xox[abeoprs]-(?=[A-Za-z-]{{0,255}}\d)[0-9A-Za-z-]{{12,255}}|[sr]k_live_[0-9A-Za-z]{{16,255}}|glpat-[0-9A-Za-z_-]{{20,255}}"
        rf"|sk-(?=[a-z0-9_-]{{0,255}}[A-Z]|[0-9a-f]{{32}})[0-9A-Za-z_-]{{20,255}}){_E}",
    ),
    _form(
        "api_key",
        seen.LABEL,
        r"(?i:secret_?access_?key)[\"']?[ ]{0,3}[:=][ ]{0,3}[\"']?(?P<it>[0-9A-Za-z/+]{40})(?![0-9A-Za-z/+=])",
    ),
    _form(
        "email",
        seen.AT,
        rf"{_B}[0-9A-Za-z_](?:[0-9A-Za-z._%+-]{{0,62}}[0-9A-Za-z_+-])?@"
        rf"(?:[0-9A-Za-z](?:[0-9A-Za-z-]{{0,61}}[0-9A-Za-z])?\.){{1,8}}[A-Za-z]{{2,24}}{_E}",
        _is_email,
    ),
    _form(
        "cn_id",
        seen.NUMBER,
        rf"\d{{6}}(?P<gap>[ -]?)\d{{8}}(?P=gap)\d{{3}}[0-9Xx]{_E}",
        lambda match: check.is_cn_id(_plain(match)),
    ),
    _form(
        "cn_id",
        seen.NUMBER,
        rf"\d{{15}}{_E}",
        lambda match: check.is_born(match[0][:2], match[0][6:12]) and _says(_BEFORE_OLD_ID, match),
    ),
    _form(
        "credit_code",
        seen.WORD,
        rf"(?<!\d\.){_B}{_REGISTERED}\d{{6}}{_SIGN}{{10}}{_E}",
        lambda match: check.is_credit_code(match[0]),
    ),
    _form("iban", seen.COUNTRY, rf"{_B}(?:{_IBAN}){_E}", lambda match: check.is_iban(_plain(match))),
    _form("bank_card", seen.NUMBER, rf"\d{{13,19}}{_E_NUMBER}", _is_card),
    _form(
        "bank_card",
        seen.NUMBER,
        rf"\d{{4}}(?P<gap>[ -])\d{{4}}(?P=gap)\d{{4}}(?P=gap)\d{{4}}(?P=gap)\d{{3}}{_E_NUMBER}",
        _is_card,
    ),
    _form(
        "bank_card",
        seen.NUMBER,
        rf"(?!62\d\d(?:[ -]\d{{4}}){{3}}[ -]\d{{3}}(?!\d))\d{{4}}(?P<gap>[ -])"
        rf"(?:(?:\d{{4}}(?P=gap)){{2}}\d{{4}}|\d{{6}}(?P=gap)\d{{5}}){_E_NUMBER}",
        _is_card,
    ),
    _form("passport", seen.LABEL, rf"(?:护照|護照|{_B}(?i:passport)){_SAYS}(?P<it>[A-Z]{{1,2}}\d{{7,8}}|\d{{9}}){_E}"),
    _form(
        "wechat",
        seen.LABEL,
        rf"(?P<label>{_WECHAT}) ?(?:[账帐]?号|(?i:id))?(?:是|为)?(?P<gap> ?: ?){_ACCOUNT}",
        _is_called,
    ),
    _form("wechat", seen.LABEL, rf"{_WECHAT}[账帐]?号(?:是|为)? ?{_ACCOUNT}", _has_digit),
    _form(
        "qq",
        seen.LABEL,
        rf"(?:{_B}(?i:qq)|企鹅)群?(?:号码?)?(?:是|为)?(?: ?: ?(?P<it>[1-9]\d{{4,10}})){_E_NUMBER}",
    ),
    _form(
        "qq",
        seen.LABEL,
        rf"(?:{_B}(?i:qq)|企鹅)群?(?:号码?)?(?:是|为)? ?(?P<it>[1-9]\d{{5,10}}){_E_NUMBER}",
    ),
    _form(
        "phone",
        seen.NUMBER,
        rf"(?:(?:\+|00)?86[ -]?|\(\+?86\) ?)?1[3-9]\d(?P<gap>[ -]?)\d{{4}}(?P=gap)\d{{4}}{_E_NUMBER}",
        lambda match: not _in_url(match),
    ),
    _form(
        "phone",
        seen.NUMBER,
        rf"(?:(?:(?:\+|00)?86[ -]?0?|0)(?:{_AREA_8}[ -]\d{{4}}|{_AREA}[ -]\d{{3,4}})"
        rf"|\((?:\+?86[ -]?)?0?(?:{_AREA_8}\) ?\d{{4}}|{_AREA}\) ?\d{{3,4}}))"
        rf"[ -]?\d{{4}}(?:(?:-|转)\d{{1,5}})?{_E_NUMBER}",
        lambda match: not _in_url(match),
    ),
    _form(
        "phone",
        seen.NUMBER,
        rf"(?:(?:\+|00)?86)?0(?:{_AREA_8}\d{{8}}|{_AREA}\d{{7,8}}){_E_NUMBER}",
        lambda match: _says(_BEFORE_LANDLINE, match),
    ),
    _form(
        "phone",
        seen.NUMBER,
        rf"\+(?:1[ .-]?(?:\(\d{{3}}\)|\d{{3}})[ .-]?\d{{3}}[ .-]?\d{{4}}|86(?:[ -]?\d){{10,12}}){_E_NUMBER}",
        _is_abroad,
    ),
    _form(
        "phone",
        seen.NUMBER,
        rf"\+{_CALLING}(?:[ .-]?\(\d{{1,4}}\))?(?:[ .-]?\d){{5,12}}{_E_NUMBER}",
        _is_abroad,
    ),
    _form(
        "phone",
        seen.NUMBER,
        rf"(?:1[ .-])?(?:\([2-9]\d\d\) ?[2-9]\d\d[.-]|[2-9]\d\d(?P<gap>[.-])[2-9]\d\d(?P=gap))\d{{4}}{_E_NUMBER}",
        lambda match: not _in_url(match),
    ),
    _form("ip", seen.DOTS, _IPV4, _is_ipv4),
    _form(
        "ip",
        seen.COLON,
        r"(?<![0-9A-Za-z.])(?<![0-9a-fA-F:]:)[23][0-9a-fA-F]{3}:[0-9a-fA-F:]{1,33}[0-9a-fA-F:](?<![^:]:)"
        r"(?![0-9A-Za-z]|:[0-9a-fA-F:])",
        lambda match: check.is_public_ip(match[0]),
    ),
    _form(
        "private_ip",
        seen.DOTS,
        _IPV4,
        lambda match: not check.is_public_ip(match[0]) and not match[0].startswith(("0.", "127.")),
    ),
    _form(
        "plate",
        seen.PLATE,
        rf"[{seen.PROVINCES}][A-HJ-NP-Z][ .·•・-]?(?:{_PLATE}{{5,6}}|{_PLATE}{{4}}[挂学警港澳]){_E}",
        lambda match: sum(char.isdigit() for char in match[0]) >= 3,  # noqa: PLR2004 - of five, at most two are letters
    ),
)

"""What must hold of a number besides how it is written: check digits, provinces, dates, lengths, names."""

import ipaddress
import re
from calendar import monthrange

# Administrative divisions of China (GB/T 2260), the first two digits.
PROVINCES = frozenset(
    str(10 * region + place)
    for region, places in {
        1: "12345",
        2: "123",
        3: "1234567",
        4: "123456",
        5: "01234",
        6: "12345",
        7: "1",
        8: "123",
        9: "1",
    }.items()
    for place in map(int, places)
)

# Names that no domain of the internet ends in (RFC 2606 and 6761, but for examples), and ends of file names.
NO_DOMAINS = {
    *("local", "localhost", "localdomain", "internal", "intranet", "lan", "invalid", "onion", "service", "socket"),
    *("png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico", "css", "js", "ts", "jsx", "tsx", "json", "html", "htm"),
    *("xml", "yaml", "yml", "toml", "txt", "csv", "pdf", "exe", "dll", "jar", "tar", "gz", "mp4", "mp3"),
}

# ISO 13616 registry: length of an IBAN, by country.
IBAN_CHARS = {
    country: chars
    for chars, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FO GL NL",
        19: "MK SI",
        20: "AT BA EE KZ LT LU XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "PT",
        26: "IS TR",
        27: "FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB PL",
        29: "BR EG PS QA UA",
        30: "JO KW MU",
        31: "MT SC",
    }.items()
    for country in countries.split()
}

# First digits of card numbers (ISO/IEC 7812), with the lengths that the schemes give out.
_CARD = re.compile(
    r"4(?:\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|62\d{14,17}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}"
)

# Public resolvers, the numbers of which are small.
_RESOLVERS = frozenset(("8.8.8.8", "8.8.4.4"))
_SECTION_MAX = 20

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_luhn(digits: str) -> bool:
    """Check the last digit of a card's number (ISO/IEC 7812-1).

    >>> is_luhn("4111111111111111"), is_luhn("4111111111111112")
    (True, False)
    """
    doubled = "0246813579"
    return sum(int(doubled[int(one)] if n % 2 else one) for n, one in enumerate(reversed(digits))) % 10 == 0


def is_card(digits: str) -> bool:
    """Whether a card scheme gives out such numbers.

    >>> is_card("4111111111111111"), is_card("9111111111111111")
    (True, False)
    """
    return _CARD.fullmatch(digits) is not None


def is_cn_id(number: str) -> bool:
    """Check the last character of a resident's number of 18 (GB 11643), its province and its date of birth.

    >>> is_cn_id("11010519491231002X"), is_cn_id("110105194912310021"), is_cn_id("11010519490231002X")
    (True, False, False)
    """
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return "10X98765432"[total % 11] == number[17].upper() and is_born(number[:2], number[6:14])


def is_born(province: str, day: str) -> bool:
    """Whether there is such a province, and such a day: YYYYMMDD, or YYMMDD of the last century.

    >>> is_born("11", "19491231"), is_born("11", "491231"), is_born("10", "19491231"), is_born("11", "19490231")
    (True, True, False, False)
    """
    full = day if len(day) == 8 else f"19{day}"  # noqa: PLR2004 - with the century
    year, month, of_month = int(full[:4]), int(full[4:6]), int(full[6:])
    lived = 1850 <= year < 2100 and 1 <= month <= 12  # noqa: PLR2004 - other centuries are another number's
    return province in PROVINCES and lived and 1 <= of_month <= monthrange(year, month)[1]


def is_credit_code(code: str) -> bool:
    """Check the last character of a unified social credit code (GB 32100), and its province.

    >>> is_credit_code("91110000600037341L"), is_credit_code("91110000600037342L")
    (True, False)
    """
    values = [_SIGNS.index(sign) for sign in code]
    total = sum(value * pow(3, n, 31) for n, value in enumerate(values[:17]))
    return (31 - total % 31) % 31 == values[17] and code[2:4] in PROVINCES


def is_iban(iban: str) -> bool:
    """Check the remainder by 97 (ISO 7064), and the length.

    >>> is_iban("GB82WEST12345698765432"), is_iban("GB83WEST12345698765432")
    (True, False)
    """
    number = int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4]))
    return len(iban) == IBAN_CHARS.get(iban[:2]) and number % 97 == 1


def is_public_ip(address: str) -> bool:
    """Whether it is an address of the public internet.

    >>> [is_public_ip(one) for one in ("93.184.216.34", "192.168.1.1", "2606:4700::1111", "2001:db8::1", "20::::")]
    [True, False, True, False, False]
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return parsed.is_global and not parsed.is_multicast


def is_section(address: str) -> bool:
    """Whether an address of IPv4 may as well number a section or a version: all numbers are small.

    >>> is_section("1.2.3.4"), is_section("8.8.8.8"), is_section("93.184.216.34")
    (True, False, False)
    """
    return max(map(int, address.split("."))) < _SECTION_MAX and address not in _RESOLVERS

"""What is spammy about a title by itself: separators, items of a list, and ways to get in touch."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

# Titles are normalised (NFKC) first: full-width digits and marks are ASCII then. RE2 has no look-around, so a number
# takes the character on either side of it, which must be no digit.
SEPARATORS = r"[|丨_»]|\p{Han}-|\s[-–—>]\s"
ITEMS = r"[,、;|丨_/]|\p{Han}\s+"

_EDGE_BEFORE, _EDGE_AFTER = "(?:^|[^0-9])", "(?:[^0-9]|$)"
_NUMBERS = (
    r"(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}",  # mobile, China
    r"0[0-9]{2,3}[- ][0-9]{7,8}",  # landline, China
    r"[48]00[- ]?[0-9]{3,4}[- ]?[0-9]{3,4}",  # service, China
    r"(?:\+?1[-. ])?\(?[2-9][0-9]{2}\)?[-. ][0-9]{3}[-. ][0-9]{4}",  # North America
)
_LABELS = (
    "微信|薇信|威信|v信|vx|wx|qq|扣扣|企鹅|企鵝|whatsapp|telegram|wechat|line|电话|電話|手机|手機|热线|熱線|tel|phone"
)
_ACCOUNT = r"[a-z_-]{0,12}[0-9][a-z0-9_-]{4,}"
_INVITATIONS = (
    r"[加+](?:我|客服|老师|老師)(?:微信|薇信|威信|v|qq)",
    r"[加+](?:薇|威)信?",
    r"(?:联系|聯繫)(?:微信|qq|电话|電話)",
    r"扫码(?:添加|加|进群|领取|咨询)",
    r"(?:免费|免費|在线|在線|立即|热线|熱線)(?:咨询|諮詢)",
    r"call (?:us )?(?:now|today)",
    r"contact us (?:now|today|at)",
    r"add (?:me|us|my|our) (?:on )?(?:wechat|whatsapp|telegram|line)",
)
CONTACTS = "(?i)" + "|".join(
    [
        f"{_EDGE_BEFORE}(?:{'|'.join(_NUMBERS)}){_EDGE_AFTER}",
        rf"(?:{_LABELS})\s*(?:号|號|群|id)?\s*[:+]?\s*{_ACCOUNT}",
        *_INVITATIONS,
    ]
)


def normalized(titles: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return titles in common width, empty ones for nulls."""
    return pc.utf8_normalize(pc.fill_null(titles.cast(pa.string()), ""), form="NFKC")


def count_in_titles(titles: pa.ChunkedArray) -> dict[str, NDArray[np.int64]]:
    """Count, in normalised titles, separators, items of a list, and phone numbers, accounts and invitations.

    >>> found = count_in_titles(pa.chunked_array([["a|b - c", "电话:010-62345678", "QQ音乐怎么用"]]))
    >>> {name: counts.tolist() for name, counts in found.items()}
    {'title_separators': [2, 0, 0], 'title_items': [2, 1, 1], 'title_contacts': [0, 1, 0]}
    """
    return {
        "title_separators": np.asarray(pc.count_substring_regex(titles, SEPARATORS), np.int64),
        "title_items": np.asarray(pc.count_substring_regex(titles, ITEMS), np.int64) + 1,
        "title_contacts": np.asarray(pc.count_substring_regex(titles, CONTACTS), np.int64),
    }

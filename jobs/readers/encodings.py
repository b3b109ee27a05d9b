"""Bytes of a page in, its text out: what the bytes are before what is said of them, and detection last."""

import re
from collections.abc import Iterator

import charset_normalizer
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

# How a page in one of these begins; the two without a mark by its first character being "<".
_SIGNATURES = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)

# Browsers read each of these as its superset, and so do pages use them.
_SUPERSETS = {
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-11": "cp874",
    "iso8859-9": "cp1254",
}

# In these hardly any other text decodes; in the rest, of a byte a character, everything does.
_MULTIBYTE = {"utf-8", "gb18030", "big5hkscs", "cp949", "cp932", "euc_jp", "iso2022_jp"}

# Detectors tell these from Latin letters, by how many bytes are beyond ASCII; Latin encodings they often mistake.
_OTHER_SCRIPTS = {"cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp1253", "iso8859-7", "cp1255", "cp1256", "cp874"}

# What servers state unasked (as iso-8859-1, which HTML takes for it): believed only where nothing contradicts it.
_UNASKED = "cp1252"

_XML = re.compile(rb"\s*<\?xml[^>]{1,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})")
_META = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_META_WITHIN_BYTES = 4096  # HTML asks for 1,024; pages put scripts first

# Text that a detector sees; more makes it slower, not better.
_DETECT_BYTES = 65_536
_FROM_BEYOND_ASCII = re.compile(rb"[\x80-\xff][^<>]*")

# A page may have lost a few bytes: at most this share of its characters, and of its bytes beyond ASCII. Of UTF-8 only
# the latter counts, as no other text is nearly UTF-8, and on short pages a description that was cut amid a character is
# more of it: of Chinese in GB18030 and Big5 more than half of the bytes are lost.
_LOST_SHARE_MAX = 0.001
_LOST_BEYOND_ASCII_MAX = 0.1

_ASCII = bytes(range(128))


def decoded(page: bytes, stated: str | None = None) -> str | None:
    """Decode a page; None where no encoding fits. What cannot be decoded within one that fits becomes U+FFFD.

    stated: the charset of the HTTP header, if any

    >>> decoded("<p>中文".encode("gbk"), "gb2312"), decoded("<p>中文".encode(), "gb2312")
    ('<p>中文', '<p>中文')
    """
    for mark, codec in _SIGNATURES:
        if page.startswith(mark):
            return _fitting(page, codec)
    if b"\x1b" not in page:  # else it may be ISO-2022-JP, which is ASCII throughout
        try:
            return page.decode()
        except UnicodeDecodeError:
            pass
    return next((text for codec in _candidates(page, stated) if (text := _fitting(page, codec)) is not None), None)


def _candidates(page: bytes, stated: str | None) -> Iterator[str]:
    """Codecs in the order to be tried in."""
    said = (_META.search(page, 0, _META_WITHIN_BYTES), _XML.match(page))
    labels = [stated or "", *(label[1].decode() for label in said if label)]
    named = [codec for label in labels if (codec := _codec(label))]
    if b"\0" not in page:  # else UTF-16 fits whatever it is
        named = [codec for codec in named if not codec.startswith("utf-16")]
    yield from sorted((codec for codec in named if codec != _UNASKED), key=lambda codec: codec not in _MULTIBYTE)
    for detected in _detected(page):
        if detected in _MULTIBYTE | _OTHER_SCRIPTS or _UNASKED not in named:
            yield detected
    if _UNASKED in named:
        yield _UNASKED


def _codec(label: str) -> str | None:
    """Python's name of an encoding by the label that pages use; None for one that HTML does not know."""
    codec = map_encoding_to_html5(label.strip(" ;\"'").lower(), fallback_utf8=False) if label else None
    return _SUPERSETS.get(codec, codec) if codec else None


def _detected(page: bytes) -> Iterator[str]:
    """What two detectors say of the text between tags: the fast one first, which does not know Korean."""
    text = b"\n".join(_beyond_ascii(page))[:_DETECT_BYTES]
    fast = detect_encoding(text or page[:_DETECT_BYTES])
    if fast:
        yield _SUPERSETS.get(fast, fast)
    slow = charset_normalizer.from_bytes(text).best() if text else None
    if slow:
        yield _SUPERSETS.get(slow.encoding, slow.encoding)


def _beyond_ascii(page: bytes) -> Iterator[bytes]:
    """Give what lies between tags and is not ASCII throughout, up to what a detector sees."""
    size = end = 0
    for found in _FROM_BEYOND_ASCII.finditer(page):
        begin = max(page.rfind(b"<", end, found.start()), page.rfind(b">", end, found.start()), end - 1) + 1
        end = found.end()
        yield page[begin:end]
        size += end - begin
        if size > _DETECT_BYTES:
            return


def _fitting(page: bytes, codec: str) -> str | None:
    """Decode; None where too much is lost."""
    text = page.decode(codec, "replace")
    lost = text.count("\ufffd")
    if not lost:
        return text
    beyond_ascii = len(page.translate(None, _ASCII))
    fits = codec == "utf-8" or lost <= _LOST_SHARE_MAX * len(text)
    return text if fits and lost <= _LOST_BEYOND_ASCII_MAX * beyond_ascii else None

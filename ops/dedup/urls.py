"""URLs: of every spelling of one page's address, the same key. A key is for comparing; it is no address to fetch.

A rule is here only where a site does not serve two pages for the two spellings. So `ref` and `source`, letter case,
`m.` (another text, often) and names of a user stay as they are, and tracking parameters are told by name, not by guess.
"""

import re

import can_ada
import pyarrow as pa

# Escapes of printable ASCII that has no meaning in an address, such as `%7E` and `%28`, are decoded; all others, and so
# those of other scripts, which are bytes of UTF-8 or of an older encoding, are written in upper case.
_DELIMITERS = "/?#%&=+;"
_PLAIN = {f"{n:02X}": chr(n) for n in range(0x21, 0x7F) if chr(n) not in _DELIMITERS}
_ESCAPE = re.compile(r"%([2-7][0-9A-Fa-f]|[0-9A-F][a-f]|[a-f][0-9A-Fa-f])")

# http and https, and with or without www., are one site nearly everywhere; web archives compare so too (SURT).
_WEB = ("http", "https")
_WWW = "www."

# What a server gives for a folder.
_INDEX = frozenset(
    f"{name}.{kind}"
    for name, kinds in {
        "index": ("html", "htm", "shtml", "xhtml", "php", "asp", "aspx", "jsp", "cgi"),
        "default": ("html", "htm", "asp", "aspx"),
    }.items()
    for kind in kinds
)

# A session, as some servers write it into the path.
_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)

# Where a visitor came from, and which session is theirs: names that Firefox and ClearURLs strip on every site, and
# those of Chinese platforms.
_TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "piwik_", "hsa_")
_TRACKING_NAMES = """
    gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid _ga _gl fbclid fb_action_ids fb_action_types
    msclkid twclid ttclid yclid ysclid _openstat li_fat_id igsh igshid epik rdt_cid scclid mc_cid mc_eid mkt_tok
    pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid _hsenc _hsmi __hssc __hstc __hsfp hsctatracking
    vero_id vero_conv oly_anon_id oly_enc_id ml_subscriber ml_subscriber_hash s_kwcid ef_id wickedid __s rb_clickid
    irclickid cx_click bsft_eid bsft_clkid guce_referrer guce_referrer_sig
    spm spm_id_from vd_source bd_vid qhclickid hmsr hmpl hmcu hmkw hmci isappinstalled
    jsessionid phpsessid
"""
_TRACKING = frozenset(_TRACKING_NAMES.split())


def hosts(urls: pa.Array) -> pa.Array:
    """Return the host of each URL as `host_of` does."""
    return pa.array([host_of(url) for url in urls.to_pylist()], pa.string())


def host_of(url: str) -> str:
    """Return the host of an address in small ASCII letters, without port; empty where there is none.

    Of an address without a scheme, too: lists and link tables have many.

    >>> host_of("https://me@News.Example.com.:8080/a"), host_of("例子.中国/新闻"), host_of("//[::1]/"), host_of("")
    ('news.example.com', 'xn--fsqu00a.xn--fiqs8s', '[::1]', '')
    """
    for address in (url, f"http://{url.lstrip('/')}"):
        try:
            host: str = can_ada.parse(address).hostname
        except ValueError:
            continue
        if host:
            return host.lower().rstrip(".")
    return ""


def page_keys(urls: pa.ChunkedArray) -> pa.Array:
    """Return the key of each URL; an empty one for a null."""
    return pa.array([page_key(url) if url else "" for url in urls.to_pylist()], pa.string())


def page_key(url: str) -> str:
    """Return the key of a page's address; an empty one for what is no address of a page: no scheme or no host.

    >>> page_key("HTTP://www.Example.com:80/a/../b/index.html?utm_source=x&z=1&a=2#top")
    'example.com/b?a=2&z=1'
    >>> page_key("https://例子.中国/新闻/")
    'xn--fsqu00a.xn--fiqs8s/%E6%96%B0%E9%97%BB'
    >>> page_key("n/a"), page_key("mailto:a@example.com"), page_key("http://[::1")
    ('', '', '')
    """
    try:
        address = can_ada.parse(url).href
    except ValueError:
        return ""
    if "%" in address:
        address = _ESCAPE.sub(_decoded, address)
    address, _, fragment = address.partition("#")
    address, _, query = address.partition("?")
    scheme, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    if not host or ":" in scheme:
        return ""
    if query:
        query = _sorted_query(query)
    # These fragments are pages of a site that one script draws; others are places within a page.
    place = f"#{fragment}" if fragment.startswith(("!", "/")) else ""
    return f"{_site(scheme, host)}/{_without_index(path)}{'?' if query else ''}{query}{place}"


def _decoded(escape: re.Match[str]) -> str:
    digits = escape[1].upper()
    return _PLAIN.get(digits, f"%{digits}")


def _site(scheme: str, host: str) -> str:
    host = host.removesuffix(".")
    if scheme not in _WEB:
        return f"{scheme}://{host}"
    return host[len(_WWW) :] if host.startswith(_WWW) and "." in host[len(_WWW) :] else host


def _without_index(path: str) -> str:
    """Drop what names the folder itself: a slash at the end, an index page."""
    if ";" in path:
        path = _SESSION.sub("", path)
    path = path.rstrip("/")
    folder, _, name = path.rpartition("/")
    return folder.rstrip("/") if name.lower() in _INDEX else path


def _sorted_query(query: str) -> str:
    """Drop what tracks; order the others by name, and leave parameters of one name in their order."""
    named = [(part.partition("=")[0], part) for part in query.replace("%20", "+").split("&") if part]
    kept = [one for one in named if not _is_tracking(one[0].lower())]
    return "&".join(part for _, part in sorted(kept, key=lambda one: one[0]))


def _is_tracking(name: str) -> bool:
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)

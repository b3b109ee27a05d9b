"""Records whose text is the annotations of pages in, Records with the text of those pages out."""

from collections.abc import Iterable, Iterator, Mapping

from jobs.readers.layout import Reading, read_rendering
from jobs.readers.layout_json import read_json
from jobs.readers.layout_settings import Layout
from jobs.readers.layout_xml import read_xml
from jobs.readers.made import with_made
from jobs.readers.records import Reason, Records

_MARKUP = ("<", b"<")
_BOM = ("\ufeff", b"\xef\xbb\xbf")


def with_text_of_layouts(found: Iterable[Records], columns: Mapping[str, str], settings: Layout) -> Iterator[Records]:
    """Take the text from the annotations of pages, and what they tell for those of `columns` (our name -> theirs)."""
    told = {name: column for name, column in columns.items() if name != "text"}
    for records in found:
        yield with_made(records, [read_layout(one, settings) for one in records.rows["text"].to_pylist()], told)


def read_layout(told: str | bytes, settings: Layout) -> Reading | Reason:
    r"""Read annotations, whichever way they are written: PAGE, ALTO, hOCR, or JSON.

    >>> read_layout('[{"text": "It rains.", "order": 2}, {"text": "Weather", "order": 1}]', Layout()).text
    'Weather\n\nIt rains.'
    """
    size = len(told.encode()) if isinstance(told, str) else len(told)
    if size > settings.page_bytes_max:
        return "page_too_large"
    plain = told.removeprefix(_BOM[0]) if isinstance(told, str) else told.removeprefix(_BOM[1])
    is_markup = plain[:64].lstrip()[:1] in _MARKUP
    rendering = read_xml(plain) if is_markup else read_json(plain, settings)
    return rendering if isinstance(rendering, str) else read_rendering(rendering, settings)

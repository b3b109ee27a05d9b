"""Records whose text is HTML in, Records with the text of the pages out."""

from collections.abc import Iterable, Iterator, Mapping

from jobs.readers.html_settings import Html
from jobs.readers.made import with_made
from jobs.readers.pages import TOLD, read_page
from jobs.readers.records import Records


def with_text_of_pages(found: Iterable[Records], columns: Mapping[str, str], settings: Html) -> Iterator[Records]:
    """Take the text from each page, and title and date for those of `columns` (our name -> the shard's)."""
    told = {name: column for name, column in columns.items() if column in TOLD}
    for records in found:
        pages = [read_page(page, settings, told=told.values()) for page in records.rows["text"].to_pylist()]
        yield with_made(records, pages, told)

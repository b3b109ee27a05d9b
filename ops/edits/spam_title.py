"""Spam titles: cut from a page's title the keywords that its text does not speak of, and tell how much that was."""

import re
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from ops.columns import with_column
from ops.contract import Op
from ops.edits.furniture_lines import INVITATION_PATTERN, is_invitation
from ops.kernels.buffers import buffers_of, one_chunk, valid_utf8
from ops.kernels.furniture_ends import KNOWN_OF_SENTENCE
from ops.kernels.shared_grams import shares_of

SHARE = pa.field("title_spam_share", pa.float64())
_SEPARATOR = r"[|｜_,，、;；/·•]+|\s+[-–—]+\s+"
KNOWN_OF_PART = 0.35  # of what a part of a title says, the text has so much, if the part is the article's
_BODY_BYTES = 100_000  # of the text, that a title is compared with


class SpamTitle(Op):
    """Cut keywords from titles: parts between `|`, `_`, `,`, ` - ` and the like that share nothing with the text.

    One or two such parts are a site's name and stay. Nothing else sees a page of which the title alone is spam.

    Adds `title_spam_share`: characters of the title that are spam, by all; 0 where there is no title. A title that is
    nothing but spam is left as it is, with 1: `limits` drops the page.
    """

    op: Literal["spam_title"] = "spam_title"
    adds: ClassVar[tuple[pa.Field, ...]] = (SHARE,)
    title: str = Field("title", min_length=1, description="the column of titles")
    keywords_min: int = Field(3, ge=1, description="parts that share nothing with the text, of a title that is spam")

    @property
    def needs(self) -> tuple[str, ...]:
        """The text, and the column of titles."""
        return (*self.reads, self.title)

    def edit(self, batch: pa.Table) -> pa.Table:
        """Cut keywords from titles, and add the share."""
        titles = one_chunk(valid_utf8(batch[self.title]))
        data, offsets = buffers_of(one_chunk(batch["text"]))
        share = np.zeros(batch.num_rows)
        changed = {}
        for row in np.flatnonzero(_suspects(titles, self.keywords_min)).tolist():
            body = data[offsets[row] : offsets[row + 1]][:_BODY_BYTES].tobytes().decode("utf-8", "replace")
            title = titles[row].as_py()
            left = _without_spam(title, body, self.keywords_min)
            share[row] = 1 - len(left) / len(title)
            if left and left != title:
                changed[row] = left
        mask = np.zeros(batch.num_rows, np.bool_)
        mask[[*changed]] = True
        titles = pc.replace_with_mask(titles, pa.array(mask), pa.array([*changed.values()], pa.string()))
        place = batch.schema.get_field_index(self.title)
        edited = batch.set_column(place, batch.schema.field(place), titles.cast(batch.schema.field(place).type))
        return with_column(edited, SHARE, pa.array(share))


def _suspects(titles: pa.Array, keywords_min: int) -> NDArray[np.bool_]:
    """Say which titles have parts enough, or may invite to something."""
    parts = pc.add(pc.count_substring_regex(titles, _SEPARATOR), 1)
    invites = pc.match_substring_regex(titles, INVITATION_PATTERN)
    return np.asarray(pc.fill_null(pc.or_(pc.greater_equal(parts, keywords_min), invites), fill_value=False), np.bool_)


def _without_spam(title: str, body: str, keywords_min: int) -> str:
    """Return the title without keywords before and behind what the text speaks of; empty where it is nothing else.

    >>> _without_spam("free slots|best casino|poker bonus|The mill - Harbour Times", "the mill by the river", 3)
    'The mill - Harbour Times'
    """
    parts = [found for found in re.finditer(rf"(?:(?!{_SEPARATOR})[^\0])+", title) if found[0].strip()]
    about = shares_of([part[0] for part in parts], body)
    invites = [is_invitation(part[0].strip()) and about[i] < KNOWN_OF_SENTENCE for i, part in enumerate(parts)]
    own = [i for i in range(len(parts)) if about[i] >= KNOWN_OF_PART and not invites[i]]
    if not own:
        # A title in other words than the text's has some of them.
        return "" if any(invites) or (len(parts) > keywords_min and not any(about)) else title
    start, stop = 0, len(title)
    if own[0] >= keywords_min or any(invites[: own[0]]):
        start = parts[own[0]].start()
    if len(parts) - own[-1] > keywords_min or any(invites[own[-1] :]):
        stop = parts[own[-1]].end()
    return title[start:stop].strip()

"""Repeated article: where a page has an article twice, the first copy is kept."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Op
from ops.cuts import changed_texts, cut_out, with_rows
from ops.kernels.buffers import one_chunk
from ops.kernels.repeated_runs import repeated_runs
from ops.kernels.run_lines import RunLimits
from ops.kernels.second_copies import second_copies


class RepeatedArticle(Op):
    """Cut runs of paragraphs that stand in the text before, in the same order; the first copy stays.

    A paragraph is a line that is not blank; outer spaces and blank lines between do not count. Whole and partial copies
    go, whatever stands between them and the first. Short lines, indented ones and those between lines of ``` go with a
    run and do not make one: refrains, tables, lists and code stay, as does a paragraph that is repeated by itself
    elsewhere. The beginning of a text goes where it stands again right below itself, within a line or cut short, too.
    """

    op: Literal["repeated_article"] = "repeated_article"
    version: ClassVar[int] = 4
    paragraphs_min: int = Field(3, ge=2, description="paragraphs of a run that are long enough and all different")
    paragraph_bytes_min: int = Field(
        60, ge=1, description="UTF-8 bytes of a paragraph that counts; a Chinese character has three"
    )
    run_bytes_min: int = Field(
        300, ge=1, description="UTF-8 bytes of the paragraphs that count, of a run: a chorus has fewer"
    )

    def edit(self, batch: pa.Table) -> pa.Table:
        """Cut the later copies; what changed is looked at again, as there may be more of them."""
        limits = RunLimits(self.paragraphs_min, self.paragraph_bytes_min, self.run_bytes_min)
        made = batch
        for find in (second_copies, repeated_runs):
            rows, cuts = find(one_chunk(made["text"]), limits)
            made = cut_out(made, rows, cuts, pa.repeat(pa.scalar("repeated_article"), len(rows)))
        changed = changed_texts(batch, made)
        return with_rows(made, changed, self.edit(made.filter(pa.array(changed)))) if changed.any() else made

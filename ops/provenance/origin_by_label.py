"""Origin by label: where nobody knows who wrote a text, a label that its generator left says so."""

from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc

from ops.columns import DOCUMENT, ORIGIN_BASIS, with_column
from ops.contract import Op
from ops.edits.hidden_labels import LABEL
from ops.provenance.labels import SAYS_GENERATED

CONFLICT = pa.field("origin_conflict", pa.string())


class OriginByLabel(Op):
    """Call documents of unknown origin generated if `aigc_label` says that a model wrote them, on the basis `label`.

    No other origin is changed: of documents that are called real in spite of such a label, `origin_conflict` says
    "label". Labels that say "possibly" or "suspected" decide nothing.
    """

    op: Literal["origin_by_label"] = "origin_by_label"
    reads: ClassVar[tuple[str, ...]] = ("origin", "depth", LABEL.name)
    adds: ClassVar[tuple[pa.Field, ...]] = (ORIGIN_BASIS, CONFLICT)

    def edit(self, batch: pa.Table) -> pa.Table:
        """Set `origin` and `depth` of what is unknown and labelled, and add the columns."""
        origin, depth, rows = batch["origin"], batch["depth"], batch.num_rows
        labelled = pc.fill_null(pc.match_substring_regex(batch[LABEL.name], SAYS_GENERATED), False)  # noqa: FBT003 - a value
        becomes = pc.and_(labelled, pc.equal(origin, "unknown"))
        conflict = pc.and_(labelled, pc.equal(origin, "real"))
        had = ORIGIN_BASIS.name in batch.column_names
        basis = batch[ORIGIN_BASIS.name] if had else pa.repeat(pa.scalar("source_rule"), rows)
        least = pc.max_element_wise(depth, pa.scalar(1, pa.int8()))
        for field, column in (
            (DOCUMENT.field("origin"), pc.if_else(becomes, "generated", origin)),
            (DOCUMENT.field("depth"), pc.if_else(becomes, least, depth)),
            (ORIGIN_BASIS, pc.if_else(becomes, "label", basis)),
            (CONFLICT, pc.if_else(conflict, "label", pa.scalar(None, pa.string()))),
        ):
            batch = with_column(batch, field, column)
        return batch

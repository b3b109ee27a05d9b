"""Labels that released documents bear: the object `AIGC` of GB 45438-2025, of text that no person wrote alone."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ops.columns import with_column
from ops.edits.hidden_labels import LABEL
from ops.provenance.labels import NAMES, labels_in

AIGC = pa.field("AIGC", pa.string())

_GENERATED = "1"
_NO_MODELS = ("real", "unknown")


def with_released_labels(batch: pa.Table, propagator: str) -> pa.Table:
    """Add the column `AIGC`: a label as JSON for documents that are synthetic or came with one, null for the others.

    What a document came with stays in its label, but for who propagates it, and that what is synthetic is generated for
    sure. `propagator` is the name or the code of who publishes.

    >>> batch = pa.table({"id": ["a", "b"], "origin": ["rewrite", "real"], "generator": ["model@1", None]})
    >>> with_released_labels(batch, "Institute")["AIGC"].to_pylist()[0][:69]
    '{"Label": "1", "ContentProducer": "model@1", "ProduceID": "a", "Reser'
    """
    synthetic = np.asarray(pc.invert(pc.is_in(batch["origin"], pa.array(_NO_MODELS))))
    came_with = batch[LABEL.name] if LABEL.name in batch.column_names else pa.nulls(batch.num_rows, pa.string())
    chosen = pa.array(synthetic | np.asarray(came_with.is_valid()))
    some = pa.table({"id": batch["id"], "generator": batch["generator"], "found": came_with, "is": pa.array(synthetic)})
    labels = [
        _label(row["id"], row["generator"], row["found"], propagator, is_synthetic=row["is"])
        for row in some.filter(chosen).to_pylist()
    ]
    return with_column(
        batch, AIGC, pc.replace_with_mask(pa.nulls(batch.num_rows, AIGC.type), chosen, pa.array(labels, AIGC.type))
    )


def _label(
    document_id: str, generator: str | None, found: str | None, propagator: str, *, is_synthetic: bool
) -> str | None:
    """Return a document's label; None where what it came with is a manifest of another kind."""
    label = next((one for one in labels_in(found or "") if "Label" in one), None)
    if label is None:
        if not is_synthetic:
            return None
        label = {"ContentProducer": generator or "", "ProduceID": document_id}
    says_so = is_synthetic or label["Label"].upper() == AIGC.name
    ours = {"ContentPropagator": propagator, "PropagateID": document_id, "ReservedCode2": ""}
    whole = dict.fromkeys(NAMES, "") | label | ours | ({"Label": _GENERATED} if says_so else {})
    return json.dumps(whole, ensure_ascii=False)

"""What `train-filter` prints: how the model does on texts held out, and the lines for a job file."""

import json
from collections.abc import Iterator

from jobs.training import Trained


def told(made: Trained) -> Iterator[str]:
    """Lines to print."""
    held, on = made.about["held_out"], made.about["trained_on"]
    yield f"trained on {on['documents']:,} texts, {on['positive']:,} of them positive"
    yield (
        f"held out   {held['documents']:,} texts, {held['positive']:,} of them positive: order right in "
        f"{held['auc']:.1%} of pairs, probabilities off by {held['calibration_error']:.1%}"
    )
    left_out = {"that both classes have": made.about["in_both"], "that could not be read": made.about["unreadable"]}
    yield from (f"left out   {number:,} {which}" for which, number in left_out.items() if number)
    yield f"{'threshold':>9} {'kept':>9} {'precision':>10} {'recall':>8}"
    for one in held["thresholds"]:
        precision = "" if one["precision"] is None else f"{one['precision']:.1%}"
        yield f"{one['threshold']:>9} {one['kept']:>9,} {precision:>10} {one['recall']:>8.1%}"
    yield f"{'scores':>9} {'texts':>9} {'positive':>10} {'mean score':>11}"
    for one in held["calibration"]:
        scores = f"{one['from']}-{one['to']}"
        yield f"{scores:>9} {one['documents']:>9,} {one['positive']:>10.1%} {one['score']:>11.3f}"
    yield f"model: {made.path}\npage:  {made.page}\nfor a job file:\n"
    yield from job_lines(made)


def job_lines(made: Trained) -> Iterator[str]:
    """Steps that score by the model and drop what is below a threshold."""
    path = json.dumps(str(made.path.absolute()), ensure_ascii=False)
    yield f'[[steps]]\nop     = "classifier"\nmodel  = {path}\nsha256 = "{made.sha256}"\n'
    yield '[[steps]]\nop     = "limits"\ncolumn = "classifier_score"\nleast  = 0.5'

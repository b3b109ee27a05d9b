"""What training prints: how the model does on texts held out, and the lines for a job file."""

import json
from collections.abc import Iterator

from jobs.training.files import Trained
from ops.edits import classifier_model, perplexity_model
from ops.edits.model_file import Kind


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
    yield from _job_lines(made, classifier_model.KIND, "classifier_score", "least  = 0.5")


def told_of_perplexity(made: Trained) -> Iterator[str]:
    """Lines to print."""
    on, held, background = (made.about[name] for name in ("trained_on", "held_out", "background"))
    yield f"trained on {on['documents']:,} texts of {on['tokens']:,} tokens"
    yield f"           {on['known']:,} words are known, {on['unknown']:,} too rare; {on['ngrams']:,} n-grams"
    yield f"held out   {held['documents']:,} texts"
    left_out = {"of the background that are among the others": made.about["in_both"]}
    left_out["that could not be read"] = made.about["unreadable"]
    yield from (f"left out   {number:,} {which}" for number, which in ((n, w) for w, n in left_out.items()) if number)
    yield f"{'percentile':>10} {'perplexity':>11}" + (f" {'background':>11}" if background else "")
    for name, value in held["percentiles"].items():
        beside = f" {background['percentiles'][name]:>11,.1f}" if background else ""
        yield f"{name:>10} {value:>11,.1f}{beside}"
    least, most = (held["percentiles"][name] for name in ("1", "99"))
    limits = f"least  = {least:g}  # below: boilerplate\nmost   = {most:g}  # above: gibberish, rare subjects"
    yield from _job_lines(made, perplexity_model.KIND, "perplexity", limits)


def _job_lines(made: Trained, kind: Kind, column: str, limits: str) -> Iterator[str]:
    """Where the model is, and the steps that score by it and drop what is beyond limits."""
    path = json.dumps(str(made.path.absolute()), ensure_ascii=False)
    yield f"model: {made.path}\npage:  {made.page}\nfor a job file:\n"
    yield f'[[steps]]\nop     = "{kind.step}"\nmodel  = {path}\nsha256 = "{made.sha256}"\n'
    yield f'[[steps]]\nop     = "limits"\ncolumn = "{column}"\n{limits}'

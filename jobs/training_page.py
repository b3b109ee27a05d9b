"""The page of a trained filter: its figures in, one HTML file out that opens offline, without scripts."""

from jobs.report_page import count, share, templates
from ops.edits.classifier_model import Model


def render(name: str, sha256: str, model: Model) -> str:
    """Return the page."""
    env = templates()
    env.filters |= {"count": count, "share": share}
    page = env.get_template("training.html")
    return page.render(name=name, sha256=sha256, grams=model.grams.model_dump(), about=model.about) + "\n"

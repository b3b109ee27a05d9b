"""Profile files: what they say is in the settings of the steps, each mistake is told, and a submission carries them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import release_bytes
from typer.testing import CliRunner

from jobs.__main__ import app
from jobs.errors import JobError
from jobs.explain.stories import explain
from jobs.plan import plan_job
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec, load, parse
from jobs.storage import open_storage
from jobs.submit import _put_job
from jobs.tuning.tuning import tune

Run = Callable[[JobSpec], Published]

READY = Path(__file__).parents[2] / "jobs" / "specs" / "profiles" / "de.toml"
DE = 'name = "de"\nlanguages = ["de"]\nstop_words = ["der", "die", "und"]\n'
SIGNALS = '[[steps]]\nop = "quality_signals"\n'
GOPHER = '[[steps]]\nop = "gopher_quality"\n'
STEPS = SIGNALS + GOPHER


def job_text(*profiles: Path, steps: str = STEPS, raw: str = "/raw", target: str = "/target") -> str:
    named = ", ".join(f"'{path}'" for path in profiles)
    return f"""
name = "test"
target = "{target}"
profiles = [{named}]
[[sources]]
name = "web"
path = "{raw}"
origin = "real"
columns = {{lang = "lang"}}
{steps}
[run]
engine = "inline"
"""


def job_of(*profiles: Path, **settings: Any) -> JobSpec:
    return parse(job_text(*profiles, **settings).encode(), "job.toml")


@pytest.fixture
def profile(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, name: str = "de.toml") -> Path:
        path = tmp_path / "profiles" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def told(*profiles: Path, steps: str = STEPS) -> list[str]:
    """The lines that the job is refused with, without the folder that profiles lie in."""
    with pytest.raises(JobError) as raised:
        job_of(*profiles, steps=steps)
    _, *lines = str(raised.value).splitlines()
    return [line.removeprefix("  ").replace(f"{profiles[0].parent}/", "") for line in lines]


def test_the_steps_take_what_a_profile_says(profile: Callable[..., Path]) -> None:
    path = profile(DE + "[gopher_quality]\nword_chars_max = 14\nwords_max = 'off'\n[c4]\nsentences_min = 3\n")
    steps = STEPS.replace(GOPHER, GOPHER + "en = {words_min = 30}\n") + '[[steps]]\nop = "fineweb_quality"\n'
    signals, gopher, fineweb = (step.model_dump() for step in job_of(path, steps=steps).steps)
    assert signals["profiles"]["de"]["stop_words"] == ("der", "die", "und")
    assert list(gopher["profiles"]) == ["de"]
    german = gopher["profiles"]["de"]
    assert (german["word_chars_max"], german["words_max"], german["words_min"]) == (14, None, 30)
    assert "profiles" not in fineweb


def test_a_profile_of_chinese_changes_its_limits(profile: Callable[..., Path]) -> None:
    path = profile('name = "zh"\n[gopher_quality]\nwords_min = 20\nword_chars_max = 4\n')
    steps = SIGNALS + GOPHER + "zh = {word_chars_max = 6}\n"
    signals, gopher = (step.model_dump() for step in job_of(path, steps=steps).steps)
    assert "profiles" not in signals
    assert "profiles" not in gopher
    # The step's own word counts, and what neither says is FineWeb-2's.
    limits = gopher["zh"]
    assert (limits["words_min"], limits["word_chars_max"], limits["alphabetic_words_min"]) == (20, 6, 0.735)


def test_the_profile_that_comes_along_is_valid() -> None:
    _, gopher = (step.model_dump() for step in job_of(READY).steps)
    assert gopher["profiles"]["de"]["word_chars_min"] is None


def folders(spec: JobSpec) -> list[str]:
    (segment,) = plan_job(spec).segments
    return [segment.pass_folder, segment.judges.folder if segment.judges else ""]


def test_stages_are_named_by_what_a_profile_says(profile: Callable[..., Path]) -> None:
    limits = "[gopher_quality]\nwords_min = 20\n"
    before = folders(job_of(profile(DE + limits)))
    assert folders(job_of(profile("# The same.\n" + DE + limits, "elsewhere.toml"))) == before
    assert folders(job_of(profile(DE + limits + "[c4]\nsentences_min = 2\n"))) == before
    signals, judges = folders(job_of(profile(DE + limits.replace("20", "21"))))
    assert signals == before[0]
    assert judges != before[1]
    assert folders(job_of(profile(DE.replace('"und"', '"das"') + limits)))[0] != before[0]
    austrian = profile(DE.replace("de", "at"), "at.toml")
    both = [folders(job_of(*paths)) for paths in ((austrian, READY), (READY, austrian))]
    assert both[0] == both[1] != folders(job_of(READY))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (DE + "[gopher_quality]\nwords_mn = 3", "de.toml: gopher_quality.words_mn: no such setting; did you"),
        (DE + "[gofer_quality]\nwords_min = 3", "de.toml: gofer_quality: no such setting; did you mean 'gopher_qu"),
        (DE + "stopwords = []", "de.toml: stopwords: no such setting; did you mean 'stop_words'?; valid here: c4, "),
        (DE + "[c4]\nsentences_min = -1", "de.toml: c4.sentences_min: input should be greater than or equal to 0; it"),
        (DE + "c4 = 3", "de.toml: c4: should be a table; it is 3"),
        (DE + 'words = "englisch"', "de.toml: words: is 'englisch'; expected 'english' or 'whitespace'; did you mean"),
        (DE.replace('["de"]', '"de"'), "de.toml: languages: should be a list; it is 'de'"),
        (DE.replace('name = "de"', ""), "de.toml: name: is missing"),
        (DE.replace('languages = ["de"]', ""), "de.toml: languages: is missing; say which values of the column `lang`"),
        (DE.replace("stop_words", "# "), "de.toml: stop_words: is missing; gopher_quality asks for some"),
        (DE.replace('["de"]', '["en"]'), "de.toml: languages: 'en' is a language of the profile 'en' too"),
        ("name = de", "de.toml is not TOML: Invalid value"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_profile_is_told_in_one_line(profile: Callable[..., Path], text: str, line: str) -> None:
    lines = told(profile(text))
    assert len(lines) == 1
    assert lines[0].startswith(line)


def test_mistakes_of_several_profiles_are_told_with_those_of_the_job(profile: Callable[..., Path]) -> None:
    paths = (
        profile(DE),
        profile(DE.replace('name = "de"', 'name = "at"'), "at.toml"),
        profile(DE.replace('["de"]', '["deu"]'), "again.toml"),
        profile(DE + "words = 3\n[c4]\nsentences = 3", "bad.toml"),
        Path(profile(DE).parent / "none.toml"),
    )
    lines = told(*paths, steps=STEPS + "zh = {words = 3}\nprofiles = {dee = {words_min = 3}}\n")
    assert [line.partition(":")[0] for line in lines] == [
        "again.toml",
        "bad.toml",
        "bad.toml",
        "cannot read the profile none.toml",
        "at.toml",
        "steps.1 (gopher_quality) zh.words",
        "steps.1 (gopher_quality) profiles",
    ]
    assert lines[0] == "again.toml: name: 'de' is the name of de.toml too; names must differ"
    assert lines[4] == "at.toml: languages: 'de' is a language of the profile 'de' too; it can have one"
    assert "no profile is named 'dee'; did you mean 'de'?; add its file to the job's `profiles`" in lines[6]


@pytest.mark.parametrize("wrong", ['"de.toml"', "3", "[3]"])
def test_profiles_that_are_not_paths(wrong: str) -> None:
    text = job_text().replace("profiles = []", f"profiles = {wrong}")
    with pytest.raises(JobError, match=r"profiles(\.0)?: (should be a list|input should be a valid string); it is"):
        parse(text.encode(), "job.toml")


def test_a_wrong_place_for_limits_is_told(profile: Callable[..., Path]) -> None:
    for steps, line in (
        ("profiles = {de = {words_mn = 3}}", "steps.1 (gopher_quality) profiles.de.words_mn: no such setting; did you"),
        (
            "profiles = {en = {words_min = 3}}",
            "steps.1 (gopher_quality) profiles: en is always there; say en = {...} in",
        ),
        ("profiles = 3", "steps.1 (gopher_quality) profiles: should be a table; it is 3"),
        ("en = 3", "steps.1 (gopher_quality) en: should be a table; it is 3"),
    ):
        (found,) = told(profile(DE), steps=STEPS + steps + "\n")
        assert found.startswith(line)


def test_a_profile_needs_a_language(profile: Callable[..., Path]) -> None:
    text = job_text(profile(DE)).replace('columns = {lang = "lang"}', "")
    with pytest.raises(JobError, match=r"steps\.0 \(quality_signals\): needs the column 'lang'"):
        parse(text.encode(), "job.toml")


GERMAN = (
    "Der Fluss {n} fließt durch das Tal von {n}, und die Leute dort gehen mit ihren Hunden jede Woche zum Markt {n}. "
    "Das älteste Haus im Ort, Nummer {n}, wurde als Mühle gebaut, und der Müller hat es mit den {n} Feldern dem Dorf "
    "für immer überlassen. Es steht noch heute dort, wo die Straße in den Wald führt und der Bach {n} entspringt."
)


@pytest.fixture
def job(tmp_path: Path, profile: Callable[..., Path]) -> Path:
    """A job over English, Chinese and German texts; one German text of each five is too short."""
    texts = [
        ("en", "The river {n} and the valley that we have seen. " * 8),
        ("zh", "第{n}条河流过的山谷和他们的狗一起。" * 12),
    ]
    texts += [("de", GERMAN), ("de", "Der Fluss und die Stadt {n}.")]
    (tmp_path / "raw").mkdir()
    lines = [
        f'{{"id": "{lang}-{n}-{len(text)}", "lang": "{lang}", "text": "{text.replace("{n}", str(n))}"}}'
        for n in range(20)
        for lang, text in texts
        if len(text) > 50 or n % 5 == 0
    ]
    (tmp_path / "raw" / "texts.jsonl").write_text("\n".join(lines), encoding="utf-8")
    path = profile(DE + "[gopher_quality]\nwords_min = 20\nword_chars_max = 14\n")
    file = tmp_path / "job.toml"
    steps = STEPS.replace(GOPHER, GOPHER + "zh = {words_min = 20}\n")
    file.write_text(job_text(path, steps=steps, raw=f"{tmp_path}/raw", target=f"{tmp_path}/out"), encoding="utf-8")
    return file


def test_drops_by_a_profile_are_told_everywhere(job: Path, tmp_path: Path, run: Run) -> None:
    made = run(load(str(job)))
    (step,) = [one for one in made.manifest["steps"] if one["step"] == "gopher_quality"]
    assert step["dropped"] == {"too_few_words": 4}
    storage = open_storage(str(tmp_path / "out"))
    short = next(line for line in (tmp_path / "raw" / "texts.jsonl").read_text().splitlines() if "Stadt" in line)
    story = "\n".join(explain(storage, 1, short.split('"')[3]))
    assert "too_few_words" in story
    assert "20" in story
    facts, page = make_report(storage, 1)
    words = next(one for one in facts["signals"] if "too_few_words" in one["reasons"])
    names = ("de", "en", "zh")
    assert words["thresholds"][:3] == [{"profile": name, "at": 20 if name != "en" else 50} for name in names]
    assert {one["profile"]: one["documents"] for one in words["series"]} == {"de": 24, "en": 20, "zh": 20}
    assert "web de: 24 documents" in page
    assert all(
        f'class="{kind}"/></svg>{name}</li>' in page for kind, name in (("d0", "de"), ("d1", "en"), ("d2", "zh"))
    )


def test_tune_tries_thresholds_of_a_profile(job: Path, run: Run) -> None:
    run(load(str(job)))
    tried = {one.profile: one for one in tune(load(str(job))) if one.reason == "too_few_words"}
    assert {name: one.documents for name, one in tried.items()} == {"de": 24, "en": 20, "zh": 20}
    (current,) = [trial for trial in tried["de"].trials if trial.is_current]
    assert (current.threshold, current.alone) == (20, 4)
    setting = "gopher_quality.profiles.de.words_min=100"
    told = CliRunner().invoke(app, ["tune", str(job), "--set", setting, "--write"])
    assert told.exit_code == 0, told.output
    assert "gopher_quality.too_few_words (de): 24 documents" in told.output
    assert "profiles = {de = {words_min = 100}}" in job.read_text()
    spec = load(str(job))
    gopher = spec.steps[1].model_dump()
    assert (gopher["profiles"]["de"]["words_min"], gopher["profiles"]["de"]["word_chars_max"]) == (100, 14)
    assert run(spec).manifest["counts"]["kept"] == 40


def test_a_submission_carries_its_profiles(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    here = run(load(str(job)))
    folder = tmp_path / "unpacked"
    folder.mkdir()
    _put_job(folder, str(job))
    (tmp_path / "profiles" / "de.toml").unlink()
    monkeypatch.chdir(folder)
    spec = load("job.toml")
    there = run(spec.model_copy(update={"target": str(tmp_path / "other")}))
    assert there.manifest["identity"] == here.manifest["identity"]
    assert release_bytes(tmp_path / "other") == release_bytes(tmp_path / "out")

"""Profiles: which documents share the limits of the quality judges, and which of their words are stop words.

`en` and `zh` are always there. Another one is for documents of its languages, as the column `lang` tells them.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ops.filters.rules import PROFILES
from ops.kernels.signals import CHINESE_STOP, ENGLISH_STOP

Word = Annotated[str, Field(pattern=r"^\S+$")]


class Profile(BaseModel):
    """What `quality_signals` must know of a profile; `languages` and `stop_words` may be left out for `en` and `zh`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    languages: tuple[Word, ...] = Field((), description="values of `lang`; `de` is `de-AT` and `de_Latn` too")
    stop_words: tuple[Word, ...] = Field(
        (), description="words of which every text of the language has some, spelled as within a sentence"
    )
    words: Literal["english", "whitespace"] | None = Field(
        None, description="how words are split; default: as the step says. Unspaced scripts: by characters"
    )


BUILT_IN = {
    "en": Profile(languages=("en",), stop_words=ENGLISH_STOP),
    "zh": Profile(languages=("zh", "cmn"), stop_words=CHINESE_STOP),
}


def conflicts(profiles: Mapping[str, Profile]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with profiles, each with the name of the one that it is told of."""
    owner = {language: name for name, profile in BUILT_IN.items() for language in profile.languages}
    for name, profile in profiles.items():
        if name in PROFILES and profile.words:
            yield name, f"words: those of {name} are split as the step quality_signals says; leave it out"
        if name not in PROFILES and not profile.languages:
            yield name, 'languages: is missing; say which values of the column `lang` it is for, such as ["de"]'
        if name not in PROFILES and not profile.stop_words:
            yield name, "stop_words: is missing; gopher_quality asks for some in every text"
        for language in profile.languages:
            first = owner.setdefault(language, name)
            if first != name:
                yield name, f"languages: {language!r} is a language of the profile {first!r} too; it can have one"


def profile_of(language: str, profiles: Mapping[str, Profile]) -> str:
    """Name the profile of a language: the one that has it, or has what it begins with; `en` where none has.

    >>> [profile_of(language, {}) for language in ("zh-Hant", "cmn_Hani", "zho", "en-GB", "fr")]
    ['zh', 'zh', 'zh', 'en', 'en']
    >>> profile_of("de-AT", {"de": Profile(languages=("de",)), "at": Profile(languages=("de-AT",))})
    'at'
    """
    owner = {language: name for name, profile in profiles.items() for language in profile.languages}
    subtags = language.replace("_", "-").split("-")
    for count in range(len(subtags), 0, -1):
        for spelled in ("-".join(subtags[:count]), "_".join(subtags[:count])):
            if spelled in owner:
                return owner[spelled]
    return "zh" if language.startswith(BUILT_IN["zh"].languages) else "en"

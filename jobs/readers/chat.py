"""Records whose text is the JSON of a chat in, Records with the text of its turns out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa

from jobs.readers.chat_settings import Chat
from jobs.readers.corrections import differences
from jobs.readers.made import with_made
from jobs.readers.records import Reason, Records

# Whether a model spoke, and people with it; null: people alone, or a chat without text.
SPOKEN_BY = pa.field("spoken_by", pa.string())
CORRECTIONS = pa.field("corrections", pa.string())

# As chat templates, ShareGPT and OpenAssistant call them.
_ROLE_KEYS = ("role", "from")
_CONTENT_KEYS = ("content", "value", "text")
_SAME_ROLE = {"human": "user", "prompter": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant"}


@dataclass(frozen=True)
class Turns:
    """What is kept of a chat."""

    text: str
    spoken_by: str | None
    corrections: str | None

    @property
    def told(self) -> dict[str, str | None]:
        """What it tells, by the names of columns."""
        return {SPOKEN_BY.name: self.spoken_by, CORRECTIONS.name: self.corrections}


def with_text_of_chats(found: Iterable[Records], settings: Chat) -> Iterator[Records]:
    """Take the text from each chat, and who spoke it; set aside what is no chat."""
    for records in found:
        yield _read(records, settings)


def read_chat(told: str, settings: Chat) -> Turns | Reason:
    r"""Read the JSON of a list of messages.

    >>> read_chat('[{"role":"user","content":"Hi?"},{"from":"gpt","value":"Yes."}]', Chat())
    Turns(text='Hi?\n\nYes.', spoken_by='mixed', corrections=None)
    >>> read_chat('[{"role": "teacher", "content": "It is 7.", "by_hand": "It is 8."}]', Chat(corrected="by_hand"))
    Turns(text='It is 8.', spoken_by='mixed', corrections='[{"turn":0,"at":6,"was":"7","now":"8"}]')
    """
    try:
        messages = orjson.loads(told)
    except orjson.JSONDecodeError:
        return "not_a_chat"
    if not isinstance(messages, list):
        return "not_a_chat"
    texts, speakers, corrections = [], set(), []
    for number, message in enumerate(messages):
        turn = _turn(message, settings.corrected)
        if turn is None:
            return "not_a_chat"
        role, draft, correction = turn
        text = draft if correction is None else correction
        if role not in settings.roles or not text.strip():
            continue
        texts.append(settings.before.get(role, "") + text)
        speakers.add("people" if role in settings.people else "model")
        if correction is not None and (changed := differences(draft, correction)):
            speakers.add("people")
            corrections += [{"turn": number, **one._asdict()} for one in changed]
    spoken_by = None if "model" not in speakers else "mixed" if "people" in speakers else "generated"
    return Turns("\n\n".join(texts), spoken_by, orjson.dumps(corrections).decode() if corrections else None)


def _read(records: Records, settings: Chat) -> Records:
    read = [read_chat(told, settings) for told in records.rows["text"].to_pylist()]
    told = (SPOKEN_BY.name, CORRECTIONS.name) if settings.corrected else (SPOKEN_BY.name,)
    return with_made(records, read, {name: name for name in told})


def _turn(message: Any, corrected: str | None) -> tuple[str, str, str | None] | None:
    """Return role, content and correction of a message; None for what is none."""
    if not isinstance(message, dict):
        return None
    role = next((message[key] for key in _ROLE_KEYS if key in message), None)
    content = _content(next((message[key] for key in _CONTENT_KEYS if key in message), None))
    correction = message.get(corrected) if corrected else None
    if not isinstance(role, str) or content is None or not isinstance(correction, str | None):
        return None
    name = role.strip().lower()
    return _SAME_ROLE.get(name, name), content, correction


def _content(told: Any) -> str | None:
    """Return the text of a message: a string, or the text among its parts; a call of a tool has none."""
    if isinstance(told, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in told]
        return "".join(part for part in parts if isinstance(part, str))
    return told if isinstance(told, str) else "" if told is None else None

"""How chats become texts: a table of a source in the job file."""

from pydantic import BaseModel, ConfigDict, Field


class Chat(BaseModel):
    """Which turns of a chat are its text, who spoke them, and where people's corrections of them are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: tuple[str, ...] = Field(
        ("user", "assistant", "teacher", "student"),
        min_length=1,
        description="turns that are taken, in the chat's order; `human` is a user, `gpt` and `model` an assistant",
    )
    people: tuple[str, ...] = Field(("user",), description="roles that people speak in; all others are a model's")
    before: dict[str, str] = Field(
        default_factory=dict, description='what stands before the turns of a role: {user = "User: "}'
    )
    corrected: str | None = Field(
        None,
        description="key of a turn under which a person's correction of it lies: that is taken, and the column "
        "`corrections` tells what it differs in",
    )

"""What the schemas share: rows read by attribute, pages, and texts and numbers that every database holds."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import to_json

T = TypeVar("T")


def storable(value: dict[str, Any]) -> dict[str, Any]:
    """JSON may spell half of a character ("\\ud800"), which no database and no answer can hold."""
    try:
        to_json(value)
    except ValueError as error:
        raise ValueError("holds a text that is not Unicode") from error
    return value


Json = Annotated[dict[str, Any], AfterValidator(storable)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.:#-]+$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
# PostgreSQL's integer; SQLite would take more.
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Row(BaseModel):
    """Read from a database row or a dataclass by the names of its attributes."""

    model_config = ConfigDict(from_attributes=True)


class Body(BaseModel):
    """A request's body: a field that nobody knows is a mistake and not a wish."""

    model_config = ConfigDict(extra="forbid")


class Items(BaseModel, Generic[T]):
    """A list that is short enough to be whole."""

    items: list[T]


class Page(BaseModel, Generic[T]):
    """`next` is the cursor of the following page; null on the last one."""

    items: list[T]
    next: str | None = None


class Problem(BaseModel):
    """RFC 9457 problem details. `detail` is one line that says what is wrong and what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class Said(BaseModel):
    """One line in both languages."""

    ru: str
    en: str


class Denied(Problem):
    """`said`: where a rule about this very thing forbids it, and not a missing permission."""

    said: Said | None = None


class FieldError(BaseModel):
    """Where in the request the mistake stands, such as `body.version`, and what it is."""

    field: str
    message: str


class Invalid(Problem):
    """A request whose parts do not fit; `errors` names each part when there are several."""

    errors: list[FieldError] = []


class Lost(Problem):
    """Somebody was first. `yours` is what you sent, so that nothing you wrote is lost."""

    decided_by: str | None = None
    decision: str | None = None
    yours: dict[str, Any] | None = None

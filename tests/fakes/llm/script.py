"""What a fake vendor is told to do, in one vocabulary over all vendors, and what it saw meanwhile.

Each Turn serves one request for an answer, in the order of asking; without a turn the fake just answers.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

TEXT = "Добрый день! Мы предлагаем обсудить партнёрство."


class Finish(StrEnum):
    """Why the model stopped; each vendor has words of its own for it."""

    STOP = "stop"
    LENGTH = "length"
    FILTER = "filter"


@dataclass(frozen=True)
class ToolCall:
    name: str
    arguments: Mapping[str, Any] | str
    id: str = "call_1"

    @property
    def said(self) -> str:
        """The arguments as JSON; those that are a text are told as they stand, whatever they are."""
        return self.arguments if isinstance(self.arguments, str) else json_text(self.arguments)


@dataclass(frozen=True)
class Turn:
    """One answer and what is wrong with it; as it stands, nothing is.

    text: what the model says (JSON when a schema was asked for); "" and no tools: an empty answer.
    status: an HTTP status of an error (gRPC fakes send its kin); retry_after: that header, if any; said: its
    sentence, "" for one that quotes the request and the key.
    error_in_200: the vendor's error of `status` in a body that says 200 (in a stream: after its first piece).
    hang: the request is taken and nothing comes. stall: the stream falls silent after so many pieces.
    ends: the stream ends, as if properly, after so many pieces and without saying why.
    cut: the connection breaks after so many bytes of the body (gRPC: of the text).
    malformed: the body (in a stream: what follows the first piece) isn't JSON. pause_s: before every piece.
    tokens_in, tokens_out, tokens_cached: the usage that is reported with the answer.
    size: characters of a piece of a stream, in the place of a word each.
    """

    text: str = TEXT
    tools: tuple[ToolCall, ...] = ()
    finish: Finish = Finish.STOP
    status: int = 200
    retry_after: str | None = None
    said: str = ""
    error_in_200: bool = False
    hang: bool = False
    stall: int | None = None
    ends: int | None = None
    cut: int | None = None
    malformed: bool = False
    pause_s: float = 0.0
    tokens_in: int = 11
    tokens_out: int = 7
    tokens_cached: int = 0
    size: int | None = None

    @property
    def pieces(self) -> list[str]:
        """The text in the pieces in which it is streamed: together they are the text."""
        if self.size:
            return [self.text[at : at + self.size] for at in range(0, len(self.text), self.size)]
        return re.findall(r"\S+\s*|\s+", self.text)


ANSWER = Turn()
EMPTY = Turn(text="", tokens_out=0)
TRUNCATED = Turn(finish=Finish.LENGTH)
FILTERED = Turn(text="Не люблю менять тему разговора.", finish=Finish.FILTER)
HANG = Turn(hang=True)
MALFORMED = Turn(malformed=True)


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def says(text: str) -> Turn:
    return Turn(text=text)


def structured(value: Any) -> Turn:
    """The answer to a call with a schema."""
    return Turn(text=json_text(value))


def calls(name: str, /, **arguments: Any) -> Turn:
    """The model wants a tool called, and says nothing else."""
    return Turn(text="", tools=(ToolCall(name, arguments),))


def fails(status: int, retry_after: str | None = None) -> Turn:
    return Turn(status=status, retry_after=retry_after)


def fails_in_200(status: int) -> Turn:
    return Turn(status=status, error_in_200=True)


def cut(after: int, of: Turn = ANSWER) -> Turn:
    return replace(of, cut=after)


def stalls(after: int = 1, of: Turn = ANSWER) -> Turn:
    return replace(of, stall=after)


def slow(pause_s: float, of: Turn = ANSWER) -> Turn:
    return replace(of, pause_s=pause_s)


@dataclass(frozen=True)
class Asked:
    """A request for an answer. body: the parsed JSON, or the protobuf message; headers in lower case."""

    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


Answering = Turn | Callable[[Any], Turn]
"""A turn, or one for the body of each request."""


class Script:
    """Shared by a test and the thread of a server. `peak`: the most requests that ran at one moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: list[Turn] = []
        self._always: Answering = ANSWER
        self.asked: list[Asked] = []
        self.running = 0
        self.peak = 0

    def next(self, *turns: Turn) -> None:
        """Answer the coming requests so, one each; the later ones as `always` says."""
        with self._lock:
            self._turns.extend(turns)

    def always(self, turn: Answering) -> None:
        with self._lock:
            self._always = turn

    def reset(self) -> None:
        """As new, for the next test of a module; what runs still counts."""
        with self._lock:
            self._turns.clear()
            self._always = ANSWER
            self.asked.clear()
            self.peak = self.running

    @contextmanager
    def serving(self, asked: Asked) -> Iterator[Turn]:
        """The turn of one request, counted as running until the answer has left or the client has gone."""
        with self._lock:
            self.asked.append(asked)
            self.running += 1
            self.peak = max(self.peak, self.running)
            answering = self._turns.pop(0) if self._turns else self._always
        turn = answering if isinstance(answering, Turn) else answering(asked.body)
        try:
            yield turn
        finally:
            with self._lock:
                self.running -= 1

"""What the fakes of vendors do with the requests of a data set, one after another."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from evals.answers import Reaction
from tests.fakes.llm.script import Finish, ToolCall, Turn, json_text

from .answering import NoAnswer

_FINISH = {"filtered": Finish.FILTER, "truncated": Finish.LENGTH}
# Bytes after which a connection breaks; pieces of a stream after which it ends.
_CUT, _ENDS = 20, 2


class InTurn:
    """reactions: of each vendor, by the words that every prompt of a case has and no other."""

    def __init__(self, reactions: Mapping[str, Mapping[str, Sequence[Reaction]]]) -> None:
        self._reactions = reactions
        self._asked: Counter[tuple[str, str]] = Counter()

    def __call__(self, vendor: str, body: Any) -> Turn:
        """Errors: NoAnswer."""
        prompt = prompt_of(body)
        case = next((words for words in self._reactions if words in prompt), None)
        if case is None:
            raise NoAnswer(f"no case asks {prompt[:80]!r}")
        number = self._asked[case, vendor]
        self._asked[case, vendor] += 1
        told = self._reactions[case].get(vendor, ())
        if number >= len(told):
            raise NoAnswer(f"{case}: request {number + 1} of {vendor} has no answer")
        return turn_of(told[number])


def prompt_of(body: Any) -> str:
    """All messages of a request, by HTTP or by gRPC."""
    if isinstance(body, Mapping):
        return json.dumps(body, ensure_ascii=False)
    return "\n".join(message.text for message in body.messages)


def turn_of(it: Reaction) -> Turn:
    text = it.says if isinstance(it.says, str) else json_text(it.says)
    return Turn(
        text=text,
        said=text if it.status != 200 else "",
        tools=(ToolCall(it.tool.name, it.tool.arguments),) if it.tool else (),
        finish=_FINISH.get(it.fault, Finish.STOP),
        status=it.status,
        retry_after=it.retry_after,
        error_in_200=it.fault == "in_200",
        hang=it.fault == "hangs",
        ends=_ENDS if it.fault == "breaks_off" else None,
        cut=_CUT if it.fault == "cut" else None,
        malformed=it.fault == "malformed",
        tokens_in=it.tokens[0],
        tokens_out=it.tokens[1],
    )

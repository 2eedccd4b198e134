"""What went wrong with a vendor, from HTTP and the vendors' own words to one outcome and one line.

A vendor's sentence may quote the prompt or the key, so it is looked at and never repeated: a line holds
only the status, the vendor's word for the error and, for a prompt over the context, the two numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..call import CallFailed
from ..outcome import Outcome

_STATUSES = {
    401: Outcome.UNAUTHORISED,
    402: Outcome.OUT_OF_MONEY,
    403: Outcome.UNAUTHORISED,
    408: Outcome.TIMED_OUT,
    429: Outcome.RATE_LIMITED,
}
# Said in a stream, whose status was 200 already, or more exact than the status is.
_WORDS = {
    "authentication_error": Outcome.UNAUTHORISED,
    "permission_error": Outcome.UNAUTHORISED,
    "billing_error": Outcome.OUT_OF_MONEY,
    "insufficient_quota": Outcome.OUT_OF_MONEY,
    "rate_limit_error": Outcome.RATE_LIMITED,
    "invalid_request_error": Outcome.BAD_REQUEST,
    "not_found_error": Outcome.BAD_REQUEST,
    "request_too_large": Outcome.BAD_REQUEST,
    "content_filter": Outcome.FILTERED,
    "content_policy_violation": Outcome.FILTERED,
    "moderation": Outcome.FILTERED,
    # An SDK's, of messages that it cannot put into the vendor's form.
    "ValueError": Outcome.BAD_REQUEST,
}
# Anthropic says both of these with a plain 400.
_SENTENCES = {
    "credit balance is too low": Outcome.OUT_OF_MONEY,
    "blocked by content filtering policy": Outcome.FILTERED,
}
_OVER_CONTEXT = (
    re.compile(r"prompt is too long: (?P<sent>\d+) tokens > (?P<most>\d+)"),
    re.compile(r"maximum context length is (?P<most>\d+) tokens.{0,60}?(?P<sent>\d+) tokens", re.DOTALL),
    re.compile(r"(?i)number of input tokens must be no more than (?P<most>\d+), got (?P<sent>\d+)"),
)


@dataclass(frozen=True)
class Fault:
    """status: of HTTP, None where there was none or it was 200; word: the vendor's name for the error, or the
    SDK's exception; sentence: what the vendor said, for our eyes only."""

    status: int | None = None
    word: str = ""
    sentence: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        for part, outcome in _SENTENCES.items():
            if part in self.sentence:
                return outcome
        return _WORDS.get(self.word) or _of_status(self.status)

    @property
    def line(self) -> str:
        word = self.word if re.fullmatch(r"[\w.:-]{1,60}", self.word) else ""
        return " ".join(filter(None, [str(self.status or ""), word, self._over_context])) or "broken answer"

    @property
    def _over_context(self) -> str:
        found = next(filter(None, (form.search(self.sentence) for form in _OVER_CONTEXT)), None)
        if found is None:
            return ""
        sent, most = int(found["sent"]), int(found["most"])
        return f"prompt over the context by {sent - most} tokens ({sent} > {most})"

    def failed(self, who: str) -> CallFailed:
        return CallFailed(self.outcome, f"{who}: {self.line}", retry_after_s=retry_after(self.headers))


def of_sdk(error: Exception) -> Fault:
    """From an error of the OpenAI and Anthropic SDKs, which are generated alike."""
    response = getattr(error, "response", None)
    said = getattr(error, "body", None)
    return of_body(
        said, None if response is None else response.status_code, getattr(response, "headers", {}), error
    )


def of_body(
    said: Any, status: int | None, headers: Mapping[str, str], error: Exception | None = None
) -> Fault:
    """From the body of an error, {"error": {…}} or what is in it; `error` names one that has no name."""
    said = said.get("error", said) if isinstance(said, Mapping) else {}
    said = said if isinstance(said, Mapping) else {}
    code, metadata = said.get("code"), said.get("metadata") or {}
    if isinstance(code, int):
        status = code
    word = next(
        (w for w in (code, said.get("type")) if isinstance(w, str)), type(error).__name__ if error else ""
    )
    return Fault(
        status=None if status == 200 else status,
        word="moderation" if "flagged_input" in metadata else word,
        sentence=str(said.get("message", "")),
        headers=headers,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a vendor asks to be left alone: said as such, or as a date beside its own."""
    said = headers.get("retry-after")
    if said is None:
        return None
    try:
        seconds = float(said)
    except ValueError:
        then, now = _date(said), _date(headers.get("date", ""))
        seconds = (then - now).total_seconds() if then and now else math.nan
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _date(said: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(said)
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except ValueError:
        return None


def _of_status(status: int | None) -> Outcome:
    known = _STATUSES.get(status or 0)
    if known is None and status is not None and 400 <= status < 500:
        return Outcome.BAD_REQUEST
    return known or Outcome.UNAVAILABLE

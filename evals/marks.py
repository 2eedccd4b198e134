"""What a scorer says of one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Mark = float | Sequence[float]


@dataclass(frozen=True)
class Marks:
    """values: what the metrics are computed from, by name; a list for what one case has many of (the scores
    of a ranking). why: what was wrong, a line each; trajectory: the nodes gone through, in order.
    """

    values: Mapping[str, Mark] = field(default_factory=dict)
    why: tuple[str, ...] = ()
    trajectory: tuple[str, ...] = ()

    def number(self, name: str, without: float) -> float:
        """`without`: of a case that crashed and has no marks."""
        told = self.values.get(name, without)
        assert isinstance(told, int | float), f"{name} is a list"
        return float(told)

    def numbers(self, name: str) -> list[float]:
        told = self.values.get(name, ())
        return [float(told)] if isinstance(told, int | float) else [float(it) for it in told]

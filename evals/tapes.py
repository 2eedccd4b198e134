"""Whom the agents ask in an evaluation: a tape that plays, one that is written, or the models themselves.

The tape of an epoch is evals/tapes/NAME/EPOCH.jsonl: repetitions are answered by what was said in theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from graphs.runtime.settings import Settings

from .errors import NoModels

TAPES = Path(__file__).parent / "tapes"
Mode = Literal["replay", "record", "live"]
# No key: what has no tape is answered by rules and templates, whatever the environment has.
_KEYS = ("yandex_keys", "gigachat_keys", "openrouter_keys", "anthropic_keys")
NOBODY = dict.fromkeys(_KEYS, "")


@dataclass(frozen=True)
class Models:
    """folder: of the tapes; keys: settings of the models that may be asked live."""

    mode: Mode = "replay"
    folder: Path = TAPES
    keys: Mapping[str, Any] = field(default_factory=dict)

    def settings(self, name: str, epoch: int) -> dict[str, Any]:
        """Of the services that a case of the evaluation opens."""
        tape = self.folder / name / f"{epoch}.jsonl"
        if self.mode == "replay":
            return {**NOBODY, "llm_tape": tape if tape.exists() else None, "llm_tape_mode": "replay"}
        if self.mode == "live":
            return {**self.keys, "llm_tape": None}
        tape.parent.mkdir(parents=True, exist_ok=True)
        return {**self.keys, "llm_tape": tape, "llm_tape_mode": "record"}


def models_of(settings: Settings, mode: Mode, provider: str | None) -> Models:
    """Errors: NoModels when somebody must be asked and the environment has no key."""
    keys = _keys(settings, provider)
    if mode != "replay" and not any(keys.values()):
        whose = provider.upper() if provider else "…"
        raise NoModels(f"to ask models needs a key: ARTEL_{whose}_KEYS")
    return Models(mode, keys=keys)


def _keys(settings: Settings, provider: str | None) -> dict[str, Any]:
    """What the environment says of models; `provider` alone keeps its keys."""
    told = {name: getattr(settings, name) for name in _KEYS}
    return {name: keys if provider in (None, name.partition("_")[0]) else "" for name, keys in told.items()}

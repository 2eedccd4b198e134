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
KEYS = ("yandex_keys", "gigachat_keys", "openrouter_keys", "anthropic_keys")
# What else the environment says of models. A replay has none of it: it asks as it was recorded.
_ABOUT = (
    "yandex_folder",
    "yandex_url",
    "gigachat_scope",
    "gigachat_url",
    "gigachat_auth_url",
    "openrouter_url",
    "anthropic_url",
    "ca_bundle",
    "llm_policies",
    "llm_prices",
)
NOBODY = dict.fromkeys(KEYS, "")


@dataclass(frozen=True)
class Models:
    """folder: of the tapes; keys: settings of the models that may be asked, and how."""

    mode: Mode = "replay"
    folder: Path = TAPES
    keys: Mapping[str, Any] = field(default_factory=dict)

    def settings(self, name: str, epoch: int) -> dict[str, Any]:
        """Of the services that a case of the evaluation opens."""
        tape = self.folder / name / f"{epoch}.jsonl"
        if self.mode == "replay":
            return {"llm_tape": tape, "llm_tape_mode": "replay"} if tape.exists() else {}
        if self.mode == "live":
            return dict(self.keys)
        tape.parent.mkdir(parents=True, exist_ok=True)
        return {**self.keys, "llm_tape": tape, "llm_tape_mode": "record"}


def models_of(settings: Settings, mode: Mode, provider: str | None) -> Models:
    """provider: the only one whose keys are used. Errors: NoModels when somebody must be asked and the
    environment has no key."""
    names = [name for name in KEYS if provider in (None, name.partition("_")[0])]
    keys = {name: keys for name in names if (keys := getattr(settings, name))}
    if mode != "replay" and not keys:
        raise NoModels(f"to ask models needs a key: {', '.join(f'ARTEL_{name.upper()}' for name in names)}")
    return Models(mode, keys={**NOBODY, **keys, **{name: getattr(settings, name) for name in _ABOUT}})

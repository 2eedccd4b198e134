"""The tape of the settings: played in the place of the vendors, or written beside them."""

from __future__ import annotations

from collections.abc import Sequence

from tools.llm.call import Key, Provider
from tools.llm.tape import Tape, TapeError
from tools.llm.taped import Recording, Replaying

from .errors import StartError
from .settings import Settings


def open_tape(settings: Settings) -> Tape | None:
    """Errors: StartError for a file that is no tape, or isn't there to be played."""
    if (path := settings.llm_tape) is None:
        return None
    try:
        if settings.replays:
            path.stat()
        return Tape(path)
    except OSError as error:
        raise StartError(f"ARTEL_LLM_TAPE={path}: {error.strerror}") from error
    except TapeError as error:
        raise StartError(f"ARTEL_LLM_TAPE={error}") from error


def played(tape: Tape) -> list[tuple[Provider, list[Key]]]:
    """The providers of the recording, which need no key."""
    return [(Replaying(name, at, tape), [Key(f"{name}-1", "")]) for name, at in tape.providers.items()]


def recorded(providers: Sequence[Provider], tape: Tape) -> list[Provider]:
    """Errors: StartError where the file cannot be written."""
    try:
        tape.opened({provider.name: provider.region for provider in providers})
    except OSError as error:
        raise StartError(f"ARTEL_LLM_TAPE: {error.strerror}: {error.filename}") from error
    return [Recording(provider, tape) for provider in providers]

"""Which code an evaluation ran on."""

from __future__ import annotations

import hashlib
import subprocess
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
# All that may change a score. Baselines do not.
_LAYERS = ("agents", "graphs", "memory", "prompts", "tools", "evals")
_UNREAD = ("__pycache__", "baselines")


def code_version(root: Path = ROOT) -> str:
    """Artel's version, and the commit where there is one; "+" behind it: with changes that are in none."""
    told = version("artel")
    if (commit := _git(root, "rev-parse", "--short=12", "HEAD")) is None:
        return told
    return f"{told} {commit}" + ("+" if _git(root, "status", "--porcelain", "--", *_LAYERS[:-1]) else "")


def fingerprint(root: Path = ROOT) -> str:
    """Of the code, the prompts, the data and the tapes, as they lie there."""
    digest = hashlib.sha256()
    for layer in _LAYERS:
        for file in sorted((root / layer).rglob("*")):
            if file.is_file() and not set(_UNREAD) & set(file.parts):
                digest.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _git(root: Path, *args: str) -> str | None:
    """What git says; None where there is none, or no repository."""
    try:
        command = ["git", "-C", str(root), *args]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()

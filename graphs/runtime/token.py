"""The secrets of an installation: from the settings, else made in the data folder on first use."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from .settings import Settings


def token_of(settings: Settings) -> str:
    """The API's bearer token."""
    return settings.token or _kept(settings.data_dir / "token")


def webhook_secret_of(settings: Settings) -> bytes:
    """What the receivers of webhooks verify their signature with."""
    return (settings.webhook_secret or _kept(settings.data_dir / "webhook_secret")).encode()


def secret_of(settings: Settings) -> str:
    """What the database's own secrets are encrypted with."""
    return settings.secret or _kept(settings.data_dir / "secret")


def _kept(path: Path) -> str:
    if not path.exists():
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as stream:
            stream.write(secrets.token_urlsafe(32))
    return path.read_text().strip()

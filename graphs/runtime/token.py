"""The API's bearer token: one secret of the data folder."""

from __future__ import annotations

import os
import secrets

from .settings import Settings


def token_of(settings: Settings) -> str:
    """From the settings, else from the data folder, made there on first start."""
    if settings.token:
        return settings.token
    path = settings.data_dir / "token"
    if not path.exists():
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as stream:
            stream.write(secrets.token_urlsafe(32))
    return path.read_text().strip()

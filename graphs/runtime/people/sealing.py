"""What the database may not tell to whoever reads it: encrypted with the installation's secret."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


class OtherSecret(Exception):
    """It was sealed with another secret than ARTEL_SECRET, or the file `secret`, is now."""


class Seal:
    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))

    def apart(self, purpose: str) -> Seal:
        """One that opens nothing which was sealed for anything else."""
        return Seal(f"{purpose}:{self._secret}")

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Errors: OtherSecret."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise OtherSecret("it was sealed with another secret") from error

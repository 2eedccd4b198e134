"""A certificate authority of a test's own, and what it issues to 127.0.0.1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PEM = serialization.Encoding.PEM


class Authority:
    """Writes its root certificate into a folder, as the Russian root is given: `ca_bundle`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._root = self._signed("Artel Test Root", self._key, self._constraints())
        self.ca_bundle = folder / "root.pem"
        self.ca_bundle.write_bytes(self._root.public_bytes(_PEM))

    def issue(self) -> tuple[Path, Path]:
        """(certificate, key) of a server on 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
        certificate, secret = self._folder / "server.pem", self._folder / "server.key"
        certificate.write_bytes(self._signed("127.0.0.1", key, (names, False)).public_bytes(_PEM))
        secret.write_bytes(
            key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return certificate, secret

    def _constraints(self) -> tuple[x509.ExtensionType, bool]:
        return x509.BasicConstraints(ca=True, path_length=0), True

    def _signed(
        self, name: str, key: ec.EllipticCurvePrivateKey, extension: tuple[x509.ExtensionType, bool]
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        issuer = "Artel Test Root"
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(*extension)
        )
        return builder.sign(self._key, hashes.SHA256())

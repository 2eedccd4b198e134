"""Another house that people sign in by: an OpenID provider on 127.0.0.1. It checks what a real one checks."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "artel", "the-client-s-secret"


@dataclass
class FakeOidc:
    """claims: what the next tokens say beside what they must; forged: they are signed by nobody's key."""

    claims: dict[str, Any] = field(default_factory=dict)
    forged: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> FakeOidc:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def discovery(self) -> dict[str, Any]:
        places = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{name}" for name in places}}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the person is sent back to, having signed in at once."""
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert "openid" in asked["scope"] and asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        begun = self.codes.pop(asked.get("code", ""), None)
        known = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        hash = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(hash).rstrip(b"=").decode()
        fits = begun is not None and begun["code_challenge"] == challenge
        if authorization != known or not fits or begun["redirect_uri"] != asked["redirect_uri"]:  # type: ignore[index]
            return 400, {"error": "invalid_grant"}
        assert begun is not None
        now = int(time.time())
        must = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "nonce": begun["nonce"], "exp": now + 60}
        key = self._keys[self.forged]
        token = jwt.encode({**must, **self.claims}, key, "RS256", headers={"kid": "one"})
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": token}

    def jwks(self) -> dict[str, Any]:
        key = RSAAlgorithm.to_jwk(self._keys[0].public_key(), as_dict=True)
        return {"keys": [{"kty": "RSA", "n": key["n"], "e": key["e"], "kid": "one", "use": "sig"}]}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        house = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path)
                if path.path == "/authorization_endpoint":
                    asked = {name: many[0] for name, many in parse_qs(path.query).items()}
                    self.send_response(302)
                    self.send_header("Location", house.authorize(asked))
                    self.end_headers()
                elif path.path == "/jwks_uri":
                    self._tell(200, house.jwks())
                else:
                    self._tell(200, house.discovery())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                asked = {name: many[0] for name, many in parse_qs(body).items()}
                self._tell(*house.token(asked, self.headers.get("Authorization", "")))

            def _tell(self, status: int, told: dict[str, Any]) -> None:
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

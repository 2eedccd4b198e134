"""The page's own files, each under an address that changes with its content, so it may be kept for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

PREFIX = "/static"
FOLDER = Path(__file__).parent / "static"


@cache
def address(name: str) -> str:
    """Where the page finds the file `name`. Errors: FileNotFoundError: run `make` for those of vendors."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"{PREFIX}/{digest}/{name}"


class Assets(StaticFiles):
    """Serves `/<digest>/<name>`; which digest is asked for does not matter."""

    def get_path(self, scope: Scope) -> str:
        _, _, name = super().get_path(scope).partition("/")
        return name

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def assets() -> ASGIApp:
    return GZipMiddleware(Assets(directory=FOLDER, check_dir=False))

"""Where things are, in the native API and for people. FastAPI would look each up in all its routes."""

from __future__ import annotations

PREFIX = "/api/v1"


def of_run(id: str) -> str:
    return f"{PREFIX}/runs/{id}"


def of_schedule(id: str) -> str:
    return f"{PREFIX}/schedules/{id}"


def of_invitation(secret: str) -> str:
    return f"/invite/{secret}"

"""The fixtures of tests that run on both databases."""

from __future__ import annotations

from tests.fakes.postgres import empty_database, postgres_server

__all__ = ["empty_database", "postgres_server"]

"""Where log lines go: beside the answers, never among them."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler

import structlog

from graphs.runtime.settings import Settings

FILE_BYTES = 1_000_000
# They tell every request and every tick at a level at which we tell what matters.
_TALKATIVE = ("httpx", "httpcore", "apscheduler", "alembic")


def log_to_stderr(settings: Settings) -> None:
    """For a server: whoever runs it keeps its lines."""
    _configure(logging.StreamHandler(), settings.log_level)


def log_to_file(settings: Settings) -> None:
    """For a command: `artel.log` in the data folder, so that the screen is the command's own."""
    path = settings.data_dir / "artel.log"
    # Opened at the first line: a command that has nothing to tell leaves no file and needs no folder.
    handler = RotatingFileHandler(path, maxBytes=FILE_BYTES, backupCount=1, encoding="utf-8", delay=True)
    _configure(handler, settings.log_level)


def _configure(handler: logging.Handler, level: str) -> None:
    # A full disk must not put tracebacks between the answers.
    logging.raiseExceptions = False
    logging.basicConfig(handlers=[handler], level=level.upper(), format="%(message)s", force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
    )

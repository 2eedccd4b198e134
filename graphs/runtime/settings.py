"""The only reader of the environment. Every value has a default that works on one machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from .cron import trigger_of
from .errors import BadRequest, StartError


class Settings(BaseSettings):
    """Read from `ARTEL_…` variables; see README.md for the table."""

    model_config = SettingsConfigDict(env_prefix="ARTEL_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("data"), description="database, outbox, token and lock live here")
    database_url: str = Field(
        "", description="sqlite:///file or postgresql://…; empty means SQLite in the data folder"
    )
    token: str = Field("", description="bearer token of the API; empty means made on first start")
    host: str = Field("127.0.0.1", description="address that `artel serve` binds")
    port: int = Field(8000, ge=0, le=65535, description="port that `artel serve` binds")
    concurrency: int = Field(16, ge=0, le=1000, description="runs executed at once by one process")
    queue: str = Field("default", description="queues that the worker serves, comma-separated")
    pool_size: int = Field(4, ge=1, le=100, description="database connections of each kind in one process")
    max_attempts: int = Field(5, ge=1, le=100, description="workers that may die on a run before it is dead")
    max_retries: int = Field(3, ge=0, le=100, description="passing errors of one run before it fails")
    node_timeout_s: float = Field(0, ge=0, description="seconds that one step of a graph may take; 0: any")
    run_timeout_s: float = Field(0, ge=0, description="seconds that one execution may take; 0: any")
    lease_s: float = Field(10, ge=1, le=600, description="seconds of silence after which a worker is dead")
    grace_s: float = Field(30, ge=0, le=600, description="seconds that runs get to end when it stops")
    prune_after_h: float = Field(
        24, ge=0, description="hours of rest after which only a thread's last checkpoint is kept; 0: never"
    )
    webhook_secret: str = Field("", description="signs webhooks; empty means made on first start")
    webhook_allow_hosts: str = Field("", description="host:port, comma-separated, called though private")
    cors_origins: str = Field("", description="origins of browser clients, as http://localhost:3000")
    tenant_cap: int = Field(0, ge=0, description="runs of one tenant at once; 0: any number")
    provider_caps: str = Field("", description="runs at once a provider, as gigachat=1,yandexgpt=10")
    threshold: float = Field(0.7, ge=0, le=1, description="score from which a pair is proposed")
    shortlist: int = Field(20, ge=1, le=10_000, description="pairs that one scout run may start")
    lang: Literal["ru", "en"] = Field("ru", description="language of letters")
    style: Literal["formal", "friendly", "technical"] = Field("formal", description="style of letters")
    sender_name: str = Field("Отдел партнёрств", description="who signs the letters")
    sender_company: str = Field("Artel", description="the company that the letters come from")
    sender_email: str = Field("partners@artel.invalid", description="the address that letters come from")
    embeddings: str = Field(
        "", description="a sentence-transformers model (extra `transformers`); empty: the bundled one"
    )
    registry_csv: Path | None = Field(None, description="export of a company registry to check against")
    feed_timeout_s: float = Field(20, gt=0, le=600, description="seconds that one feed may take")
    feed_max_bytes: int = Field(10_000_000, ge=1_000, description="bytes of one feed that are read")
    feed_allow_hosts: str = Field("", description="host:port, comma-separated, allowed though private")
    schedule: str = Field("*/15 * * * *", description="cron line of the first scout schedule")
    timezone: str = Field("Europe/Moscow", description="time zone of the first scout schedule")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level logged")

    @field_validator("webhook_secret")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value.encode()) < 24:
            raise ValueError("shorter than 24 bytes")
        return value

    @field_validator("queue")
    @classmethod
    def _some_queue(cls, value: str) -> str:
        if not all(re.fullmatch(r"[\w.-]{1,64}", name) for name in _parts(value)) or not _parts(value):
            raise ValueError("not names of queues such as default,slow")
        return value

    @field_validator("provider_caps")
    @classmethod
    def _caps(cls, value: str) -> str:
        for part in _parts(value):
            if not re.fullmatch(r"[\w.-]+=[1-9]\d*", part):
                raise ValueError(f"{part} is not provider=number")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not a time zone name such as Europe/Moscow") from error
        return value

    @field_validator("schedule")
    @classmethod
    def _cron_line(cls, value: str) -> str:
        try:
            trigger_of(value, "UTC")
        except BadRequest as error:
            raise ValueError("not a crontab line such as 0 */2 * * 1-5") from error
        return value

    @field_validator("registry_csv", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("feed_allow_hosts", "webhook_allow_hosts")
    @classmethod
    def _hosts_with_ports(cls, value: str) -> str:
        for host in filter(None, (part.strip() for part in value.split(","))):
            if not re.fullmatch(r"\S+:\d{1,5}", host):
                raise ValueError(f"{host} is not host:port")
        return value

    @field_validator("sender_email")
    @classmethod
    def _address(cls, value: str) -> str:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            raise ValueError("not an e-mail address")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            known = not value or make_url(value).get_backend_name() in ("sqlite", "postgresql")
        except ArgumentError:
            known = False
        if not known:
            raise ValueError("neither sqlite:///file nor postgresql://…")
        return value

    @classmethod
    def load(cls, **given: Any) -> Self:
        """The environment's, `given` values first. Errors: StartError naming the first that is wrong."""
        try:
            return cls(**given)
        except ValidationError as error:
            first = error.errors()[0]
            name = "ARTEL_" + "_".join(str(part) for part in first["loc"]).upper()
            raise StartError(f"{name}={first['input']!r} is wrong: {first['msg']}") from None

    @property
    def queue_names(self) -> tuple[str, ...]:
        return tuple(_parts(self.queue))

    @property
    def provider_cap_of(self) -> dict[str, int]:
        pairs = (part.split("=") for part in _parts(self.provider_caps))
        return {provider: int(most) for provider, most in pairs}

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'artel.db'}"


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]

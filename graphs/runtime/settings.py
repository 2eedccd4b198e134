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
    secret: str = Field("", description="encrypts secrets in the database; empty means made on first start")
    host: str = Field("127.0.0.1", description="address that `artel serve` binds")
    port: int = Field(8000, ge=0, le=65535, description="port that `artel serve` binds")
    public_url: str = Field(
        "", description="where people reach it, as https://artel.example; else host and port"
    )
    proxies: str = Field("", description="addresses of reverse proxies whose word on the client is taken")
    session_h: float = Field(12, gt=0, le=720, description="hours that signing in lasts")
    rate_per_minute: int = Field(100, ge=0, description="requests of a person or an address; 0: any number")
    oidc_issuer: str = Field("", description="the OpenID provider that people may sign in by; empty: none")
    oidc_client: str = Field("artel", description="how the OpenID provider knows us")
    oidc_secret: str = Field("", description="the secret that it gave us")
    two_pairs_of_eyes: bool = Field(
        False, description="whoever had a letter rewritten does not approve it, nor approve with an edit"
    )
    second_review: Literal["", "low", "medium", "high"] = Field(
        "", description="severity of a risk from which two people approve a letter; empty: one is enough"
    )
    deadline_h: float = Field(
        48, ge=0, description="hours after which a question that waits is shown as late; 0: never"
    )
    late_email: str = Field(
        "", description="who is told what has become late, as head@artel.example, acme=boss@acme.example"
    )
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
    yandex_keys: str = Field("", description="API keys of YandexGPT, comma-separated, or @file")
    yandex_folder: str = Field("", description="the folder of Yandex Cloud that pays")
    yandex_url: str = Field("", description="host:port of a gRPC server in place of Yandex's, without TLS")
    gigachat_keys: str = Field("", description="authorisation keys of GigaChat, comma-separated, or @file")
    gigachat_scope: str = Field("GIGACHAT_API_PERS", description="GIGACHAT_API_PERS, …_B2B or …_CORP")
    gigachat_url: str = Field("", description="GigaChat's address, when it is another")
    gigachat_auth_url: str = Field("", description="the address of its OAuth, when it is another")
    openrouter_keys: str = Field("", description="keys of OpenRouter, comma-separated, or @file")
    openrouter_url: str = Field("", description="OpenRouter's address, when it is another")
    anthropic_keys: str = Field("", description="keys of Anthropic, comma-separated, or @file")
    anthropic_url: str = Field("", description="Anthropic's address, when it is another")
    ca_bundle: Path | None = Field(None, description="root certificates, such as the Russian trusted root")
    llm_policies: Path | None = Field(None, description="policies of the agents in place of ours")
    llm_prices: Path | None = Field(None, description="prices of the models in place of ours")
    llm_budget_rub: float = Field(0, ge=0, description="roubles that all agents may spend a day; 0: any")
    llm_tape: Path | None = Field(None, description="a file of what the models answered")
    llm_tape_mode: Literal["replay", "record"] = Field(
        "replay", description="replay: the tape answers, without network or key; record: it is written"
    )
    undo_s: float = Field(8, ge=0, le=600, description="seconds in which a page's decision can be undone")
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

    @field_validator("webhook_secret", "secret")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value.encode()) < 24:
            raise ValueError("shorter than 24 bytes")
        return value

    @field_validator("queue")
    @classmethod
    def _some_queue(cls, value: str) -> str:
        if not all(re.fullmatch(r"[\w.-]{1,64}", name) for name in parts(value)) or not parts(value):
            raise ValueError("not names of queues such as default,slow")
        return value

    @field_validator("provider_caps")
    @classmethod
    def _caps(cls, value: str) -> str:
        for part in parts(value):
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

    @field_validator("yandex_keys", "gigachat_keys", "openrouter_keys", "anthropic_keys")
    @classmethod
    def _kept_in_a_file(cls, value: str) -> str:
        """A file has a key a line. What is wrong is told without the keys."""
        if not value.startswith("@"):
            return value
        try:
            return ",".join(Path(value[1:]).read_text(encoding="utf-8").split())
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"the file cannot be read: {error}") from error

    @field_validator("registry_csv", "ca_bundle", "llm_policies", "llm_prices", "llm_tape", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("feed_allow_hosts", "webhook_allow_hosts")
    @classmethod
    def _hosts_with_ports(cls, value: str) -> str:
        for host in parts(value):
            if not re.fullmatch(r"\S+:\d{1,5}", host):
                raise ValueError(f"{host} is not host:port")
        return value

    @field_validator("public_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s@]+/?", value):
            raise ValueError("not an origin such as https://artel.example")
        return value.rstrip("/")

    @field_validator("sender_email")
    @classmethod
    def _address(cls, value: str) -> str:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            raise ValueError("not an e-mail address")
        return value

    @field_validator("late_email")
    @classmethod
    def _addresses(cls, value: str) -> str:
        for part in parts(value):
            if not re.fullmatch(r"([\w.-]+=)?[^@\s=]+@[^@\s]+", part):
                raise ValueError(f"{part} is neither an e-mail address nor tenant=address")
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
        return tuple(parts(self.queue))

    @property
    def asks_models(self) -> bool:
        """Whether any provider of models has a key, or a tape answers for them."""
        keys = (self.yandex_keys, self.gigachat_keys, self.openrouter_keys, self.anthropic_keys)
        return self.replays or any(keys)

    @property
    def replays(self) -> bool:
        return self.llm_tape is not None and self.llm_tape_mode == "replay"

    @property
    def provider_cap_of(self) -> dict[str, int]:
        pairs = (part.split("=") for part in parts(self.provider_caps))
        return {provider: int(most) for provider, most in pairs}

    @property
    def late_email_of(self) -> dict[str, str]:
        """By tenant; an address alone, which is the default one's, by an empty name."""
        pairs = (part.rpartition("=") for part in parts(self.late_email))
        return {tenant: address for tenant, _, address in pairs}

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'artel.db'}"


def parts(value: str) -> list[str]:
    """Of a comma-separated value, without the blank ones."""
    return [part.strip() for part in value.split(",") if part.strip()]

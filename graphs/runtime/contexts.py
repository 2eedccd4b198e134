"""The Context of a process: what nodes use, made from the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from agents.context import LLM, Context, Policy, Sender, Starter
from memory.db import Memory
from memory.embeddings import (
    CachedEmbeddings,
    Embeddings,
    EmbeddingsMissing,
    SentenceTransformerEmbeddings,
    UniversalSentenceEmbeddings,
)
from memory.pipeline import LocalPipeline
from memory.vectors import Vectors
from tools.feeds import FeedReader
from tools.http import Fetcher
from tools.mail import Outbox
from tools.registries import ChecksumRegistry, CsvRegistry, Registry, RegistryError

from .errors import StartError
from .settings import Settings, parts


def context_of(
    settings: Settings,
    memory: Memory,
    fetcher: Fetcher,
    llm: LLM,
    starter: Starter,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
) -> Context:
    """Errors: StartError with what to do."""
    return Context(
        memory=memory,
        vectors=Vectors(memory, CachedEmbeddings(_embeddings(settings.embeddings), memory)),
        feeds=FeedReader(fetcher),
        registry=_registry(settings.registry_csv),
        llm=llm,
        mail=Outbox(settings.data_dir / "outbox", clock),
        crm=LocalPipeline(memory, clock),
        starter=starter,
        policy=_policy(settings),
        clock=clock,
        new_id=new_id,
    )


def context_for(base: Context, memory: Memory, llm: LLM, starter: Starter) -> Context:
    """Another tenant's: the world is the same, what is a tenant's is its own."""
    crm = LocalPipeline(memory, base.clock)
    return replace(base, memory=memory, vectors=base.vectors.of(memory), llm=llm, crm=crm, starter=starter)


def fetcher_of(settings: Settings) -> Fetcher:
    hosts = frozenset(parts(settings.feed_allow_hosts))
    return Fetcher(timeout_s=settings.feed_timeout_s, max_bytes=settings.feed_max_bytes, allow_hosts=hosts)


def _embeddings(model: str) -> Embeddings:
    try:
        return SentenceTransformerEmbeddings(model) if model else UniversalSentenceEmbeddings()
    except EmbeddingsMissing as error:
        raise StartError(str(error)) from error


def _registry(path: Path | None) -> Registry:
    try:
        return CsvRegistry(path) if path else ChecksumRegistry()
    except RegistryError as error:
        raise StartError(f"ARTEL_REGISTRY_CSV: {error}") from error


def _policy(settings: Settings) -> Policy:
    return Policy(
        threshold=settings.threshold,
        shortlist=settings.shortlist,
        lang=settings.lang,
        style=settings.style,
        sender=Sender(settings.sender_name, settings.sender_company, settings.sender_email),
    )

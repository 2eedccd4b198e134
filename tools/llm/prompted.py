"""Prompts answered by the router's models, or by templates where none can and the policy allows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from .completion import Completion
from .errors import AllProvidersFailed, LLMUnavailable
from .offline import Offline, Prompt
from .question import Answer, Asker, Question
from .router import Router


class Rendered(Prompt, Protocol):
    """A prompt as a model reads it; label: its name and version, for the record."""

    @property
    def text(self) -> str: ...
    @property
    def label(self) -> str: ...


class Load(Protocol):
    """Renders the prompt `name` in `lang` with these variables."""

    def __call__(self, name: str, lang: str, /, **variables: Any) -> Rendered: ...


class Prompted:
    """What agents ask: see agents.context.LLM. load: how another version of a prompt is rendered."""

    def __init__(self, router: Router, offline: Offline, new_id: Callable[[], str], load: Load) -> None:
        self._router = router
        self._offline = offline
        self._new_id = new_id
        self._load = load

    async def complete(
        self, prompt: Rendered, schema: type[BaseModel], *, agent: str, thread_id: str | None = None
    ) -> Completion:
        """Models are asked the version of the prompt that the policy gives this thread; a template is one
        for all versions. Errors: LLMUnavailable, saying who was asked and what came of it.
        """
        version = self._version(prompt, agent, thread_id)
        asker = Asker(agent, thread_id, self._new_id(), version.label)
        question = Question([HumanMessage(version.text)], asker, schema)
        try:
            return _completed(await self._router.ask(question), version.label)
        except AllProvidersFailed as failed:
            if not self._router.policy(agent).offline:
                raise
            return await self._filled(prompt, schema, failed)

    def can_ask(self, agent: str, *, thread_id: str | None = None) -> bool:
        """Whether a model of the agent's policy is configured and stands where it may."""
        return self._router.reaches(Asker(agent, thread_id))

    def _version(self, prompt: Rendered, agent: str, thread_id: str | None) -> Rendered:
        name = self._router.policy(agent).prompt(prompt.name, thread_id)
        return prompt if name == prompt.name else self._load(name, prompt.lang, **prompt.variables)

    async def _filled(
        self, prompt: Rendered, schema: type[BaseModel], failed: AllProvidersFailed
    ) -> Completion:
        try:
            completion = await self._offline.complete(prompt, schema)
        except LLMUnavailable as error:
            # What the models said is the reason; that no template helps is the lesser part of it.
            raise failed from error
        return replace(completion, attempts=failed.attempts)


def _completed(answer: Answer, prompt: str) -> Completion:
    tokens = answer.reply.tokens
    return Completion(
        answer.value,
        answer.provider,
        answer.reply.model,
        offline=False,
        tokens_in=tokens.input,
        tokens_out=tokens.output,
        prompt=prompt,
        attempts=tuple(answer.attempts),
    )

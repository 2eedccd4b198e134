"""The models that can be asked: the providers whose keys are set, behind their doors and circuit breakers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date

import prompts
from prompts import PromptError
from tools.llm import catalogue, policy
from tools.llm.asking import Model
from tools.llm.breaker import Breaker
from tools.llm.call import Key, Provider, Region
from tools.llm.catalogue import Catalogue, CatalogueError
from tools.llm.door import Door, Limit
from tools.llm.policy import Policies, PolicyError
from tools.llm.residency import Detector, Masked
from tools.llm.tape import Tape

from . import tapes
from .errors import StartError
from .settings import Settings, parts

Opened = Mapping[str, tuple[Provider, Door]]
# A key, as published: yandex.cloud/ru/docs/ai-studio/concepts/limits (10 generations at once),
# developers.sber.ru/docs/ru/gigachat/limitations (10 streams, 1 for persons), both looked up on 2026-11-21.
# The vendors abroad limit tokens and requests a minute: the numbers for them are ours.
_AT_ONCE = {"yandex": 10, "gigachat": 10, "openrouter": 50, "anthropic": 50}
USUAL = {
    "yandex": "yandexgpt-lite/latest",
    "gigachat": "GigaChat-2",
    "openrouter": "openai/gpt-4o",
    "anthropic": "claude-sonnet-4-6",
}
"""What to ask of a provider that no policy names."""
_PERSONS = "GIGACHAT_API_PERS"


class Models:
    """How a model of a provider is asked. It has one breaker, whoever asks."""

    def __init__(
        self,
        opened: Opened,
        prices: Catalogue,
        today: Callable[[], date],
        monotonic: Callable[[], float],
    ) -> None:
        self.opened = opened
        self._prices = prices
        self._today = today
        self._monotonic = monotonic
        self._breakers: dict[tuple[str, str], Breaker] = {}

    def __call__(self, provider: str, name: str) -> Model | None:
        """None: that provider has no key. Errors: CatalogueError for a model without a price."""
        if provider not in self.opened:
            return None
        asked, door = self.opened[provider]
        breaker = self._breakers.setdefault((provider, name), Breaker(self._monotonic))
        return Model(asked, name, door, breaker, self._prices.card(provider, name, self._today()))


def policies_of(settings: Settings, prices: Catalogue, today: date) -> Policies:
    """Errors: StartError: what of the policies cannot be used, costs nobody knows what, or is no prompt."""
    try:
        policies = policy.load(settings.llm_policies)
        if unknown := policies.named() - _AT_ONCE.keys():
            raise PolicyError(f"no such provider: {', '.join(sorted(unknown))}")
        for name in sorted(policies.models()):
            provider, _, model = name.partition("/")
            prices.card(provider, model, today)
        for name, version in policies.prompts():
            prompts.check(version, name)
    except (PolicyError, CatalogueError, PromptError) as error:
        raise StartError(f"ARTEL_LLM_POLICIES: {error}") from error
    return policies


def prices_of(settings: Settings) -> Catalogue:
    try:
        return catalogue.load(settings.llm_prices)
    except CatalogueError as error:
        raise StartError(f"ARTEL_LLM_PRICES: {error}") from error


@asynccontextmanager
async def open_providers(
    settings: Settings, new_id: Callable[[], str], monotonic: Callable[[], float]
) -> AsyncIterator[Opened]:
    """Those whose keys are set, or those of the tape. What goes abroad or on a tape is masked.

    Errors: StartError."""
    tape = tapes.open_tape(settings)
    async with AsyncExitStack() as stack:
        opened: dict[str, tuple[Provider, Door]] = {}
        detector = Detector()
        for provider, keys in _providers(settings, tape, new_id):
            stack.push_async_callback(provider.aclose)
            masked = tape or provider.region is Region.ABROAD
            door = Door(keys, _limit(provider.name, settings), monotonic)
            opened[provider.name] = (Masked(provider, detector) if masked else provider, door)
        yield opened


def _providers(
    settings: Settings, tape: Tape | None, new_id: Callable[[], str]
) -> list[tuple[Provider, list[Key]]]:
    if tape is not None and settings.replays:
        return tapes.played(tape)
    keys = _keys(settings)
    providers = [_provider(name, settings, new_id) for name in keys]
    if tape is not None:
        providers = tapes.recorded(providers, tape)
    return list(zip(providers, keys.values(), strict=True))


def _keys(settings: Settings) -> dict[str, list[Key]]:
    told = {
        "yandex": settings.yandex_keys,
        "gigachat": settings.gigachat_keys,
        "openrouter": settings.openrouter_keys,
        "anthropic": settings.anthropic_keys,
    }
    return {
        name: [Key(f"{name}-{number}", secret) for number, secret in enumerate(parts(keys), 1)]
        for name, keys in told.items()
        if parts(keys)
    }


def _limit(name: str, settings: Settings) -> Limit:
    of_a_person = name == "gigachat" and settings.gigachat_scope == _PERSONS
    return Limit(1 if of_a_person else _AT_ONCE[name])


def _provider(name: str, settings: Settings, new_id: Callable[[], str]) -> Provider:
    """The SDKs take seconds to import, and most processes need one or two of them."""
    try:
        return _OPEN[name](settings, new_id)
    except OSError as error:
        raise StartError(f"ARTEL_CA_BUNDLE={settings.ca_bundle}: {error.strerror or error}") from error


def _yandex(settings: Settings, new_id: Callable[[], str]) -> Provider:
    from tools.llm.providers.yandex import Yandex

    if not settings.yandex_folder:
        raise StartError("ARTEL_YANDEX_FOLDER is not set: a key of YandexGPT needs the folder that pays")
    if settings.yandex_url:
        way = {"ai-foundation-models": settings.yandex_url}
        return Yandex(settings.yandex_folder, new_id, endpoint=None, service_map=way, verify=False)
    return Yandex(settings.yandex_folder, new_id, verify=settings.ca_bundle or True)


def _gigachat(settings: Settings, new_id: Callable[[], str]) -> Provider:
    from tools.llm.providers.gigachat import AUTH_URL, BASE_URL, GigaChat

    base, auth = settings.gigachat_url or BASE_URL, settings.gigachat_auth_url or AUTH_URL
    return GigaChat(base, auth, settings.gigachat_scope, settings.ca_bundle)


def _openrouter(settings: Settings, new_id: Callable[[], str]) -> Provider:
    from tools.llm.providers.openrouter import BASE_URL, OpenRouter

    return OpenRouter(settings.openrouter_url or BASE_URL)


def _anthropic(settings: Settings, new_id: Callable[[], str]) -> Provider:
    from tools.llm.providers.anthropic import BASE_URL, Anthropic

    return Anthropic(settings.anthropic_url or BASE_URL)


_OPEN = {"yandex": _yandex, "gigachat": _gigachat, "openrouter": _openrouter, "anthropic": _anthropic}

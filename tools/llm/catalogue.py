"""What each model takes and costs: a file of prices with dates, and the rate of exchange that day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tools import yamls

from .call import Call, Tokens

DEFAULTS = Path(__file__).parent / "prices.yaml"
RUBLE = "RUB"
# A token of Russian text is about three characters for each of these vendors, of English four: the smaller
# number is used, so an estimate is rather too high. What a call cost, its vendor says.
CHARACTERS_A_TOKEN = 3
ANSWER_TOKENS = 2_000


class CatalogueError(Exception):
    """The file of prices cannot be used, or has no price for a model: in one line."""


class Price(BaseModel):
    """Of a million tokens, from a day on. context: how many tokens prompt and answer may have together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str
    input: float = Field(ge=0)
    output: float = Field(ge=0)
    context: int = Field(gt=0)
    since: date
    source: str


class Rates(BaseModel):
    """Roubles for one unit of each currency, on a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    rub: Mapping[str, float]


class Catalogue(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rates: Rates
    models: Mapping[str, Sequence[Price]]

    @model_validator(mode="after")
    def _known_currencies(self) -> Catalogue:
        used = {price.currency for prices in self.models.values() for price in prices}
        if unknown := used - {RUBLE, *self.rates.rub}:
            raise ValueError(f"no rate for {', '.join(sorted(unknown))}")
        return self

    def card(self, provider: str, model: str, today: date) -> Card:
        """Errors: CatalogueError: nobody knows what the model costs."""
        prices = [price for price in self.models.get(f"{provider}/{model}", ()) if price.since <= today]
        if not prices:
            raise CatalogueError(f"no price for {provider}/{model}: add it to the file of prices")
        price = max(prices, key=lambda price: price.since)
        rate = 1.0 if price.currency == RUBLE else self.rates.rub[price.currency]
        return Card(price.input * rate / 1e6, price.output * rate / 1e6, price.context)


@dataclass(frozen=True)
class Card:
    """Roubles for a token, and the tokens that the model takes at once."""

    input_rub: float
    output_rub: float
    context: int

    def cost(self, tokens: Tokens) -> float:
        """Tokens read from a cache are counted at the full price: vendors differ, and none asks for more."""
        return tokens.input * self.input_rub + tokens.output * self.output_rub

    def estimate(self, call: Call) -> float:
        """What the call costs at most, in roubles."""
        return self.cost(Tokens(tokens_of(call), call.max_tokens or ANSWER_TOKENS))

    def excess(self, call: Call) -> int:
        """By how many tokens the call is too long for the model; 0 or less: it fits."""
        return tokens_of(call) + (call.max_tokens or ANSWER_TOKENS) - self.context


def tokens_of(call: Call) -> int:
    return call.characters // CHARACTERS_A_TOKEN + 1


def load(path: Path | None = None) -> Catalogue:
    """Errors: CatalogueError."""
    given = path or DEFAULTS
    try:
        told: Any = yamls.load(given.read_text(encoding="utf-8"))
        return Catalogue.model_validate(told)
    except OSError as error:
        raise CatalogueError(f"{given}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise CatalogueError(f"{given} is no YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise CatalogueError(f"{given}: {where}: {error.errors()[0]['msg']}") from error

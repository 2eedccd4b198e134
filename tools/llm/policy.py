"""What each agent may ask of which models, for how long and for how much: a typed file with defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from tools import yamls

from .call import Region
from .sticky import chosen

DEFAULTS = Path(__file__).parent / "policies.yaml"


class PolicyError(Exception):
    """The file of policies cannot be used: which file, where and why, in one line."""


def _weighted(value: object) -> object:
    """`provider/model` alone is that one always."""
    return {value: 1.0} if isinstance(value, str) else value


Weight = Annotated[float, Field(ge=0)]
Step = Annotated[dict[str, Weight], BeforeValidator(_weighted), Field(min_length=1)]


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Policy(Strict):
    """steps: models in the order of fallback, as `provider/model`, or several with weights for a comparison:
    a thread always gets the same one. deadline_s: of the whole question, waiting and retries included;
    patience_s: of standing in line for a model while another could be asked; call_s: of one call (of a
    stream, until its first word) while another could be asked, so that who hangs leaves it time; retries:
    rounds after the first in which those are asked again whose failure may pass; hedge_s: after so long the
    next model is asked beside the first. budget_rub: a day, for the agent. prompts: other versions of a
    prompt with weights."""

    steps: tuple[Step, ...] = ()
    regions: tuple[Region, ...] = (Region.RUSSIA, Region.ABROAD)
    deadline_s: float = Field(60.0, gt=0)
    patience_s: float = Field(1.0, ge=0)
    call_s: float = Field(30.0, gt=0)
    retries: int = Field(1, ge=0, le=10)
    hedge_s: float | None = Field(None, gt=0)
    temperature: float = Field(0.2, ge=0, le=2)
    max_tokens: int | None = Field(None, gt=0)
    budget_rub: float | None = Field(None, gt=0)
    over_budget: Literal["refuse", "cheaper"] = "refuse"
    filtered: Literal["next", "stop"] = "next"
    over_context: Literal["refuse", "truncate"] = "refuse"
    offline: bool = True
    prompts: Mapping[str, dict[str, Weight]] = {}

    @model_validator(mode="after")
    def _weighs(self) -> Policy:
        for choice in (*self.steps, *self.prompts.values()):
            if not any(choice.values()):
                raise ValueError(f"one of {', '.join(choice)} needs a weight above 0")
        for name in (name for step in self.steps for name in step):
            if not all(name.partition("/")):
                raise ValueError(f"{name!r} is not provider/model")
        return self

    def models(self, agent: str, thread_id: str | None) -> list[tuple[str, str]]:
        """(provider, model) in the order in which they are asked."""
        names = [chosen(step, agent, thread_id or "") for step in self.steps]
        return [(provider, model) for provider, _, model in (name.partition("/") for name in names)]

    def prompt(self, name: str, thread_id: str | None) -> str:
        """The version of the prompt that this thread gets."""
        return chosen(self.prompts[name], name, thread_id or "") if name in self.prompts else name


class Policies(Strict):
    """One policy an agent; what an agent does not say, `default` says."""

    default: Policy = Policy()
    agents: Mapping[str, Policy] = {}

    def of(self, agent: str) -> Policy:
        return self.agents.get(agent, self.default)

    def all(self) -> Mapping[str, Policy]:
        return {"default": self.default, **self.agents}

    def models(self) -> list[str]:
        """`provider/model` of each that any policy names, those of the default first."""
        steps = [step for policy in self.all().values() for step in policy.steps]
        return list(dict.fromkeys(name for step in steps for name in step))

    def prompts(self) -> list[tuple[str, str]]:
        """(prompt, version of it) of each that any policy names."""
        named = [item for policy in self.all().values() for item in policy.prompts.items()]
        return [(name, version) for name, versions in named for version in versions]

    def named(self) -> set[str]:
        """The providers that any policy names."""
        return {name.partition("/")[0] for name in self.models()}


def load(path: Path | None = None) -> Policies:
    """The policies of a YAML file, over ours. Errors: PolicyError."""
    given = path or DEFAULTS
    try:
        told = yamls.load(given.read_text(encoding="utf-8")) or {}
        default = told.get("default", {})
        agents = {agent: {**default, **own} for agent, own in told.pop("agents", {}).items()}
        return Policies.model_validate({**told, "agents": agents})
    except OSError as error:
        raise PolicyError(f"{given}: {error.strerror}") from error
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise PolicyError(f"{given} is not a file of policies: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise PolicyError(f"{given}: {_first(error.errors())}") from error


def _first(errors: Sequence[Mapping[str, object]]) -> str:
    where = ".".join(str(part) for part in errors[0]["loc"])  # type: ignore[attr-defined]
    return f"{where}: {errors[0]['msg']}"

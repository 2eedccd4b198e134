"""Models on the wire."""

from __future__ import annotations

from pydantic import BaseModel, Field

from tools.llm.call import Region
from tools.llm.outcome import Outcome


class ProbeOut(BaseModel):
    provider: str
    region: Region = Field(description="where it processes what it is sent")
    model: str
    key: str = Field(description="the key's name and last letters, never the key")
    outcome: Outcome
    seconds: float
    message: str


class ProbesOut(BaseModel):
    items: list[ProbeOut]


class OfferOut(BaseModel):
    provider: str
    region: Region
    models: list[str]
    outcome: Outcome
    message: str = Field(description="why the vendor told none")


class PolicyOut(BaseModel):
    agent: str
    steps: list[dict[str, float]] = Field(description="{provider/model: weight}, in the order of fallback")


class OffersOut(BaseModel):
    items: list[OfferOut]
    policies: list[PolicyOut]

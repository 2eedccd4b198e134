"""One labelled example: a line of a data set."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field


class Case(BaseModel):
    """The base of every data set's schema: a field that the schema does not know is an error of the data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)

    @property
    def slices(self) -> Mapping[str, str]:
        """What the scores are told apart by: lang, source, event, industry, as far as it has them."""
        return {}

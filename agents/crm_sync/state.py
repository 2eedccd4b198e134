"""What crm_sync knows of the deal. Every key may be missing: the state only grows."""

from __future__ import annotations

from typing import Any

from agents.pair import PairState


class CrmState(PairState, total=False):
    """deal_version, deal_stage: of the deal as it was last read back from the CRM;
    crm_conflict: {write, ours, theirs} of the `Merge` that waits for a person, with the fields `wanted`
    and the `version` of the deal it was made on;
    crm_resolution: {field: value} that is to be written once the person has decided.
    """

    deal_version: int
    deal_stage: str
    crm_conflict: dict[str, Any]
    crm_resolution: dict[str, Any]

"""A pair's state machine, from the score to the lesson. One thread a pair and its evidence of the day.

compatibility -> judge + warn -> weigh -> outreach -> review? -> send -> crm_sync -> crm_review? -> analytics
(? stops for a person: nothing leaves before that decision, and a rewrite goes back to outreach)
"""

from __future__ import annotations

from typing import Any

from langgraph.graph import START, StateGraph

from agents.analytics.nodes import analytics
from agents.analytics.state import AnalyticsState
from agents.compatibility.nodes import compatibility, judge, warn, weigh
from agents.compatibility.state import CompatibilityState
from agents.context import Context
from agents.crm_sync.nodes import crm_review, crm_sync, crm_write
from agents.crm_sync.state import CrmState
from agents.outreach.nodes import outreach, reject, review, send
from agents.outreach.state import OutreachState


class PartnershipState(CompatibilityState, OutreachState, CrmState, AnalyticsState, total=False):
    """What the five agents of the pair know, each by its own keys."""


def build() -> StateGraph[PartnershipState, Context, Any, Any]:
    graph = StateGraph(PartnershipState, context_schema=Context)
    pair = (compatibility, judge, warn, weigh)
    for node in (*pair, outreach, review, send, reject, crm_sync, crm_review, crm_write, analytics):
        graph.add_node(node)
    graph.add_edge(START, "compatibility")
    return graph

"""The tables. One module a noun; import them from here, so that the metadata is always whole."""

from .base import DEFAULT_TENANT, Identified, Tenant, TenantRow
from .companies import BusinessModel, Company, CompanyField
from .effects import Deal, Effect, EffectStatus
from .ledger import AuditEntry, Usage
from .news import Article, Evidence, Feed, Mention, Signal, SignalType
from .partnerships import Outcome, Partnership, PartnershipStatus
from .reviews import Decision, DecisionType, Draft, Review, ReviewKind, ReviewStatus
from .runs import Run, RunStatus, Trigger
from .schedules import Schedule
from .vectors import Embedding

__all__ = [
    "DEFAULT_TENANT",
    "Article",
    "AuditEntry",
    "BusinessModel",
    "Company",
    "CompanyField",
    "Deal",
    "Decision",
    "DecisionType",
    "Draft",
    "Effect",
    "EffectStatus",
    "Embedding",
    "Evidence",
    "Feed",
    "Identified",
    "Mention",
    "Outcome",
    "Partnership",
    "PartnershipStatus",
    "Review",
    "ReviewKind",
    "ReviewStatus",
    "Run",
    "RunStatus",
    "Schedule",
    "Signal",
    "SignalType",
    "Tenant",
    "TenantRow",
    "Trigger",
    "Usage",
]

"""The tables. One module a noun; import them from here, so that the metadata is always whole."""

from .assistants import Assistant, AssistantVersion
from .base import DEFAULT_TENANT, Identified, Tenant, TenantRow
from .companies import BusinessModel, Company, CompanyField
from .deliveries import Delivery, DeliveryStatus
from .desk import Comment, ReviewClaim, SavedView, Workcopy
from .effects import Deal, Effect, EffectStatus
from .ledger import AuditEntry, Budget, Usage
from .news import RULES, Article, Evidence, Feed, Mention, Signal, SignalType
from .partnerships import Outcome, Partnership, PartnershipStatus
from .people import (
    ApiKey,
    ApprovalLimit,
    Invitation,
    LoginAttempt,
    RevokedToken,
    Role,
    SignIn,
    SigningKey,
    User,
)
from .reviews import UNRANKED, Decision, DecisionType, Draft, Endorsement, Review, ReviewKind, ReviewStatus
from .runs import Cancel, Priority, Run, RunEvent, RunStatus, Trigger
from .schedules import Schedule
from .threads import Thread, ThreadStatus
from .vectors import Embedding
from .workers import Member

__all__ = [
    "DEFAULT_TENANT",
    "RULES",
    "UNRANKED",
    "ApiKey",
    "ApprovalLimit",
    "Article",
    "Assistant",
    "AssistantVersion",
    "AuditEntry",
    "Budget",
    "BusinessModel",
    "Cancel",
    "Comment",
    "Company",
    "CompanyField",
    "Deal",
    "Decision",
    "DecisionType",
    "Delivery",
    "DeliveryStatus",
    "Draft",
    "Effect",
    "EffectStatus",
    "Embedding",
    "Endorsement",
    "Evidence",
    "Feed",
    "Identified",
    "Invitation",
    "LoginAttempt",
    "Member",
    "Mention",
    "Outcome",
    "Partnership",
    "PartnershipStatus",
    "Priority",
    "Review",
    "ReviewClaim",
    "ReviewKind",
    "ReviewStatus",
    "RevokedToken",
    "Role",
    "Run",
    "RunEvent",
    "RunStatus",
    "SavedView",
    "Schedule",
    "SignIn",
    "Signal",
    "SignalType",
    "SigningKey",
    "Tenant",
    "TenantRow",
    "Thread",
    "ThreadStatus",
    "Trigger",
    "Usage",
    "User",
    "Workcopy",
]

"""What each endpoint of both doors asks of who comes in. What does not stand here is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request

from graphs.runtime.errors import Forbidden
from graphs.runtime.people.rights import Permission

from .deps import person_of
from .langgraph import assistants as wire_assistants
from .langgraph import crons as wire_crons
from .langgraph import meta as wire_meta
from .langgraph import runs as wire_runs
from .langgraph import store as wire_store
from .langgraph import threads as wire_threads
from .pages import decisions, door, live, many, queue
from .routes import (
    audit,
    companies,
    deals,
    feeds,
    health,
    invitations,
    keys,
    limits,
    llm,
    oidc,
    partnerships,
    reviews,
    runs,
    schedules,
    signing,
    tokens,
    usage,
    users,
)

Endpoint = Callable[..., Any]

ANYBODY: tuple[Endpoint, ...] = (
    health.healthz,
    health.readyz,
    invitations.page,
    invitations.accept,
    oidc.begin,
    oidc.finish,
    oidc.ask_code,
    oidc.take_code,
    signing.sign_in,
    door.door,
    door.home,
    door.choose_language,
    tokens.jwks,
    wire_meta.ok,
)
# To whoever has come in: their own things, and what the runs' own endpoints ask for by what is sent.
_SIGNED_IN: tuple[Endpoint, ...] = (
    signing.sign_out,
    users.me,
    users.change_own_password,
    users.begin_second,
    users.confirm_second,
    users.end_second,
    keys.list_keys,
    keys.add_key,
    keys.remove_key,
    tokens.issue,
    tokens.revoke,
    wire_meta.info,
    wire_runs.batch,
    wire_runs.start,
    wire_runs.start_and_wait,
    wire_runs.start_and_stream,
)
_OPENS: Mapping[Permission, tuple[Endpoint, ...]] = {
    Permission.REVIEW_READ: (
        companies.search,
        companies.get_company,
        deals.list_deals,
        feeds.list_feeds,
        llm.models,
        partnerships.list_partnerships,
        partnerships.get_partnership,
        reviews.list_reviews,
        reviews.get_review,
        queue.queue,
        queue.card,
        queue.fresh,
        queue.news,
        queue.row,
        live.live,
        many.save_view,
        many.drop_view,
        runs.list_runs,
        runs.get_run,
        runs.list_effects,
        runs.listen,
        schedules.list_schedules,
        schedules.get_schedule,
        usage.totals,
        wire_assistants.search,
        wire_assistants.count,
        wire_assistants.get_assistant,
        wire_assistants.get_graph,
        wire_assistants.get_schemas,
        wire_assistants.get_subgraphs,
        wire_assistants.versions,
        wire_crons.search,
        wire_crons.count,
        wire_runs.list_runs,
        wire_runs.get_run,
        wire_runs.join,
        wire_runs.stream,
        wire_store.get_item,
        wire_store.search,
        wire_store.namespaces,
        wire_threads.search,
        wire_threads.count,
        wire_threads.get_thread,
        wire_threads.get_state,
        wire_threads.get_checkpoint,
        wire_threads.history,
        wire_threads.follow,
    ),
    Permission.REVIEW_DECIDE: (
        reviews.decide,
        partnerships.record_outcome,
        decisions.decide,
        decisions.undo,
        decisions.keep,
        decisions.drop,
        decisions.diff,
        decisions.comment,
        many.bulk,
        many.claim,
    ),
    Permission.RUN_START: (
        runs.start,
        runs.retry,
        schedules.run_now,
        wire_assistants.create,
        wire_assistants.patch,
        wire_assistants.delete,
        wire_assistants.use,
        wire_store.put,
        wire_store.delete,
        wire_threads.create,
        wire_threads.patch,
        wire_threads.copy,
        wire_threads.update_state,
    ),
    Permission.RUN_CANCEL: (
        runs.cancel,
        wire_runs.cancel_many,
        wire_runs.cancel,
        wire_runs.delete,
        wire_threads.delete,
        wire_threads.prune,
    ),
    Permission.SCHEDULE_WRITE: (
        schedules.add_schedule,
        schedules.change_schedule,
        schedules.delete_schedule,
        schedules.pause,
        schedules.resume,
        wire_crons.create,
        wire_crons.patch,
        wire_crons.delete,
    ),
    Permission.AUDIT_READ: (audit.list_entries, audit.list_of_subject),
    Permission.COMPANY_WRITE: (companies.delete_company, companies.import_csv),
    Permission.SETTINGS_WRITE: (feeds.add_feed, feeds.change_feed, llm.check, tokens.rotate),
    Permission.USER_MANAGE: (
        users.list_users,
        users.add_user,
        users.change_user,
        users.set_password,
        invitations.invite,
        limits.list_limits,
        limits.put_limit,
        limits.remove_limit,
    ),
}
ASKED: dict[Endpoint, Permission | None] = {
    **dict.fromkeys(_SIGNED_IN),
    **{endpoint: permission for permission, opened in _OPENS.items() for endpoint in opened},
}


async def allowed(request: Request) -> None:
    """Errors: NotSignedIn; Forbidden."""
    endpoint = request.scope["endpoint"]
    if endpoint in ANYBODY:
        return
    person = await person_of(request)
    if endpoint not in ASKED:
        raise Forbidden("nobody may do this: it stands under no permission")
    if (permission := ASKED[endpoint]) is not None:
        person.must(permission)

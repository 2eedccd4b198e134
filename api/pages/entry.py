"""The forms through which people come in: each answers in place, and keeps what was typed."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from graphs.runtime.errors import ArtelError, Conflict, TooMany

from .locale import N_
from .shell import Shell

LOGIN, ELSEWHERE, CODE, INVITE = "/login", "/login/oidc", "/login/code", "/invite"
# By where a form is sent: its template, and what is said of one that was not taken.
_FORMS = {
    LOGIN: ("login.html", N_("The login or the password is wrong")),
    CODE: ("code.html", N_("The code is wrong, or its time is over: try again, or sign in anew")),
    INVITE: (
        "invite.html",
        N_("A login has letters, digits and . _ @ + - only; a password at least 10 characters"),
    ),
}
_TAKEN = N_("Somebody has this login already: choose another one")
_NOT_ELSEWHERE = N_("Signing in elsewhere did not work: try again")


def entry(
    request: Request,
    shell: Shell,
    path: str = LOGIN,
    *,
    back: str = "/queue",
    status: int = 200,
    wrong: str | None = None,
    **shown: Any,
) -> Response:
    """The form that is sent to `path`; wrong: why the last one was not taken. Its address may hold a secret,
    which is told to no other page."""
    elsewhere = request.app.state.services.entrance.oidc is not None
    shown = {"typed": {}, "secret": "", "elsewhere": elsewhere, **shown}
    headers = {"Referrer-Policy": "no-referrer"}
    return shell.page(_FORMS[path][0], status=status, headers=headers, back=back, wrong=wrong, **shown)


def is_form(request: Request) -> bool:
    return request.url.path in _FORMS


async def again(request: Request, shell: Shell, error: Exception, status: int) -> Response:
    """The form as it was sent, without what is secret of a person."""
    path, say = request.url.path, shell.locale.gettext
    sent = await request.form()
    typed = {name: text for name in ("login", "name") if isinstance(text := sent.get(name), str)}
    back, secret = str(sent.get("next", "/queue")), str(sent.get("secret", ""))
    wrong = say(_TAKEN if isinstance(error, Conflict) else _FORMS[path][1])
    if isinstance(error, TooMany):
        wrong = too_often(error, shell)
    return entry(request, shell, path, back=back, status=status, wrong=wrong, typed=typed, secret=secret)


def turned_away(request: Request, shell: Shell, error: ArtelError) -> Response:
    """Where nobody has signed in the form stands in the page's place, and leads to it."""
    if isinstance(error, TooMany):
        return entry(request, shell, status=429, wrong=too_often(error, shell))
    if request.url.path.startswith(ELSEWHERE):
        return entry(request, shell, status=401, wrong=shell.locale.gettext(_NOT_ELSEWHERE))
    query = f"?{request.url.query}" if request.url.query else ""
    back = request.url.path + query if request.method == "GET" else "/queue"
    return entry(request, shell, status=401, back=back)


def too_often(error: TooMany, shell: Shell) -> str:
    return shell.locale.gettext("Too often: try again in %(seconds)s s") % {"seconds": error.wait_s}

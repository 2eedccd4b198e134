"""A form that needs nothing but itself: for links that people follow before they have come in."""

from __future__ import annotations

from starlette.responses import HTMLResponse

_PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8"><title>Artel</title>
<main><h1>Artel: {title}</h1><form method="post" action="{action}">
{fields}<button>Войти · Sign in</button></form></main></html>"""
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def form(title: str, action: str, fields: str) -> HTMLResponse:
    """fields: HTML."""
    return HTMLResponse(_PAGE.format(title=title, action=action, fields=fields), headers=_SAFE)

"""The status board on a page of its own, as its CloudWatch widget shows it."""

from collections.abc import Callable

from local.braket.serving import Request, Response

#: Render the content for a theme: `light`, `dark`, or by the reader's desktop.
Render = Callable[[str], str]
#: Seconds between two refreshes of the page, because a wall display shows it unattended.
EVERY_S = 5
STYLE = (
    "body{margin:20px 28px 40px;background:#fff}body.dark{background:#151b23}"
    "@media(prefers-color-scheme:dark){body.auto{background:#151b23}}"
    "nav{display:flex;gap:18px;font:13px/1 sans-serif;padding:0 8px 10px}nav a{color:#7b8593;text-decoration:none}"
)
NAVIGATION = "<a href=/>All messages</a><a href=/board>Status board</a>"


def board_page(render: Render | None, request: Request) -> Response:
    """The page forbids scripts, as CloudWatch does."""
    if render is None:
        return Response(b"No notifier is deployed here, so there is nothing to show.", 404)
    asked = request.query.get("theme")
    theme = asked if asked in ("light", "dark") else ""
    content = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Status board</title>'
        f'<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="{EVERY_S}">'
        f'<style>{STYLE}</style></head><body class="{theme or "auto"}">'
        f"<nav>{NAVIGATION}</nav>{render(theme)}</body></html>"
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
    return Response(content.encode(), headers=headers)

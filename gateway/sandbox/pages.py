"""Pages of HTML: one look in two themes, and a policy by which a browser runs nothing but the script in this file."""

import base64
import hashlib
from html import escape

from aiohttp import web

STYLE = """
:root { color-scheme: light dark; --back: #f5f6f8; --card: #fff; --ink: #14181f; --dim: #566071; --line: #dfe3e9;
  --link: #0b5cad; --stop: #b3261e; --stop-back: #fdecea; --ok: #1b6e3c; --ok-back: #e7f4ec; --hold-back: #e8f1fb; }
@media (prefers-color-scheme: dark) { :root { --back: #0f1319; --card: #171c24; --ink: #e9edf3; --dim: #9aa5b5;
  --line: #29313d; --link: #7db8f5; --stop: #ff8a80; --stop-back: #3a1a1a; --ok: #7ed3a0; --ok-back: #12291d;
  --hold-back: #14263a; } }
* { box-sizing: border-box; }
html { font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
body { margin: 0; background: var(--back); color: var(--ink); overflow-wrap: anywhere; }
main { max-width: 1100px; margin: 0 auto; padding: 1.1rem 1.25rem 2rem; }
h1 { font-size: 1.6rem; margin: .2rem 0 .25rem; }
h2 { font-size: .82rem; text-transform: uppercase; letter-spacing: .06em; color: var(--dim); margin: 2rem 0 .5rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.dim { color: var(--dim); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .7rem 1rem;
  margin: 0 0 .6rem; }
.card > p { margin: .2rem 0; }
.name { font-weight: 600; font-size: 1.08rem; }
.top { display: flex; flex-wrap: wrap; gap: .1rem .8rem; align-items: baseline; }
.top > .dim:last-child { margin-left: auto; }
.chip { border-radius: 99px; padding: .05rem .6rem; font-weight: 600; font-size: .87rem; white-space: nowrap;
  color: var(--link); background: var(--hold-back); }
.chip.ok { color: var(--ok); background: var(--ok-back); }
.chip.stop { color: var(--stop); background: var(--stop-back); }
code, pre { font: .92em ui-monospace, "Liberation Mono", monospace; }
pre { margin: 0; white-space: pre-wrap; }
summary { cursor: pointer; color: var(--link); padding: .4rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
td, th { padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
.scroll td { white-space: nowrap; }
.rows { max-height: 80vh; }
.rows td.report { white-space: pre-wrap; min-width: 20rem; }
img { display: block; width: 128px; height: 128px; object-fit: contain; background: #000; border-radius: 4px; }
.search { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: end; }
.search label { display: grid; gap: .2rem; font-size: .87rem; color: var(--dim); }
input, select { font: inherit; color: var(--ink); background: var(--back); border: 1px solid var(--dim);
  border-radius: 7px; padding: .2rem .6rem; min-height: 2.95rem; max-width: 100%; }
th { color: var(--dim); font-weight: 600; font-size: .87rem; }
.command { display: flex; gap: .8rem; align-items: start; justify-content: space-between; }
button { font: inherit; font-size: .87rem; color: var(--ink); background: var(--back); border: 1px solid var(--dim);
  border-radius: 7px; padding: .2rem .7rem; min-height: 2.95rem; min-width: 5.4rem; cursor: pointer; }
"""
SCRIPT = """
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
    button.textContent = "Copied";
  });
}
"""


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; style-src {_digest(STYLE)}; script-src {_digest(SCRIPT)}; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
SEARCHING = POLICY.replace("form-action 'none'", "form-action 'self'; img-src 'self'")
"""The policy of a page with a form and with images, both of the sandbox itself."""
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def page(title: str, body: str) -> str:
    """Return a page of HTML; *body* is HTML."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} - Hilum sandbox</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>\n{body}</main><script>{SCRIPT}</script></body></html>"
    )


def reply_page(text: str, *, searches: bool = False) -> web.Response:
    """Return a page as a reply, with the policy for its browser; one that *searches* has a form and images."""
    headers = {**HEADERS, "Content-Security-Policy": SEARCHING} if searches else HEADERS
    return web.Response(text=text, content_type="text/html", headers=headers)


def command(text: str) -> str:
    """Return commands that a reader can copy, with a button where the browser lets a page write to the clipboard."""
    return (
        f'<div class="card command"><pre>{escape(text)}</pre><button type="button" data-copy hidden>Copy</button></div>'
    )


def chip(text: str, kind: str = "") -> str:
    """Return the state of something: *kind* is ``ok``, ``stop`` or nothing."""
    return f'<span class="chip {kind}">{escape(text)}</span>'


def table(rows: list[dict[str, object]]) -> str:
    """Return a table of rows with the same keys; it scrolls by itself where it is too wide."""
    head = "".join(f"<th>{escape(column)}</th>" for column in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(value))}</td>' for value in row.values())}</tr>" for row in rows)
    region = '<div class="scroll" tabindex="0" role="region" aria-label="the latest">'
    return f"{region}<table><tr>{head}</tr>{body}</table></div>"

"""Pages of HTML, and the policy for their browser."""

import base64
import hashlib
import re

from gateway.sandbox.pages import HEADERS, chip, command, page, reply_page, table


def test_policy() -> None:
    """A browser runs the script and takes the style of the page, and nothing else: the policy has their digests."""
    text = page("A & B", "<p>x</p>")
    assert "<title>A &amp; B - Hilum sandbox</title>" in text
    for tag in ("style", "script"):
        (found,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
    assert "style=" not in text


def test_reply() -> None:
    """A page is sent with its policy."""
    reply = reply_page("text")
    assert (reply.content_type, reply.text) == ("text/html", "text")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "form-action 'none'" in reply.headers["Content-Security-Policy"]


def test_a_page_that_searches() -> None:
    """It may have a form and images, both of the sandbox itself."""
    policy = reply_page("text", searches=True).headers["Content-Security-Policy"]
    assert "form-action 'self'; img-src 'self'" in policy
    assert "'none'; style-src 'sha256-" in policy


def test_escaped() -> None:
    """What comes from elsewhere is no markup."""
    hostile = "<script>"
    assert not any(hostile in each for each in (command(hostile), chip(hostile), table([{"a": hostile}])))
    assert "<th>a</th>" in table([{"a": 1}])

"""The headers of every page."""

import re

import pytest

from gateway.screen.assets import FOLDER
from gateway.screen.headers import ASSET_HEADERS, CONTENT_SECURITY_POLICY, HEADERS
from gateway.screen.rendering import TEMPLATES


def test_policy() -> None:
    """Nothing runs, loads or is sent but from and to this port; the one policy for HTML is the script's."""
    policy = dict(each.partition(" ")[::2] for each in CONTENT_SECURITY_POLICY.split("; "))
    assert ("'none'", "'self'", "'self'") == (policy["default-src"], policy["script-src"], policy["form-action"])
    assert ("'none'", "'none'", "hilum") == (policy["base-uri"], policy["frame-ancestors"], policy["trusted-types"])
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "no-store" == HEADERS["Cache-Control"]
    assert "no-store" not in ASSET_HEADERS["Cache-Control"]


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates_obey_it(path: object) -> None:
    """No template has a style, a script or a handler in it, fetches from elsewhere, or turns escaping off."""
    text = path.read_text()  # type: ignore[attr-defined]
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:|https?://", text)
    assert not re.search(r"<script(?! src=\"\{\{ asset)", text)
    assert not re.search(r"\|\s*safe|autoescape", text)


def test_script_is_small_and_ours() -> None:
    """The script is short, fetches from this port only, and makes HTML of text in one place."""
    text = (FOLDER / "screen.js").read_text()
    assert len(text.splitlines()) < 70
    assert not re.search(r"https?://|innerHTML|insertAdjacentHTML|document\.write|eval\(|import\(", text)
    assert 1 == text.count("createHTML(text)")
    assert not re.search(r"https?://|@import|url\(", (FOLDER / "screen.css").read_text())

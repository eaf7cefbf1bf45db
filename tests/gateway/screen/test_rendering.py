"""Templates to HTML."""

import pytest
from jinja2 import UndefinedError

from gateway.admin.callers import Caller
from gateway.admin.roles import ALL, GRANTED
from gateway.screen.assets import Assets
from gateway.screen.first_screen import parts_of
from gateway.screen.rendering import NAVIGATION, Renderer
from tests.gateway.screen.screens import NOW, bad_night, verb

OPERATOR = Caller(GRANTED["operator_token_file"], "a.meier", "c0ffee")


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """Make the renderer of all templates."""
    return Renderer("gw-1", Assets(), lambda: NOW)


def test_layout(renderer: Renderer) -> None:
    """A page has a language, a title, a way past the navigation, who looks, and a way out."""
    page = renderer.page("message.html", OPERATOR, here="/spool", title="Done", text="3 retried", back="/spool")
    assert page.text is not None
    for text in (
        'lang="en"',
        "<title>Done · Hilum</title>",
        'href="#main"',
        "a.meier (operator)",
        'action="/sign-out"',
    ):
        assert text in page.text
    assert '<a href="/spool" aria-current="page">' in page.text
    assert all(f'<a href="{address}"' in page.text for address, _ in NAVIGATION)
    assert "no-store" == page.headers["Cache-Control"]


def test_for_strangers(renderer: Renderer) -> None:
    """A page for somebody who has not signed in names no pages and has no form but its own."""
    text = renderer.page("message.html", None, title="Gone", text="No", back="").text or ""
    assert "<nav" not in text
    assert "csrf" not in text
    assert renderer.csrf_mark not in text


def test_a_misspelt_name_is_an_error(renderer: Renderer) -> None:
    """A template never shows an empty place for a name that is not there."""
    with pytest.raises(UndefinedError):
        renderer.part("message.html", viewer=None, here="", title="x", back="")


def test_token_of_the_viewer(renderer: Renderer) -> None:
    """What is rendered once for all has each viewer's own token afterwards, and nothing of the mark."""
    parts = parts_of(bad_night(), renderer, verbs=True)
    assert renderer.csrf_mark in parts["cases"]
    shown = renderer.for_viewer(parts["cases"], OPERATOR)
    assert 'name="csrf" value="c0ffee"' in shown
    assert renderer.csrf_mark not in shown


def test_no_link_leads_elsewhere(renderer: Renderer) -> None:
    """A verb that shows something leads to a page of this port."""
    night = bad_night()
    night["cases"][0]["verbs"] = [verb("show", "Explain", link="javascript:alert(1)")]
    assert "javascript" not in parts_of(night, renderer, verbs=True)["cases"]


def test_callers_in_words() -> None:
    """Who looks is named by what they may do, and by what they have called themselves."""
    assert ["a.meier (operator)", "administrator", "viewer"] == [
        str(each) for each in (OPERATOR, Caller(ALL), Caller(GRANTED["viewer_token_file"]))
    ]

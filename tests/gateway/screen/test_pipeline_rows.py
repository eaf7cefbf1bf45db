"""The research pipeline on the first screen."""

import pytest

from gateway.contract.pipeline import Progress, Running, StageFacts
from gateway.screen.assets import Assets
from gateway.screen.first_screen import PIPELINE, parts_of
from gateway.screen.pipeline_progress import UNREADABLE, Noted
from gateway.screen.pipeline_rows import OLD_SECONDS, shown_of
from gateway.screen.rendering import Renderer
from tests.gateway.screen.screens import NOW, FakeSource, serving, status
from tests.gateway.screen.test_first_screen import HOSTILE, Page, skeleton

STAGES = [
    StageFacts("north", "reports", 3, 0, 0),
    StageFacts("north", "public", 1200, 0, 40),
    StageFacts("north", "headers", 5, 0, 0),
    StageFacts("south", "headers", 1234, 2, 3, "it is cut"),
]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """Make the renderer of all templates."""
    return Renderer("gw-1", Assets(), lambda: NOW)


def shown(renderer: Renderer, noted: Noted) -> Page:
    """Return the part as a browser reads it."""
    return Page(parts_of(status(), renderer, verbs=False, pipeline=shown_of(noted))[PIPELINE])


def test_stages(renderer: Renderer) -> None:
    """A row for each stage with all hospitals together, and the first reason with its hospital."""
    page = shown(renderer, Noted(Progress(None, STAGES), NOW - 60))
    assert "The last change was at 02:22 UTC." in page.text
    order = [
        "Dead letters Headers 1,239 2 3 south: it is cut",
        "Waiting De-identification and thumbnails 1,200 0 40",
        "Made Reports 3 0 0",
    ]
    places = [page.text.find(each) for each in order]
    assert -1 not in places
    assert places == sorted(places)


def test_while_it_runs(renderer: Renderer) -> None:
    """How many objects are done; a note that is old may be of a run that was killed."""
    page = shown(renderer, Noted(Progress(Running(300, 1000), STAGES), NOW - 60))
    assert "A run has done 300 of 1,000 objects, as it noted at 02:22 UTC." in page.text
    assert "start it again" not in page.text
    old = shown(renderer, Noted(Progress(Running(300, 1000), STAGES), NOW - OLD_SECONDS - 1))
    assert "start it again: hilum pipeline CONFIG run" in old.text


def test_nothing_yet(renderer: Renderer) -> None:
    """Before the first run it says how to start it; what is damaged is told."""
    assert "It has not run yet: hilum pipeline CONFIG run" in shown(renderer, Noted()).text
    assert UNREADABLE in shown(renderer, Noted(problem=UNREADABLE)).text


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile(renderer: Renderer, value: str) -> None:
    """Whatever stands in the file, the part has the same elements."""
    pages = [
        shown(renderer, Noted(Progress(None, [StageFacts(each, each, 1, 1, 1, each)]), NOW, ""))
        for each in (value, "x")
    ]
    assert skeleton(pages[0]) == skeleton(pages[1])


async def test_served() -> None:
    """The part is on the page only where there is a pipeline, without any script, and is sent to those who follow."""
    noted = Noted(Progress(None, STAGES), NOW)
    async with serving(FakeSource(), read_pipeline=lambda: noted) as port:
        await port.sign_in()
        assert "south: it is cut" in (await port.get())[1]
        async with port.client.get(port.url + "/screen/live") as reply:
            text = ""
            while "south: it is cut" not in text:
                text += (await reply.content.readany()).decode()
    async with serving(FakeSource()) as port:
        await port.sign_in()
        assert "Research pipeline" not in (await port.get())[1]

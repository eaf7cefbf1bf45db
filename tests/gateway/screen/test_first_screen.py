"""The first screen: what it says in each state, and that hostile names are harmless."""

import time
from html.parser import HTMLParser
from typing import Any

import pytest

from gateway.contract.observed import Status
from gateway.screen.assets import Assets
from gateway.screen.first_screen import PARTS, parts_of
from gateway.screen.rendering import Renderer
from gateway.screen.states import LOOKS
from tests.gateway.screen.screens import (
    BEARER,
    HTML,
    NOW,
    TOKEN,
    FakeSource,
    bad_night,
    case,
    destination,
    observed,
    peer,
    peer_seen,
    serving,
    status,
    verb,
)


class Page(HTMLParser):
    """What a browser makes of a page: elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self._texts.append(data)

    @property
    def text(self) -> str:
        """All texts, with single spaces."""
        return " ".join("".join(self._texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of all elements *tag*."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """Make the renderer of all templates."""
    return Renderer("gw-1", Assets(), lambda: NOW)


def shown(renderer: Renderer, what: Status, *, verbs: bool = True) -> Page:
    """Return the parts of the first screen as a browser reads them."""
    return Page("".join(parts_of(what, renderer, verbs=verbs).values()))


def test_bad_night(renderer: Renderer) -> None:
    """The sentence, the cases in their order with all that a person needs, destinations and peers."""
    page = shown(renderer, bad_night())
    order = [
        "image-store refuses connections. Two peers need a look.",
        "450 wait, all safe; none is lost.",
        "Stopped since 02:09 UTC, 14 min Store side image-store refuses connections",
        "Why Nothing listens at 10.20.0.8:8042",
        "37 tries",
        "Effect 412 instances",
        "What now Its owner starts the service.",
        "Call PACS on-call, 4411",
        "Rejected since 01:32 UTC, 51 min Peer side MR3 calls us by the wrong name",
        "Silent since",
        "Look since",
        "Destinations",
        "Peers",
        "14 more peers are as usual",
    ]
    places = [page.text.find(each) for each in order]
    assert -1 not in places
    assert places == sorted(places)
    assert {"tel:4411", "tel:+492214730"} <= {each["href"] for each in page.all("a")}


def test_all_well(renderer: Renderer) -> None:
    """Without cases there is the sentence, a short table, and a fold for the peers."""
    page = shown(renderer, status())
    assert "All is as usual. Nothing waits; none is lost." in page.text
    assert [] == page.all("article") == page.all("form")
    assert "14 peers are as usual" in page.text
    assert "icon-green" in page.all("section")[0]["data-icon"]


def test_nothing_yet(renderer: Renderer) -> None:
    """A gateway without destinations and peers says so, and one peer is one."""
    page = shown(renderer, status(destinations=[], usual_peers=0))
    assert "No destination is configured." in page.text
    assert "No peer has connected since the start." in page.text
    assert "1 peer is as usual" in shown(renderer, status(usual_peers=1)).text


@pytest.mark.parametrize("state", sorted(LOOKS))
def test_state(renderer: Renderer, state: str) -> None:
    """Each state of a case, a destination and a peer has its shape and word."""
    each = status([case(state=state)], destinations=[destination(state=state)], peers=[peer("P", state)])
    parts = parts_of(each, renderer, verbs=True)
    assert 3 == "".join(parts.values()).count(f'<path d="{LOOKS[state].shape}"/></svg>{LOOKS[state].word}</span>') + (
        # A case has the tone of its level, which may be another one.
        LOOKS[state].shape not in parts["cases"]
    )


@pytest.mark.parametrize("level", ["red", "amber", "blue", "green"])
def test_level(renderer: Renderer, level: str) -> None:
    """The title of the tab and its icon say how it is."""
    section = shown(renderer, status([case(level=level)], sentence="It is so.")).all("section")[0]
    assert "It is so · Hilum" == section["data-title"]
    assert f"icon-{level}" in section["data-icon"]


def test_only_a_verb_that_helps_is_filled(renderer: Renderer) -> None:
    """Verbs that act are forms with the session's token; one for a viewer who may not act is not shown."""
    each = case(verbs=[verb(destination="a"), verb("discard", "Discard", helps=False, destination="a")])
    page = shown(renderer, status([each]))
    assert ["verb first", "verb"] == [button["class"] for button in page.all("button")]
    assert ["/actions/retry", "/actions/discard"] == [form["action"] for form in page.all("form")]
    assert 2 == len([each for each in page.all("input") if each["name"] == "csrf"])
    assert [] == shown(renderer, status([each]), verbs=False).all("form")


def test_links_are_for_everybody(renderer: Renderer) -> None:
    """A viewer who may not act still gets the verbs that only show something."""
    page = shown(renderer, bad_night(), verbs=False)
    assert {"/destinations/image-store", "/configuration#listeners.modalities"} <= {
        each["href"] for each in page.all("a") if "verb" in each.get("class", "")
    }


def test_every_time_is_an_element(renderer: Renderer) -> None:
    """Also one inside a sentence: the reader sees all of them in one zone."""
    page = shown(renderer, status([case(why="Refused at 2025-11-29T02:18:00Z.", since=NOW - 60)]))
    assert {"2025-11-29T02:18:00Z", "2025-11-29T02:22:20Z"} == {each["datetime"] for each in page.all("time")}


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea></title></style><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202egnp.exe\x00\x1b[2J",
    "../../spool",
    "data: x\r\n\r\nevent: part\r\ndata: <b>",
)


def everywhere(value: str) -> Status:
    """Return a status that has *value* in every field that may hold text from outside."""
    texts = ("id", "subject", "title", "why", "proof", "effect", "now", "contact", "side", "cause", "state")
    each = case(
        **dict.fromkeys(texts, value),
        verbs=[verb(value, value, destination=value), verb("show", value, link=value)],
    )
    return status(
        [each],
        sentence=value,
        counts=value,
        destinations=[destination(value, value, words=value, address=value)],
        peers=[peer(value, value, words=value, address=value, listener=value)],
    )


def skeleton(page: Page) -> list[tuple[str, list[str]]]:
    """Return the elements with the names of their attributes."""
    return [(tag, sorted(attributes)) for tag, attributes in page.elements]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile(renderer: Renderer, value: str) -> None:
    """Whatever stands in a field, the page has the same elements with the same attributes, and leads nowhere else."""
    page = shown(renderer, everywhere(value))
    assert skeleton(page) == skeleton(shown(renderer, everywhere("harmless")))
    addresses = [each.get("href", each.get("action", each.get("data-fetch", "/"))) for _, each in page.elements]
    assert [] == [each for each in addresses if not each.startswith("/") or each.startswith("//")]


async def test_served() -> None:
    """The page is served with its headers to who has signed in, and works without its script."""
    async with serving() as port:
        assert 303 == await port.sign_in()
        async with port.client.get(port.url + "/", headers=HTML) as reply:
            page, headers = Page(await reply.text()), reply.headers
        assert "trusted-types hilum" in headers["Content-Security-Policy"]
        assert ["nosniff", "no-store"] == [headers["X-Content-Type-Options"], headers["Cache-Control"]]
        # Without the script: times have their zone, verbs are forms, the fold leads to all peers.
        assert "since 02:09 UTC" in page.text
        assert "/actions/retry" in [each.get("action") for each in page.all("form")]
        assert "/peers" in [each["href"] for each in page.all("a")]
        for each in [*page.all("link"), *page.all("script")]:
            async with port.client.get(port.url + each.get("href", each.get("src", ""))) as asset:
                assert (200, True) == (asset.status, "immutable" in asset.headers["Cache-Control"])


async def test_usual_peers() -> None:
    """The fold fetches the peers that the status does not name."""
    async with serving(FakeSource(seen=observed([peer_seen("CT1"), peer_seen("MR3"), peer_seen("<b>")]))) as port:
        await port.sign_in()
        code, text = await port.get("/screen/usual-peers")
    page = Page(text)
    assert (200, ["/peers/modalities/%3Cb%3E", "/peers/modalities/CT1"]) == (
        code,
        [each["href"] for each in page.all("a")],
    )
    assert "As usual" in page.text


async def test_a_program_sees_no_forms() -> None:
    """A bearer token shows the page without verbs: there is no session to which a form could belong."""
    async with serving() as port, port.client.get(port.url + "/", headers={**HTML, **BEARER}) as reply:
        assert [] == Page(await reply.text()).all("form")
        assert TOKEN not in await reply.text()


def many() -> Status:
    """Return a night in a large hospital: 300 peers that are not as usual, 20 destinations, 30 cases."""
    cases: list[Any] = [case(id=f"{index:04x}", title=f"store {index} refuses connections") for index in range(30)]
    return status(
        cases,
        destinations=[destination(f"store-{index}", "stopped", waiting=index) for index in range(20)],
        peers=[peer(f"PEER{index}") for index in range(300)],
    )


def test_renders_fast(renderer: Renderer) -> None:
    """300 peers and 20 destinations take little processor time. `make bench` has the exact figure: under 20 ms."""
    large = many()
    took = []
    for _ in range(5):
        begun = time.process_time()
        parts = parts_of(large, renderer, verbs=True)
        took.append(time.process_time() - begun)
    assert list(PARTS) == list(parts)
    assert min(took) < 0.05, f"{min(took) * 1000:.1f} ms"

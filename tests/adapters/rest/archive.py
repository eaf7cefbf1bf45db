"""A DICOMweb store that answers requests with several instances as a test tells it to."""

import json
from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

Judge = Callable[[Sequence[str]], web.Response]
"""Gives the response to a request from the contents of its parts."""


def item(uid: str | None, **reason: int | None) -> dict[str, object]:
    """Return an item of a response."""
    values = {"00081155": ("UI", uid), **{tag[1:]: ("US", value) for tag, value in reason.items()}}
    return {tag: {"vr": vr, "Value": [value]} for tag, (vr, value) in values.items() if value is not None}


def respond(
    status: int,
    stored: Sequence[str] = (),
    failed: Mapping[str, int | None] | None = None,
    warned: Mapping[str, int] | None = None,
    nameless: Sequence[int] = (),
) -> web.Response:
    """Return the response of a store to a Store transaction."""
    accepted = [*map(item, stored), *(item(uid, _00081196=value) for uid, value in (warned or {}).items())]
    sequences = {
        "00081199": accepted,
        "00081198": [item(uid, _00081197=value) for uid, value in (failed or {}).items()],
        "0008119A": [item(None, _00081197=value) for value in nameless],
    }
    body = {tag: {"vr": "SQ", "Value": items} for tag, items in sequences.items() if items}
    return web.Response(status=status, text=json.dumps(body), content_type="application/dicom+json")


class Archive:
    """A store that answers *judge*'s response to each request; it holds what *held* says, whatever it is sent."""

    def __init__(self, judge: Judge, held: Mapping[str, bytes] | None = None) -> None:
        self._judge = judge
        self.held = dict(held or {})
        self.requests: list[list[str]] = []
        """The contents of the parts of each request."""
        self.questions: list[str] = []
        """The SOP Instance UIDs that were searched for."""

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        match request.method:
            case "POST":
                return await self._store(request)
            case "DELETE":
                del self.held[request.path.rsplit("/", 1)[1]]
                return web.Response()
        return self._search(request) if "SOPInstanceUID" in request.query else self._retrieve(request)

    async def _store(self, request: web.Request) -> web.Response:
        assert request.content_length is not None
        parts: list[str] = []
        async for part in await request.multipart():
            assert "application/dicom" == part.headers["Content-Type"]  # type: ignore[union-attr]
            parts.append(bytes(await part.read()).decode())  # type: ignore[union-attr]
        self.requests.append(parts)
        return self._judge(parts)

    def _search(self, request: web.Request) -> web.Response:
        uid = request.query["SOPInstanceUID"]
        self.questions.append(uid)
        match = {"00080018": uid, "0020000D": "1.1", "0020000E": "1.2"}
        found = [{tag: {"vr": "UI", "Value": [value]} for tag, value in match.items()}] if uid in self.held else []
        return web.Response(text=json.dumps(found))

    def _retrieve(self, request: web.Request) -> web.Response:
        return web.Response(body=self.held[request.path.rsplit("/", 1)[1]])


def refusing(status: int, *bad: str, most: int = 100, nameless: Sequence[int] = ()) -> Judge:
    """Return the judge of a store that refuses every request with one of *bad* or with more than *most* instances."""

    def judge(uids: Sequence[str]) -> web.Response:
        if len(uids) > most or not set(bad).isdisjoint(uids):
            return respond(status, nameless=nameless)
        return respond(200, uids)

    return judge


def all_but(status: int, *left_out: str) -> Judge:
    """Return the judge of a store that takes everything and forgets to say so of some."""
    return lambda uids: respond(status, [uid for uid in uids if uid not in left_out])


def naming_none_of(*bad: str) -> Judge:
    """Return the judge of a store that takes the rest and reports failures without a name."""

    def judge(uids: Sequence[str]) -> web.Response:
        good = [uid for uid in uids if uid not in bad]
        return respond(202 if good else 409, good, nameless=[0xC000] * (len(uids) - len(good)))

    return judge

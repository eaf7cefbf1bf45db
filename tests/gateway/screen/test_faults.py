"""What a page says when it cannot be made."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.admin.callers import CALLER, NOBODY
from gateway.contract.errors import ConfigError, GatewayError
from gateway.screen.assets import Assets
from gateway.screen.faults import NotThere, answering
from gateway.screen.rendering import Renderer
from gateway.spool import PayloadDamaged, SpoolError
from gateway.spool.operating.lookup import PayloadGone, UnknownEntry, UnknownMessage

FAULTS = [
    (ConfigError("reason: is missing; give one"), 400),
    (UnknownEntry("<i>"), 404),
    (UnknownMessage("the control ID 'x'"), 404),
    (PayloadGone("e"), 410),
    (PayloadDamaged("the payload is damaged"), 500),
    (SpoolError("the spool cannot be read"), 503),
    (NotThere("no destination has this name"), 404),
    (GatewayError("something else"), 400),
]


@pytest.mark.parametrize(("error", "code"), FAULTS, ids=lambda each: type(each).__name__)
async def test_fault(error: GatewayError, code: int) -> None:
    """Each kind of error has its status, its text, escaped, and the way back."""

    async def fail(_: web.Request) -> web.StreamResponse:
        raise error

    request = make_mocked_request("GET", "/")
    request[CALLER] = NOBODY
    answer = await answering(Renderer("gw", Assets()), "/spool", fail)(request)
    assert isinstance(answer, web.Response)
    assert code == answer.status
    assert answer.text is not None
    assert 'href="/spool">Back' in answer.text
    assert "<i>" not in answer.text
    assert str(error).split(maxsplit=1)[0] in answer.text


async def test_other_errors() -> None:
    """An error of the program is no page: it is logged as everywhere."""

    async def fail(_: web.Request) -> web.StreamResponse:
        raise LookupError

    with pytest.raises(LookupError):
        await answering(Renderer("gw", Assets()), "/spool", fail)(make_mocked_request("GET", "/"))

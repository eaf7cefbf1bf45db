"""A gateway without a spool says so."""

from pathlib import Path

from tests.gateway.screen.further import gateway


async def test_no_spool(tmp_path: Path) -> None:
    """Its page explains why nothing is kept; what is about entries is not there."""
    async with gateway(tmp_path, with_spool=False) as port:
        await port.sign_in()
        status, text = await port.get("/spool")
        assert (200, True) == (status, "acknowledge: commit" in text)
        assert 404 == (await port.get("/spool/entries/1"))[0]
        assert 200 == (await port.get("/messages/m1"))[0]

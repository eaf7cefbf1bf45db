"""A real gateway, whose peers have names that attack whoever reads them: each page shows them as text."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.dimse.raw_peer import RawPeer
from tests.browser.browsers import needs_browser, sign_in, window
from tests.mllp_client import adt, mllp_client
from tests.running import running_gateway

pytestmark = [needs_browser, pytest.mark.slow, pytest.mark.filterwarnings("default::ResourceWarning")]
CONFIGURATION = """\
listeners:
  lab: {{kind: mllp, port: 0, acknowledge: commit}}
  modalities: {{kind: dimse, port: 0}}
destinations:
  store: {{kind: http, url: "http://127.0.0.1:1/?<script>window.broken=4</script>", max_attempts: 1}}
  images: {{kind: dicomweb, url: "http://127.0.0.1:1/"}}
routes: [{{from: lab, to: store}}, {{from: modalities, to: images}}]
peers: {{"<b id=x>": {{contact: "<script>window.broken=5</script> 4711"}}}}
admin: {{port: 0}}
data_dir: {data}
spool: {{min_free_bytes: 0}}
drain_seconds: 1
"""
APPLICATION = "<script>window.broken=1</script>"
CONTROL_ID = "'\"><img src=x onerror=window.broken=2>"
TITLE = "<svg onload=a>"
PAGES = ("/", "/messages", "/spool", "/spool/entries", "/peers", "/destinations", "/certificates", "/configuration")
MOST_PAGES = 40


async def test_hostile_peers(browser: Any, tmp_path: Path) -> None:
    """HTML in MSH-3, in control IDs and in AE titles is text wherever it is shown, and does nothing."""
    async with running_gateway(CONFIGURATION.format(data=tmp_path)) as gateway:
        async with mllp_client(gateway.ports["lab"]) as client:
            await client.ask(adt(CONTROL_ID).replace(b"|TEST|", f"|{APPLICATION}|".encode(), 1))
        peer = await RawPeer.connect(gateway.ports["modalities"])
        await peer.associate(calling=TITLE, called="<b>OTHER</b>")
        peer.vanish()
        async with window(browser) as page:
            url = f"http://127.0.0.1:{gateway.admin_port}"
            await sign_in(page, f"{url}/", (tmp_path / "admin-token").read_text().strip(), APPLICATION)
            async with asyncio.timeout(60):
                while CONTROL_ID not in await _text(page, f"{url}/messages"):
                    await asyncio.sleep(0.2)
            said = await _walk(page, url)
    for each in (APPLICATION, CONTROL_ID, TITLE):
        assert each in said


async def _walk(page: Any, url: str) -> str:
    """Visit each page that a link leads to; return all that they say."""
    left, seen, said = list(PAGES), set[str](), []
    while left and len(seen) < MOST_PAGES:
        path = left.pop(0)
        if path in seen:
            continue
        seen.add(path)
        said.append(await _text(page, url + path))
        assert not await page.evaluate("window.broken"), path
        links = await page.eval_on_selector_all("main a", "all => all.map(each => each.getAttribute('href'))")
        left += [link for link in links if re.match(r"/(messages|peers|spool|destinations)/", link)]
    return "\n".join(said)


async def _text(page: Any, address: str) -> str:
    await page.goto(address)
    return str(await page.inner_text("body"))

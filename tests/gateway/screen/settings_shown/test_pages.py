"""The page of the configuration in force."""

import re
from pathlib import Path

from tests.gateway.screen.further import gateway


async def test_page(tmp_path: Path) -> None:
    """Keys with values and lines, defaults in folds, anchors for keys and groups, and no secret."""
    async with gateway(tmp_path) as port:
        await port.sign_in()
        status, text = await port.get("/configuration")
        assert (200, False) == (status, "S3CRET" in text)
        assert "/etc/hilum/hilum.yaml" in text
        anchors = re.findall(r' id="([^"]+)"', text)
        assert len(anchors) == len(set(anchors))
        wanted = {"listeners.modalities.called_ae_titles", "destinations.hl7-store", "destinations", "listeners.adt"}
        assert wanted <= set(anchors)
        assert "<code>2575</code></td>\n<td>line 4" in text
        assert "default; can be added below line" in text


async def test_search(tmp_path: Path) -> None:
    """A search shows only what matches, with its folds open."""
    async with gateway(tmp_path) as port:
        await port.sign_in()
        _, text = await port.get("/configuration?text=ae_title")
        assert "listeners.modalities.ae_title" in text
        assert "destinations.hl7-store.url" not in text
        assert re.search(r"<details[^>]* open>", text)
        _, text = await port.get("/configuration?text=nothing+of+this")
        assert "No key and no value has this text" in text

"""Style, script and icons: read once at the start, served from memory at an address with a digest of their content."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from aiohttp import web

from gateway.screen.headers import ASSET_HEADERS

ROOT = "/static"
FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as it is sent."""

    content: bytes
    content_type: str
    digest: str


class Assets:
    """All files of the folder ``static``. They can be read without signing in: the sign-in page needs them."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._assets: Mapping[str, Asset] = {
            each.name: _read(each) for each in sorted(folder.iterdir()) if each.suffix in TYPES
        }

    def address(self, name: str) -> str:
        """Return the address of the file *name*; it changes with its content, so that browsers may keep it."""
        return f"{ROOT}/{name}?v={self._assets[name].digest}"

    async def serve(self, request: web.Request) -> web.Response:
        """Answer with one file."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return web.Response(body=asset.content, content_type=asset.content_type, charset="utf-8", headers=ASSET_HEADERS)


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(content, TYPES[path.suffix], sha256(content).hexdigest()[:12])

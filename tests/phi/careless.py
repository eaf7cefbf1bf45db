"""Stores that refuse and fail in every way that Hilum tells apart, and quote the request wherever text can stand."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypedDict

from aiohttp import web

from gateway.admin.server import serve_admin

Answer = Callable[[str, str], web.Response]
"""Makes an answer of the request as text, and of a word out of it."""


class _Json(TypedDict):
    text: str
    content_type: str


def _json(value: object, content_type: str = "application/json") -> _Json:
    return {"text": json.dumps(value), "content_type": content_type}


def _refused_instance(quoted: str, word: str) -> web.Response:
    failed = {
        "00081150": {"vr": "UI", "Value": [word]},
        "00081155": {"vr": "UI", "Value": [word]},
        "00081197": {"vr": "US", "Value": [0xC122]},
        "00000902": {"vr": "LO", "Value": [quoted[-60:]]},
    }
    body = {"00081198": {"vr": "SQ", "Value": [failed]}, "00080056": {"vr": "CS", "Value": [word]}}
    return web.Response(status=409, reason=word, **_json(body, "application/dicom+json"))


def _error(status: int, **headers: str) -> Answer:
    def answer(quoted: str, word: str) -> web.Response:
        said = {name.replace("_", "-"): value.replace("WORD", word) for name, value in headers.items()}
        body = {"error": {"code": status, "status": word, "message": f"{quoted} needs healthcare.{word}.read"}}
        return web.Response(status=status, reason=f"Bad {word}", headers=said, **_json(body))

    return answer


ANSWERS: dict[str, Answer] = {
    "quoting": _error(400, X_Cause="WORD"),
    "credentials": _error(401, WWW_Authenticate='Bearer realm="WORD", error="WORD", error_description="WORD expired"'),
    "permission": _error(403, WWW_Authenticate='Bearer error="WORD"'),
    "absent": _error(404),
    "redirecting": _error(302, Location="http://WORD:WORD@login.example/WORD?patient=WORD"),
    "busy": _error(429, Retry_After="WORD", Date="WORD"),
    "failing": _error(500, Server="WORD"),
    "instance": _refused_instance,
    "page": lambda quoted, word: web.Response(text=f"<h1>{quoted}</h1>", headers={"Content-Type": f"x-{word}/{word}"}),
    "acknowledgement": lambda quoted, word: web.Response(
        text=f"MSH|^~\\&|{word}|||||{word}||ACK|{word}|P|2.5\rMSA|AE|{word}|{word}\rERR||{word}|{word}|E||{quoted}\r",
        headers={"Content-Type": "x-application/hl7-v2+er7"},
    ),
}
"""By the first part of the path, how it is answered."""
NO_HTTP = "no-http"
WAYS = (*ANSWERS, NO_HTTP)


@asynccontextmanager
async def careless_stores() -> AsyncIterator[dict[str, str]]:
    """Run one for each of ``WAYS``; yield their addresses."""
    application = web.Application(client_max_size=1 << 26)
    application.router.add_route("*", "/{way}{rest:.*}", _answer)
    raw = await asyncio.start_server(_speak_no_http, "127.0.0.1", 0)
    async with raw, serve_admin(application, "127.0.0.1", 0) as port:
        addresses = {way: f"http://127.0.0.1:{port}/{way}" for way in ANSWERS}
        yield {**addresses, NO_HTTP: f"http://127.0.0.1:{raw.sockets[0].getsockname()[1]}/"}


async def _answer(request: web.Request) -> web.Response:
    quoted = (await request.read()).decode("latin-1")
    word = "".join(char for char in quoted[-200:] if char.isascii() and char.isalnum())[:60]
    return ANSWERS[request.match_info["way"]](quoted, word)


async def _speak_no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        writer.write(b"HELLO " + await reader.read(1 << 16) + b"\r\n\r\n")
        await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()

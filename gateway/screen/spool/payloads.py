"""The payload of a message: its outline, and, as an act of its own with a purpose, its content.

Both need the role ``payload``. The content is read only by a form, so no link leads to it; who read it and why is in
the audit trail and in the log. The purpose is one of a list, because a text of an operator may name a patient.
"""

from collections.abc import Mapping

import structlog
from aiohttp import web

from gateway.admin.callers import CALLER, caller_of
from gateway.admin.spool_acts import Actor, SpoolActs
from gateway.contract.errors import ConfigError
from gateway.screen.faults import answering
from gateway.screen.rendering import Renderer
from gateway.screen.spool.pages import HERE
from gateway.screen.spool.reading import lines, outline
from gateway.spool import Selection
from gateway.spool.operating.lookup import find_message, find_record

PATH = "/spool/entries/{id}/payload"
PURPOSES: Mapping[str, str] = {
    "refused": "Find out why the message was refused",
    "sender": "The owner of the sending system has asked for it",
    "receiver": "The owner of the store has asked for it",
    "mapping": "Correct a step or a route",
    "care": "It is needed for the care of the patient",
}
NO_PURPOSE = "purpose: is none of the list; say why you read this payload, which is kept in the audit trail"
LONGEST_NOTE = 200

log = structlog.get_logger()


class PayloadPages:
    """Answers the requests for these pages."""

    def __init__(self, renderer: Renderer, acts: SpoolActs) -> None:
        self._renderer = renderer
        self._acts = acts

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get(PATH, answering(self._renderer, HERE, self.redacted), allow_head=False),
            web.post(PATH, answering(self._renderer, HERE, self.content)),
        ]

    async def redacted(self, request: web.Request) -> web.StreamResponse:
        """Show which fields the payload has, without their values."""
        entry_id = request.match_info["id"]
        record = await find_record(self._acts.operations, entry_id)
        outlined = await outline(self._acts.operations, entry_id)
        return self._renderer.page(
            "spool/payload.html", request[CALLER], here=HERE, record=record, outlined=outlined, purposes=PURPOSES
        )

    async def content(self, request: web.Request) -> web.StreamResponse:
        """Show the payload itself; nothing of it is shown before the act is in the audit trail."""
        entry_id = request.match_info["id"]
        form = await request.post()
        purpose = str(form.get("purpose", ""))
        if purpose not in PURPOSES:
            raise ConfigError(NO_PURPOSE)
        note = _note(form.get("note"))
        record = await find_record(self._acts.operations, entry_id)
        message = await find_message(self._acts.operations, entry_id)
        actor = Actor(caller_of(request), request.remote or "")
        why = f"{PURPOSES[purpose]}: {note}" if note else PURPOSES[purpose]
        meant = Selection(entry_ids=frozenset([entry_id]))
        async with self._acts.telling(actor, "shown on the screen", meant, why) as told:
            shown = await lines(message.body, message.facts.get("protocol", ""))
            told.count = 1
        log.info("spool_payload_shown", peer=request.remote, by=actor.by, entry_id=entry_id, purpose=purpose)
        return self._renderer.page(
            "spool/content.html",
            request[CALLER],
            here=HERE,
            record=record,
            lines=shown,
            not_audited=told.not_audited,
        )


def _note(text: object) -> str:
    note = text.strip() if isinstance(text, str) else ""
    return "".join(each if each.isprintable() else " " for each in note)[:LONGEST_NOTE]

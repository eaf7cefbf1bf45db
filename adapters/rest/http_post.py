"""A destination that takes one HL7v2 message as the body of a POST and may answer with another (HL7 over HTTP).

Endpoints differ in how they use the status: some send every acknowledgement with 200, HAPI's convention is 200 for AA,
500 for AE and 400 for AR. So a negative MSA-1 counts with any status, a positive one only with a 2xx.

A success without an acknowledgement may come from the endpoint, but also from a proxy, a login page or a failing
server. It is `Stored` only for an endpoint that is known to answer so (``accept_empty``), and only if ``bare_success``
recognizes its body.
"""

from dataclasses import replace
from functools import partial

from adapters.hl7.control_id import ANYTHING, Asked, asked
from adapters.rest.connecting.dialer import SYSTEM, Trust
from adapters.rest.destination import RestDestination, whole
from adapters.rest.hl7v2_store import Prepare
from adapters.rest.http.off_loop import SMALL, off_loop
from adapters.rest.http.reply import Reply
from adapters.rest.http.url_file import UrlFile
from adapters.rest.ingest import UNREADABLE
from adapters.rest.settings import HttpSettings
from adapters.rest.verdict.acknowledgement import find_hl7, read_acknowledgement
from adapters.rest.verdict.answers import BY_DEFAULT, NEVER_TWICE, Answers
from adapters.rest.verdict.bare_success import is_bare_success
from adapters.rest.verdict.diagnoses import diagnose_reply
from adapters.rest.verdict.outcomes import hl7_outcome, unless_early
from gateway.contract.body import WholeBody
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

NO_ACKNOWLEDGEMENT = Unavailable(
    "the store answered without an HL7 acknowledgement (see accept_empty)",
    maybe_stored=True,
    outlook=Outlook.DOUBTFUL,
    diagnosis=Diagnosis(Cause.OTHER_CONTENT),
)


class HttpPost(RestDestination):
    """HL7 over plain HTTP. `deliver()` never sends a message twice: the endpoint may not recognize a duplicate.

    In relay mode the peer decides. In commit mode a message that the endpoint may have is sent at most
    ``max_unreadable`` times if there is no reply, or a reply that leaves it in doubt.
    """

    def __init__(self, name: str, settings: HttpSettings, prepare: Prepare, trust: Trust = SYSTEM) -> None:
        self._url_file = None if settings.url_file is None else UrlFile(name, settings, settings.url_file)
        if self._url_file is not None:
            settings = settings.model_copy(update={"url": self._url_file.first})
        super().__init__(name, settings, trust)
        self._headers = {"Content-Type": settings.content_type}
        self._prepare = prepare
        self._acknowledged_id = settings.acknowledged_id
        self._accept_empty = settings.accept_empty
        self._answers = Answers({**NEVER_TWICE, **settings.answers})

    async def deliver(self, message: Message) -> Outcome:
        """Post *message* and return the outcome."""
        data = message.body.data if isinstance(message.body, WholeBody) else await whole(message.body)
        prepared = self._prepare(data, message.charset)
        if isinstance(prepared, Refused):
            return prepared
        url = self._address()
        if isinstance(url, Unavailable):
            return url
        reply = await self._client.request("POST", url, self._headers, prepared, early=True)
        if isinstance(reply, Unavailable):
            return self._answers.after(reply)
        question = asked(prepared, self._acknowledged_id)
        read = partial(post_outcome, reply, question, self._answers, accept_empty=self._accept_empty)
        outcome = read() if len(reply.body) <= SMALL else await off_loop(reply, read)
        return unless_early(reply, outcome)

    async def probe(self) -> str | None:
        """Return why the endpoint cannot be reached at the moment, or None. Never raises."""
        url = self._address()
        return url.reason if isinstance(url, Unavailable) else await self._client.probe(url)

    def _address(self) -> str | Unavailable:
        return self._url if self._url_file is None else self._url_file.current()


def post_outcome(
    reply: Reply, question: Asked = ANYTHING, answers: Answers = BY_DEFAULT, *, accept_empty: bool = False
) -> Outcome:
    """Return what *reply* means for the message; *question* is what its acknowledgement has to name."""
    message = find_hl7(reply.body)
    acknowledged = read_acknowledgement(message, question, answers) if message is not None else None
    if isinstance(acknowledged, Refused):
        return acknowledged
    if not 200 <= reply.status < 300:
        outcome = hl7_outcome(reply, answers)
        if isinstance(acknowledged, Stored) and isinstance(outcome, Unavailable):  # AA, but the status is no success
            return replace(outcome, maybe_stored=True, outlook=Outlook.DOUBTFUL)
        return outcome
    if message is None:
        is_success = accept_empty and is_bare_success(reply.body)
        return Stored() if is_success else replace(NO_ACKNOWLEDGEMENT, diagnosis=diagnose_reply(reply))
    return acknowledged or replace(UNREADABLE, diagnosis=diagnose_reply(reply))

"""Writes docs/replies.md from the tables that the gateway uses; a test checks that the page is up to date."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from adapters.dimse.protocol.statuses import verdict_on
from adapters.hl7.answers import AnswerCodes
from adapters.hl7.nack_words import ERRORS
from adapters.rest.connecting import failures
from adapters.rest.dicomweb import conflict, holdings, stow_response
from adapters.rest.dicomweb import store as dicomweb
from adapters.rest.dicomweb.stow_response import Doubt, Failed, Report, stow_outcome
from adapters.rest.fhir import holdings as fhir_holdings
from adapters.rest.fhir import replies as fhir_replies
from adapters.rest.fhir.issues import TRANSIENT
from adapters.rest.fhir.store import MOST_CONFLICTS
from adapters.rest.http import http1
from adapters.rest.http.connection import SILENT
from adapters.rest.http.reply import Reply
from adapters.rest.http_post import NO_ACKNOWLEDGEMENT
from adapters.rest.ingest import UNREADABLE
from adapters.rest.verdict import answers, outcomes
from adapters.rest.verdict.acknowledgement import ANOTHER
from adapters.rest.verdict.answers import BY_DEFAULT, DEFAULTS
from adapters.rest.verdict.outcomes import dicom_outcome, hl7_outcome
from adapters.rest.verdict.store_reason import FAILURE_REASONS, FAMILIES
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

PAGE = Path(__file__).parent / "replies.md"
STATUSES = (200, 301, 400, 401, 403, 404, 408, 409, 413, 415, 422, 425, 429, 500, 501, 502, 503, 504)
CODES = {
    "AE": "error",
    "CE": "commit error",
    "AR": "rejection without a cause",
    "CR": "commit rejection without a cause",
}
NO_CONNECTION = (
    failures.UNRESOLVED,
    failures.REFUSED,
    failures.UNREACHABLE,
    failures.TOO_SLOW,
    failures.NO_TLS,
    failures.TLS_TOO_SLOW,
    failures.SPEAKS_NO_TLS,
    http1.SPEAKS_TLS,
    failures.ENDED,
    failures.NOT_YET_VALID,
    failures.OTHER_NAME,
    failures.UNKNOWN_ISSUER,
    failures.NOT_TRUSTED,
    failures.WANTS_CERTIFICATE,
    failures.CERTIFICATE_REFUSED,
)
NO_REPLY = (http1.HUNG_UP, http1.BROKE, http1.REPLY_BROKE_OFF, SILENT)
ODD_REPLIES = (
    http1.NOT_HTTP,
    http1.BAD_HEAD,
    http1.BAD_LENGTH,
    http1.LONG_HEAD,
    http1.UNDECODABLE,
    http1.TOO_LARGE,
    http1.OUT_OF_PROPORTION,
    outcomes.TOO_EARLY,
)
NOT_READ = {
    ANOTHER.reason: True,
    NO_ACKNOWLEDGEMENT.reason: True,
    UNREADABLE.reason: True,
    **{each.reason: True for each in ODD_REPLIES},
    stow_response.SILENT: True,
    stow_response.UNREADABLE: True,
    stow_response.LOST: False,
    stow_response.NOT_FOUND: False,
    conflict.NOT_GIVEN_BACK.reason: True,
    holdings.NOT_SAID: True,
    holdings.NOT_DELETED: False,
    dicomweb.STILL_HELD.reason: False,
    fhir_replies.UNREADABLE.reason: True,
    fhir_holdings.NOT_READ.reason: False,
}
"""The reason of each doubtful reply, and whether the store may have the message."""
HEAD = """# What a store's reply means

Every reply of a store is classified by one of four words. They say what to expect if the same message is sent again, and decide what **commit mode**
does:

| word | commit mode |
|---|---|
| `final` | The message is parked at once, with the store's reason. |
| `doubtful` | The reply is not clear, and waiting will hardly change it. The message is tried `max_unreadable` times (5, in about two minutes), then parked: "given up after 5 doubtful replies", and "it may be stored" if the store may have it. |
| `temporary` | The message is tried again with growing pauses. When the same reply has come `max_own_failures` times (20, about ten minutes), and the destination has accepted other messages between each two of them, the message is parked with that reply. While the store accepts nothing, no message is parked for this reason. |
| `busy` | The message is tried again with growing pauses, or when the store's `Retry-After` says. |

`max_attempts` and `max_age`, if they are set, limit all of them. A parked message is kept: `hilum spool list` shows it with its reason, `hilum
spool retry` sends it again. While every delivery fails, the destination is probed with one message at a time.

The count of doubtful replies continues after a restart, unless the message was tried more often than doubtful replies alone allow: then only the
last reply counts. The count of equal replies starts again at zero.

In **relay mode** the peer gets an answer each time and decides what to do. It gets the store's own acknowledgement, byte for byte, if there is one;
otherwise the answer in the tables below: `AE` or `C000` if it should not send the message again, `AR` or `A700` if it may. It also gets `AR` or `A700`
for each doubtful reply: if a modality sends again without end after such a reply, correct the store, or use `acknowledge: commit`.

If a store's replies have another meaning, set it in `answers` of the destination, with the keys of these tables:

```yaml
destinations:
  lab:
    kind: http
    url: https://lab.example/hl7
    answers: {MSA-1 AR: final, ERR-3 207: final, HTTP 409: temporary}
```

An exact status or Failure Reason takes precedence over its family (`HTTP 5xx`, `DICOM A7xx`), and ERR-3 of an acknowledgement over MSA-1.
Of several errors in one acknowledgement the worst one counts; warnings and information (ERR-4 `W` or `I`) do not.
`answers` changes what commit mode does, not what a peer gets in relay mode.

`make docs` generates this page from the tables in the code.
"""  # noqa: E501
EVIDENCE = """
A success is `Stored` only with evidence: a positive acknowledgement, or the instance named as stored.

A 400 whose body is an HTML page is `doubtful`: web servers in front of a store send it without reading the message, for
example when Hilum's client certificate has expired. `HTTP 400` in `answers` applies to such a page, too.
"""
NEVER_TWICE = f"""
An endpoint of kind `http` does not recognise duplicates, so a message that it may have is not sent without end: for it
{" and ".join(f"`{key}`" for key in answers.NEVER_TWICE)} are `doubtful`.
"""
OTHER_REASONS = """
Any other reason is treated like the HTTP status. For an instance that the store already has (0111, B00E)
`on_conflict` decides.
"""


FHIR = f"""
For a `fhir_store` the statuses above count, with these differences. They are those of the reply or of an entry of it: a
success in which one entry has failed is a failure. The reason has the issue's code and the path that the store names.

| key | meaning | what happens |
| --- | --- | --- |
{{rows}}
A resource that was to be created and was there already is such a conflict, too. The issue types
{", ".join(f"`{each}`" for each in sorted(TRANSIENT))} say that time mends it:
with one of them a 400 or 422 is `temporary`.
"""
CONFLICT = f"the store is read again, up to {MOST_CONFLICTS} times; then `{{word}}`"


def render() -> str:
    """Return the page."""
    with_peers = ("key", "meaning", "word", "HL7 peer", "DICOM peer")
    return "".join([
        HEAD,
        _section("HTTP statuses whose body does not say more", with_peers, _statuses()),
        EVIDENCE,
        _section("Negative acknowledgements of HL7", ("key", "meaning", "word"), _acknowledgements()),
        "\nIn relay mode the peer gets the acknowledgement itself.\n",
        _section("Failure Reasons of DICOM", ("key", "meaning", "word", "DICOM peer"), _failure_reasons()),
        OTHER_REASONS,
        "\n## FHIR stores\n",
        FHIR.format(rows="".join(_conflicts())),
        _section("Replies that say nothing for certain", ("reason", "word", "may be stored"), _not_read()),
        _section("No reply", ("reason", "key", "word"), _no_reply()),
        NEVER_TWICE,
    ])  # fmt: skip


def _section(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(columns)
    lines = (names, ["---"] * len(names), *rows)
    return f"\n## {title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _statuses() -> Iterator[Iterable[str]]:
    for status in STATUSES:
        hl7, dicom = hl7_outcome(Reply(status, {}, b"")), dicom_outcome(Reply(status, {}, b""))
        key = f"HTTP {status}" if f"HTTP {status}" in DEFAULTS else f"HTTP {status // 100}xx"
        name = f"`HTTP {status}`" if key == f"HTTP {status}" else f"`HTTP {status}`, as `{key}`"
        yield name, hl7.reason, f"`{hl7.outlook}`", _hl7_answer(hl7), _dicom_answer(dicom)


def _acknowledgements() -> Iterator[Iterable[str]]:
    for code, name in CODES.items():
        yield f"`MSA-1 {code}`", name, f"`{BY_DEFAULT.to_nack(code, [])}`"
    for error, name in ERRORS.items():
        yield f"`ERR-3 {error}`", name, f"`{BY_DEFAULT.to_nack('AE', [error])}`"


def _failure_reasons() -> Iterator[Iterable[str]]:
    for key in (key for key in DEFAULTS if key.startswith("DICOM")):
        digits = key.removeprefix("DICOM ")
        reason = int(digits.replace("x", "0"), 16)
        name = FAMILIES.get(reason >> 8) or FAILURE_REASONS[reason]
        outcome = stow_outcome(Reply(409, {}, b""), Report({}), Failed(reason))
        outcome = outcome.unknown if isinstance(outcome, Doubt) else outcome
        own = digits if "x" in digits and not isinstance(outcome, Stored) and outcome.code else _dicom_answer(outcome)
        yield f"`{key}`", name, f"`{BY_DEFAULT.to_failure_reason(reason)}`", f"`{own.strip('`')}`"


def _conflicts() -> Iterator[str]:
    table = answers.Answers(fhir_replies.ROWS)
    for status, reason in sorted(fhir_replies.CONFLICTS.items()):
        what = CONFLICT.format(word=table.to_status(status))
        yield f"| `HTTP {status}` | {reason.format(status=status)} | {what} |\n"


def _not_read() -> Iterator[Iterable[str]]:
    for reason, held in NOT_READ.items():
        yield reason, f"`{Outlook.DOUBTFUL}`", "yes" if held else "no"


def _no_reply() -> Iterator[Iterable[str]]:
    for failure in NO_CONNECTION:
        yield failure.reason, "", f"`{Outlook.BUSY}`"
    for failure in NO_REPLY:
        word = BY_DEFAULT.after(Unavailable(failure.reason, maybe_stored=True, outlook=failure.outlook)).outlook
        yield failure.reason, f"`{answers.NO_REPLY}`", f"`{word}`"


def _hl7_answer(outcome: Outcome) -> str:
    codes = AnswerCodes()
    match outcome:
        case Unavailable():
            return f"`{codes.unavailable}`"
        case Refused():
            return f"`{codes.refused}`"
    return "`AA`"


def _dicom_answer(outcome: Outcome) -> str:
    return f"`{verdict_on(outcome).status}`"


if __name__ == "__main__":
    PAGE.write_text(render())

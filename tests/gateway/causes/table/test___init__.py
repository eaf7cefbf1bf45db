"""The one table of causes is whole: each reason in the code leads to a row, and each row can be told."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.causes.rows import LEVELS, SIDES, STATES, names_in
from gateway.causes.table import OF_DESTINATIONS, SECTIONS, TABLE
from gateway.causes.table.peers import PEERS
from gateway.contract.causes import Cause
from gateway.contract.details import DETAILS
from gateway.contract.meter import Pause, Rejection
from gateway.observing.destination_record import OF_REACHING

ROOT = Path(__file__).parents[4]
ALWAYS = {"subject", "subject_in_path"}
OF_DESTINATION = {"things", "afterwards"}
OF_PEER = {"listener", "address", "times", "count"}

REJECTIONS: dict[Rejection, Cause | None] = {
    Rejection.BLOCK_RESTARTED: Cause.FRAMING,
    Rejection.BROKEN_FRAMING: Cause.FRAMING,
    Rejection.CALLED_AE_TITLE: Cause.CALLED_AE_TITLE,
    Rejection.CALLING_AE_TITLE: Cause.CALLING_AE_TITLE,
    Rejection.CERTIFICATE: Cause.PEER_CERTIFICATE,
    Rejection.CONNECTION_LIMIT: Cause.PEER_LIMIT,
    Rejection.DESCRIPTOR_LIMIT: Cause.PEER_LIMIT,
    Rejection.DISPLACED: Cause.PEER_LIMIT,
    Rejection.FIRST_MESSAGE_TIMEOUT: None,
    Rejection.IDLE_TIMEOUT: None,
    Rejection.INTERNAL_ERROR: Cause.TROUBLE,
    Rejection.MEMORY_LIMIT: Cause.RATE,
    Rejection.MESSAGE_TIMEOUT: Cause.FRAMING,
    Rejection.NETWORK: Cause.NETWORK_NOT_ALLOWED,
    Rejection.NO_HEADER: Cause.FRAMING,
    Rejection.PEER_ABORTED: Cause.PEER_GAVE_UP,
    Rejection.PEER_LIMIT: Cause.PEER_LIMIT,
    Rejection.PEER_LOST: Cause.PEER_GAVE_UP,
    Rejection.PLAIN_ON_TLS_PORT: Cause.PLAIN_ON_TLS_PORT,
    Rejection.PROTOCOL_ERROR: Cause.FRAMING,
    Rejection.PROTOCOL_VERSION: Cause.FRAMING,
    Rejection.RATE_LIMIT: Cause.RATE,
    Rejection.TLS_HANDSHAKE: Cause.PEER_TLS_FAILED,
    Rejection.TLS_ON_PLAIN_PORT: Cause.TLS_ON_PLAIN_PORT,
    Rejection.TOKEN: Cause.PEER_TOKEN,
    Rejection.TOO_LARGE: Cause.FRAMING,
    Rejection.TOO_MANY_ITEMS: Cause.FRAMING,
    Rejection.TOO_SLOW: Cause.FRAMING,
    Rejection.WRITE_TIMEOUT: Cause.PEER_GAVE_UP,
}
"""The cause that tells an operator of a rejection; None where it is what probes and idle peers get every day."""
PAUSES: dict[Pause, Cause | None] = {
    Pause.MEMORY: None,
    Pause.QUEUE: None,
    Pause.RATE: Cause.RATE,
    Pause.STORE: Cause.SLOW,
    Pause.WRITE: Cause.PEER_GAVE_UP,
}
"""The cause that tells of a pause; None where it is how Hilum works with large messages."""


def test_every_cause_has_its_row() -> None:
    """No cause is without words, and no row without a cause."""
    assert set(TABLE) == set(Cause)
    assert sum(map(len, SECTIONS.values())) == len(TABLE), "a cause is in one section only"


def test_every_rejection_and_pause_has_its_row() -> None:
    """Each reason to turn a peer away or not to read it leads to a row, or is known to be usual."""
    assert set(REJECTIONS) == set(Rejection)
    assert set(PAUSES) == set(Pause)
    assert {each for each in (*REJECTIONS.values(), *PAUSES.values()) if each is not None} <= TABLE.keys()


def diagnosed() -> Iterator[str]:
    """Yield the name of each cause that the code names as ``Cause.NAME``; another enumeration has that name too."""
    for path in [*ROOT.glob("adapters/**/*.py"), *ROOT.glob("gateway/**/*.py")]:
        text = path.read_text()
        if "gateway.contract.causes import" in text:
            yield from re.findall(r"\bCause\.([A-Z][A-Z_]*)\b", text)


def test_every_diagnosis_has_its_row() -> None:
    """Each cause that an adapter or the daemon diagnoses is in the table."""
    found = {Cause[name] for name in diagnosed() if name in Cause.__members__}
    assert len(found) > 30
    assert found <= TABLE.keys()


@pytest.mark.parametrize("cause", TABLE, ids=str)
def test_row(cause: Cause) -> None:
    """Each row has a known state, side and level, and sentences that end with a full stop."""
    row = TABLE[cause]
    assert row.state in STATES
    assert row.side in SIDES
    assert row.level in LEVELS
    assert (row.level == "red") >= (row.state == "stopped")
    title, why, now, effect = row.texts
    assert all(text and not text.endswith(".") for text in title)
    assert all(text.endswith((".", "{afterwards}", "{connection}")) for text in (*why, *now))
    assert effect == ("",) or all(text.endswith(".") for text in effect)


@pytest.mark.parametrize("cause", TABLE, ids=str)
def test_last_alternative_needs_nothing(cause: Cause) -> None:
    """The last of each row's texts uses only what is always known, so that no sentence ever has a gap."""
    row = TABLE[cause]
    known = set(ALWAYS) | set(row.details)
    known |= OF_DESTINATION if cause in OF_DESTINATIONS else OF_PEER if cause in PEERS else set()
    for alternatives in row.texts:
        assert names_in(alternatives[-1]) <= known
    for deed in row.deeds:
        assert set().union(*map(names_in, deed.target.values())) <= known
        assert deed.helps <= (deed.name in {"retry", "show", "show_line"})


@pytest.mark.parametrize("cause", [each for each in TABLE if each in DETAILS], ids=str)
def test_names_of_details(cause: Cause) -> None:
    """The texts of a destination use only details that its diagnosis may have."""
    row, details = TABLE[cause], {each.removesuffix("?") for each in DETAILS[cause]}
    times = {each.removesuffix("_at") for each in details}
    known = ALWAYS | OF_DESTINATION | details | set(row.details) | {"address", "code", "times", "what"}
    known |= {"expired_path"} if "path" in details else set()
    known |= {"unanswered"} if "name" in details else set()
    known |= {"closing"} if "error" in details else set()
    known |= {f"{each}_ago" for each in times} | {f"{each}_in" for each in times}
    assert set().union(*(names_in(text) for texts in row.texts for text in texts)) <= known


def test_what_a_probe_ends() -> None:
    """A probe ends causes of destinations only."""
    assert OF_REACHING <= OF_DESTINATIONS

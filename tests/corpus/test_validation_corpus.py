"""Every HL7 message of the corpus, validated."""

from collections.abc import Mapping

import pytest

from adapters.hl7 import batch
from adapters.hl7.acknowledgement import CONDITIONS
from adapters.hl7.validation.message import Validator
from gateway.contract.outcome import Finding
from tests.corpus.test_hl7_corpus import FILES, MESSAGE_A_LINE, name, payloads

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository")

Found = Mapping[tuple[str, bytes], list[Finding]]


@pytest.fixture(scope="module")
def found() -> Found:
    """Return what is wrong with each message, by its file and its octets; nothing of it raises."""
    validator = Validator()
    return {
        (name(path), message): list(validator.findings(message, None))
        for path in FILES
        for payload in payloads(path)
        for message in batch.cut(payload).messages
    }


def test_every_finding_can_be_told(found: Found) -> None:
    """A finding has a code that a NACK can carry, a sentence in one line, and no more of a place than there is."""
    for (path, _), findings in found.items():
        for finding in findings:
            assert finding.code in CONDITIONS, path
            assert finding.text.isascii(), path
            assert finding.text.isprintable(), path


def test_a_part_of_them_is_valid(found: Found) -> None:
    """Many real messages have a mistake; that all or none had would be one of the validator."""
    verdicts = [not findings for (path, _), findings in found.items() if path not in MESSAGE_A_LINE]
    assert 0.2 < sum(verdicts) / len(verdicts) < 0.6


def test_encoding_characters_are_no_mistake(found: Found) -> None:
    """No finding is about MSH-1 or MSH-2; messages with five characters there are among them."""
    five = [findings for (_, message), findings in found.items() if message.startswith(b"MSH|^~\\&#|")]
    assert len(five) > 10
    assert any(not findings for findings in five)
    places = {finding.location for findings in found.values() for finding in findings}
    assert places.isdisjoint({"MSH^1^1^1", "MSH^1^2^1"})

"""docs/fhir.md, and the reasons for HL7's maps that the step does not use."""

import pytest

from tests.corpus import write_fhir
from tests.corpus.test_fhir_maps import MAPS
from tests.corpus.test_hl7_corpus import FILES

pytestmark = pytest.mark.skipif(not (MAPS.is_dir() and FILES), reason="HL7's maps or the corpus are not there")


def test_page_is_up_to_date() -> None:
    """The page says what the tables and the corpus say today: `make docs` writes it."""
    assert write_fhir.render() == write_fhir.PAGE.read_text("utf-8")


def test_reasons() -> None:
    """Each segment map of a message that is converted has either a table or a reason."""
    used = {each for _, maps in write_fhir.message_maps() for each in maps}
    assert set() == used - write_fhir.tables().keys() - write_fhir.reasons().keys()
    assert set() == write_fhir.reasons().keys() & write_fhir.tables().keys()
    assert all(reason for _, _, reason in write_fhir.reasons().values())

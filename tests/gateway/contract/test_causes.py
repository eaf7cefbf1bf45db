"""The causes that Hilum can tell apart."""

import re

from gateway.contract.causes import Cause, Diagnosis


def test_values_are_names() -> None:
    """The value of a cause, which is in the API and in log events, is its name in small letters."""
    assert all(re.fullmatch(r"[a-z][a-z_]*", each.value) and each.value == each.name.lower() for each in Cause)


def test_diagnosis_without_details() -> None:
    """Two diagnoses without details share nothing that one of them could change."""
    one, two = Diagnosis(Cause.SLOW), Diagnosis(Cause.SLOW)
    assert one == two
    assert one.details is not two.details

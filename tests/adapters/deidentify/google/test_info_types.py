"""The names of infoTypes."""

from adapters.deidentify.google.info_types import BY_FORM, BY_MODEL, DEFAULT, standard_name
from adapters.deidentify.google.inspecting import FORMS


def test_each_has_its_form() -> None:
    """What is said to be recognised by its form has one, and the others have none."""
    assert FORMS.keys() == BY_FORM
    assert not BY_MODEL & FORMS.keys()
    assert DEFAULT == BY_FORM | BY_MODEL


def test_other_names() -> None:
    """Other names lead to those that are known; what is not known stays."""
    assert standard_name("VIN") == "VEHICLE_IDENTIFICATION_NUMBER"
    assert standard_name("NPI") in BY_FORM
    assert standard_name("PASSPORT") == "PASSPORT"

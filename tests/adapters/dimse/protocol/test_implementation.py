"""Hilum's name among implementations."""

from pydicom.uid import UID

from adapters.dimse.protocol.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME


def test_class_uid() -> None:
    """It is a UID made of a UUID, which nobody has to register (PS3.5 B.2)."""
    assert UID(IMPLEMENTATION_CLASS_UID).is_valid
    assert IMPLEMENTATION_CLASS_UID.startswith("2.25.")


def test_version_name() -> None:
    """It fits PS3.7 D.3.3.2.3: 1 to 16 characters."""
    assert IMPLEMENTATION_VERSION_NAME.startswith("HILUM_")
    assert 16 >= len(IMPLEMENTATION_VERSION_NAME)

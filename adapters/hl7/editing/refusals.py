"""The reasons why a message cannot be edited; each names the path and never the value."""

from adapters.hl7.charset import UNKNOWN
from adapters.hl7.editing.paths import Path
from gateway.contract.outcome import Refused

# HL7 table 0357: 100 segment sequence error, 102 data type error, 103 table value not found, 207 application error.
TOO_MANY_SEGMENTS = Refused("The message has too many segments to be edited", code="207")


class NotEditable(Exception):  # noqa: N818  it is no error: it carries the outcome out of the operations
    """An operation cannot do its work correctly; :func:`..edits.apply` catches this."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.refused = refused


def unreadable(path: Path, cause: Refused) -> NotEditable:
    """Say that the octets at *path* cannot be decoded; *cause* is a refusal of ``adapters.hl7.charset``."""
    if cause is UNKNOWN:
        return NotEditable(Refused(f"{path} cannot be read: the message's character set is not known", code="103"))
    return NotEditable(Refused(f"{path} holds octets that the message's character set does not have", code="102"))


def unwritable(path: Path) -> NotEditable:
    """Say that the text for *path* has a character that the message cannot hold."""
    return NotEditable(Refused(f"{path} would get a character that the message's character set lacks", code="207"))


def no_escape(path: Path) -> NotEditable:
    """Say that the text for *path* has a delimiter in it, and MSH-2 has no escape character."""
    return NotEditable(
        Refused(f"{path} would get a delimiter as text, but MSH-2 names no usable escape character", code="207")
    )


def no_delimiter(path: Path) -> NotEditable:
    """Say that MSH-2 lacks a delimiter that *path* needs."""
    return NotEditable(Refused(f"{path} needs a delimiter that MSH-2 does not name", code="207"))


def ambiguous(path: Path) -> NotEditable:
    """Say that the value at *path* has a character in it that MSH-2 names for two delimiters."""
    return NotEditable(Refused(f"{path} is ambiguous: MSH-2 names one character for two delimiters", code="100"))


def too_large(path: Path) -> NotEditable:
    """Say that the field at *path* has too many parts to be split."""
    return NotEditable(Refused(f"{path} has too many parts to be edited", code="207"))


def too_many_parts(path: Path) -> NotEditable:
    """Say that the value to be copied has more levels of parts than its target can hold."""
    return NotEditable(Refused(f"{path} cannot hold the parts of the value to be copied there", code="207"))


def not_in_the_table(path: Path) -> NotEditable:
    """Say that the table of ``map`` has no entry, and ``default`` is ``refuse``."""
    return NotEditable(Refused(f"{path} holds a value that the step's table does not have", code="103"))

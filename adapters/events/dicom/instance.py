"""The address of an instance in a notification, and the instance in the store's reply.

GET {store}/dicomWeb/studies/{study}/series/{series}/instances/{instance}     application/dicom, as it is stored
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters.dicom.encoding import Malformed
from adapters.dicom.file_meta import read
from adapters.events.stores import DICOM_STORE
from gateway.contract.message import UID
from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook

PATH = re.compile(r"(.*)/dicomWeb/studies/([^/]+)/series/([^/]+)/instances/([^/]+)")
CLASS_UID, INSTANCE_UID = 0x00020002, 0x00020003
NOT_AN_INSTANCE = Unavailable("the store's instance cannot be read", outlook=Outlook.DOUBTFUL)
ANOTHER = Unavailable("the store gave another instance than it was asked for", outlook=Outlook.DOUBTFUL)
HEAD = 128 * 1024


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance as the store has it."""

    data: bytes
    sop_instance_uid: str
    facts: Mapping[str, str]


class InstanceAddresses:
    """The addresses of a store's instances; a notification cannot lead to another place."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        found = DICOM_STORE.match(urlsplit(self._url).path)
        assert found is not None  # noqa: S101  the settings have checked it
        self.store = found[1]

    def is_name(self, name: str) -> bool:
        """Whether *name* is that of an instance of this store."""
        found = PATH.fullmatch(name)
        return found is not None and found[1] == self.store and all(map(UID.fullmatch, found.groups()[1:]))

    def instance(self, name: str) -> str:
        """Return the address of an instance whose name :meth:`is_name` has accepted."""
        return f"{self._url}{name.removeprefix(self.store)}"


def uid_of(name: str) -> str:
    """Return the SOP Instance UID in the name of an instance."""
    return name.rpartition("/")[2]


def read_instance(data: bytes, name: str) -> Instance | Unavailable:
    """Return the instance in a reply. Never raises."""
    try:
        meta = read(data[:HEAD], is_whole=len(data) <= HEAD)
        if meta is None:
            return NOT_AN_INSTANCE
        transfer_syntax = meta.transfer_syntax
    except Malformed:
        return NOT_AN_INSTANCE
    uids = {tag: value.strip(b"\0 ").decode("ascii", "replace") for tag, _, value in meta.elements}
    class_uid, instance_uid = uids.get(CLASS_UID, ""), uids.get(INSTANCE_UID, "")
    if not all(map(UID.fullmatch, (class_uid, instance_uid, transfer_syntax))):
        return NOT_AN_INSTANCE
    facts = {"sop_class_uid": class_uid, "transfer_syntax_uid": transfer_syntax}
    return Instance(data, instance_uid, facts) if instance_uid == uid_of(name) else ANOTHER

"""The stores and receivers that `hilum init` offers, and the lines of the configuration that each of them makes."""

import json
import re
from collections.abc import Callable
from typing import NamedTuple

MLLP_ADDRESS = re.compile(r"(mllps?)://(\[[^\]]+\]|[^/:\[\]]+):([^/:]+)/?")
NOT_MLLP = "is no address such as mllp://receiver.example:2575, or mllps:// with TLS"


def url_lines(url: str) -> tuple[str, ...]:
    """Return the key of an HTTP address; it is checked with the whole configuration."""
    return (f"url: {json.dumps(url)}",)


def mllp_lines(address: str) -> tuple[str, ...]:
    """Return the keys of an address of MLLP; raises ValueError if it is none."""
    found = MLLP_ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(NOT_MLLP)
    scheme, host, port = found.groups()
    tls = "tls: {}" if scheme == "mllps" else "# tls: {}"
    return (
        f"host: {json.dumps(host.strip('[]'))}",
        f"port: {port}",
        f"{tls:<32}# the system's CAs; add certificate_file and key_file to present a certificate",
    )


class Store(NamedTuple):
    """A kind of store that can be chosen."""

    what: str
    """One line that describes it."""
    url: str
    """The address that is written if none is given."""
    lines: tuple[str, ...]
    """Its keys except those of its address."""
    name: str
    """The name of the destination."""
    address: Callable[[str], tuple[str, ...]] = url_lines
    """Returns the keys that an address makes; raises ValueError with the reason if it is none."""


GOOGLE = "https://healthcare.googleapis.com/v1/projects/PROJECT/locations/LOCATION/datasets/DATASET"
METADATA = (
    "credentials:                    # needs the Python packages google-auth and requests",
    "  kind: google                  # the account of this virtual machine or Kubernetes pod",
    "  # service_account_file: /etc/hilum/service-account.json   # a key file instead",
)
SECRET = (
    "# credentials: {kind: bearer, token_file: /etc/hilum/store-token}",
    "# credentials: {kind: basic, username: hilum, password_file: /etc/hilum/store-password}",
    "# tls: {ca_file: /etc/hilum/store-ca.pem}   # a CA that this machine does not know",
)
RECEIVER = (
    "kind: mllp",
    "# connections: 1                # most connections at once; many receivers take only one",
    "# answers: {AR: park}           # what its negative acknowledgements mean, where it is not as HL7 says",
)
HL7_STORES = {
    "google": Store(
        "an HL7v2 store of the Cloud Healthcare API",
        f"{GOOGLE}/hl7V2Stores/STORE",
        ("kind: hl7v2_store", *METADATA),
        "hl7-store",
    ),
    "http": Store(
        "an HTTP address that takes one message in each POST request",
        "https://store.example/hl7",
        ("kind: http", *SECRET),
        "hl7-store",
    ),
    "mllp": Store(
        "another hospital system, over MLLP", "mllp://receiver.example:2575", RECEIVER, "receiver", mllp_lines
    ),
}
RESULT_RECEIVERS = {
    "mllp": Store("a hospital system, over MLLP", "mllp://ehr.example:2575", RECEIVER, "ehr", mllp_lines),
}
DICOM_STORES = {
    "google": Store(
        "a DICOM store of the Cloud Healthcare API",
        f"{GOOGLE}/dicomStores/STORE/dicomWeb",
        ("kind: dicomweb", *METADATA),
        "image-store",
    ),
    "orthanc": Store(
        "Orthanc with its DICOMweb plugin",
        "http://127.0.0.1:8042/dicom-web",
        ("kind: dicomweb", *SECRET),
        "image-store",
    ),
    "dicomweb": Store(
        "any other PACS that takes STOW-RS requests",
        "https://pacs.example/dicom-web",
        ("kind: dicomweb", *SECRET),
        "image-store",
    ),
}

"""The text of the configuration that `hilum init` writes, for a choice of peers and stores."""

import json
import re
from dataclasses import dataclass
from typing import NamedTuple


class Store(NamedTuple):
    """A kind of store that can be chosen."""

    what: str
    """One line that describes it."""
    url: str
    """The address that is written if none is given."""
    lines: tuple[str, ...]
    """Its keys except ``url``."""


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
HL7_STORES = {
    "google": Store(
        "an HL7v2 store of the Cloud Healthcare API", f"{GOOGLE}/hl7V2Stores/STORE", ("kind: hl7v2_store", *METADATA)
    ),
    "http": Store(
        "an HTTP address that takes one message in each POST request",
        "https://store.example/hl7",
        ("kind: http", *SECRET),
    ),
}
DICOM_STORES = {
    "google": Store(
        "a DICOM store of the Cloud Healthcare API",
        f"{GOOGLE}/dicomStores/STORE/dicomWeb",
        ("kind: dicomweb", *METADATA),
    ),
    "orthanc": Store(
        "Orthanc with its DICOMweb plugin", "http://127.0.0.1:8042/dicom-web", ("kind: dicomweb", *SECRET)
    ),
    "dicomweb": Store(
        "any other PACS that takes STOW-RS requests", "https://pacs.example/dicom-web", ("kind: dicomweb", *SECRET)
    ),
}
ACKNOWLEDGE = {
    "relay": "when the store has answered; the sender gets the answer of the store",
    "commit": "when the message is durable on this machine; it is delivered afterwards",
}
DATA_DIR = "/var/lib/hilum"


@dataclass(frozen=True, slots=True)
class Choice:
    """The choices; at least one store is chosen."""

    hl7: str | None = None
    """A name in ``HL7_STORES``; None if no HL7v2 messages come."""
    dicom: str | None = None
    """A name in ``DICOM_STORES``; None if no DICOM instances come."""
    acknowledge: str = "relay"
    hl7_url: str | None = None
    dicom_url: str | None = None
    data_dir: str = DATA_DIR


def configuration_text(choice: Choice) -> str:
    """Return the configuration in YAML."""
    hl7, dicom = HL7_STORES.get(choice.hl7 or ""), DICOM_STORES.get(choice.dicom or "")
    return "".join(
        (
            HEAD,
            "\nlisteners:\n",
            HL7_LISTENER.format(acknowledge=choice.acknowledge) if hl7 else "",
            DICOM_LISTENER.format(acknowledge=choice.acknowledge) if dicom else "",
            "\ndestinations:\n",
            _destination("hl7-store", hl7, choice.hl7_url) if hl7 else "",
            _destination("image-store", dicom, choice.dicom_url) if dicom else "",
            "\nroutes:                             # the first route that matches takes the message\n",
            HL7_ROUTE if hl7 else "",
            DICOM_ROUTE if dicom else "",
            TAIL.format(data_dir=_scalar(choice.data_dir)),
        )
    )


def _scalar(text: str) -> str:
    """Return a text as YAML, with quotation marks only if it needs them."""
    return text if re.fullmatch(r"/[A-Za-z0-9_./-]+", text) else json.dumps(text)


def _destination(name: str, store: Store, url: str | None) -> str:
    note = ["# This address is an example: write that of your store."] if url is None else []
    lines = (store.lines[0], *note, f"url: {json.dumps(store.url if url is None else url)}", *store.lines[1:])
    return "".join([f"  {name + ':':<34}# {store.what}\n", *(f"    {line}\n" for line in lines)])


HEAD = """\
# The configuration of Hilum. `hilum check FILE` reports every mistake, `hilum serve FILE` runs it.
# Every key with its default: docs/configuration.md. ${NAME} is taken from the environment.
# This file contains no secrets: keys that end in _file name the files that contain them.
"""
HL7_LISTENER = """\
  adt:                              # HL7v2 over MLLP
    kind: mllp
    host: 0.0.0.0                   # every IPv4 address of this machine; 127.0.0.1 is this machine only
    port: 2575
    acknowledge: {acknowledge:<18} # relay: answer when the store has answered; commit: when it is durable here
    # tls: {{certificate_file: /etc/hilum/tls.crt, key_file: /etc/hilum/tls.key}}
    # allow_networks: [10.0.0.0/8]  # peers that may connect; by default all
"""
DICOM_LISTENER = """\
  modalities:                       # DICOM C-STORE and C-ECHO
    kind: dimse
    host: 0.0.0.0                   # every IPv4 address of this machine; 127.0.0.1 is this machine only
    port: 11112                     # port 104 needs the capability CAP_NET_BIND_SERVICE, as in deploy/hilum.service
    ae_title: HILUM
    acknowledge: {acknowledge:<18} # relay: answer when the store has answered; commit: when it is durable here
    # calling_ae_titles: [CT1, MR1] # who may send; by default everybody
    # tls: {{certificate_file: /etc/hilum/tls.crt, key_file: /etc/hilum/tls.key}}
    # allow_networks: [10.0.0.0/8]  # peers that may connect; by default all
"""
HL7_ROUTE = """\
  # - {from: adt, when: {message_type: "ORU^*"}, to: hl7-store}   # some messages only; put it before the next one
  - {from: adt, to: hl7-store}
"""
DICOM_ROUTE = """\
  # - {from: modalities, when: {Modality: CT}, to: image-store}   # some instances only; put it before the next one
  - {from: modalities, to: image-store}
"""
TAIL = """
admin:                              # /livez, /readyz, /metrics
  host: 127.0.0.1                   # an address that other machines reach needs token_file, or tls with client_auth
  port: 8080

# Folder of the spool of commit mode, and of the token of the admin port.
data_dir: {data_dir}
# audit: {{file: /var/log/hilum/audit.jsonl}}   # who sent what about whom: DICOM Audit Messages
"""

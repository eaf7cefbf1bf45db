"""The text of the configuration that `hilum init` writes, for a choice of peers and stores."""

import json
import re
from dataclasses import dataclass

from gateway.cli.store_choices import DICOM_STORES, GOOGLE, HL7_STORES, METADATA, RESULT_RECEIVERS, Store

ACKNOWLEDGE = {
    "relay": "when the store has answered; the sender gets the answer of the store",
    "commit": "when the message is durable on this machine; it is delivered afterwards",
}
DATA_DIR = "/var/lib/hilum"


@dataclass(frozen=True, slots=True)
class Choice:
    """The choices; at least one store or receiver is chosen."""

    hl7: str | None = None
    """A name in ``HL7_STORES``; None if no HL7v2 messages come."""
    dicom: str | None = None
    """A name in ``DICOM_STORES``; None if no DICOM instances come."""
    acknowledge: str = "relay"
    hl7_url: str | None = None
    dicom_url: str | None = None
    data_dir: str = DATA_DIR
    results: str | None = None
    """A name in ``RESULT_RECEIVERS``; None if nothing comes back from an HL7v2 store."""
    results_url: str | None = None


def configuration_text(choice: Choice) -> str:
    """Return the configuration in YAML; raises ValueError with the reason if an address is none."""
    hl7, dicom = HL7_STORES.get(choice.hl7 or ""), DICOM_STORES.get(choice.dicom or "")
    results = RESULT_RECEIVERS.get(choice.results or "")
    return "".join(
        (
            HEAD,
            "\nlisteners:\n",
            HL7_LISTENER.format(acknowledge=choice.acknowledge) if hl7 else "",
            DICOM_LISTENER.format(acknowledge=choice.acknowledge) if dicom else "",
            _source(choice.acknowledge) if results else "",
            "\ndestinations:\n",
            _destination(hl7, choice.hl7_url) if hl7 else "",
            _destination(dicom, choice.dicom_url) if dicom else "",
            _destination(results, choice.results_url) if results else "",
            "\nroutes:                             # the first route that matches takes the message\n",
            HL7_ROUTE.replace("STORE", hl7.name) if hl7 else "",
            DICOM_ROUTE if dicom else "",
            RESULT_ROUTE if results else "",
            TAIL.format(data_dir=_scalar(choice.data_dir)),
        )
    )


def _scalar(text: str) -> str:
    """Return a text as YAML, with quotation marks only if it needs them."""
    return text if re.fullmatch(r"/[A-Za-z0-9_./-]+", text) else json.dumps(text)


def _destination(store: Store, url: str | None) -> str:
    note = ["# This address is an example: write that of your system."] if url is None else []
    lines = (store.lines[0], *note, *store.address(store.url if url is None else url), *store.lines[1:])
    return "".join([f"  {store.name + ':':<34}# {store.what}\n", *(f"    {line}\n" for line in lines)])


def _source(acknowledge: str) -> str:
    return SOURCE.format(acknowledge=acknowledge, store=f"{GOOGLE}/hl7V2Stores/STORE") + "".join(
        f"    {line}\n" for line in METADATA
    )


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
SOURCE = """\
  from-store:                       # new messages of an HL7v2 store, of which it tells by Pub/Sub
    kind: pubsub
    # Store and subscription are examples; docs/how-to/results-back-to-the-ehr.md says how to set them up.
    subscription: projects/PROJECT/subscriptions/hilum
    store: "{store}"
    acknowledge: {acknowledge:<18} # relay: when the receiver has answered; commit: when it is durable here
"""
HL7_ROUTE = """\
  # - {from: adt, when: {message_type: "ORU^*"}, to: STORE}   # some messages only; put it before the next one
  - {from: adt, to: STORE}
"""
DICOM_ROUTE = """\
  # - {from: modalities, when: {Modality: CT}, to: image-store}   # some instances only; put it before the next one
  - {from: modalities, to: image-store}
"""
RESULT_ROUTE = """\
  - {from: from-store, to: ehr}
"""
TAIL = """
admin:                              # /livez, /readyz, /metrics
  host: 127.0.0.1                   # an address that other machines reach needs token_file, or tls with client_auth
  port: 8080

# Folder of the spool of commit mode, and of the token of the admin port.
data_dir: {data_dir}
# audit: {{file: /var/log/hilum/audit.jsonl}}   # who sent what about whom: DICOM Audit Messages
"""

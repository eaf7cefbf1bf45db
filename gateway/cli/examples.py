"""Examples and exit codes, printed at the end of each command's `--help`."""

from collections.abc import Mapping
from typing import NamedTuple


class Ending(NamedTuple):
    """The text below the options of a command."""

    examples: tuple[str, ...]
    codes: Mapping[int, str]
    """Exit codes of this command that COMMON does not have, or has with another text."""


COMMON = {0: "done", 2: "the command line, the configuration or a file that it names must be corrected"}
ANSWERS = {0: "every answer is positive", 1: "an answer is not positive, or there is none"}
DECISIONS = {
    1: "an entry does not exist, the action failed for some entries, or the audit trail has no event; stderr says why"
}
CHECKED = {1: "something is damaged or missing; the output says what"}

ENDINGS = {
    "serve": Ending(
        ("hilum serve /etc/hilum/hilum.yaml", "hilum serve hilum.yaml --log-format console --log-level debug"),
        {
            0: "ended by SIGTERM or SIGINT; every peer got its answer",
            1: "it cannot start now: a port is taken, a file is missing, the disk is full; trying again may help",
            3: "ended; some connections had to be aborted",
        },
    ),
    "check": Ending(("hilum check /etc/hilum/hilum.yaml",), {0: "no mistakes"}),
    "try": Ending(
        ("hilum try hilum.yaml --route 0 admit.hl7", "hilum try hilum.yaml --route 2 ct/*.dcm"),
        {0: "no step refuses a message", 1: "a step refuses a message"},
    ),
    "fhir": Ending(
        ("hilum fhir admit.hl7", "hilum fhir --config hilum.yaml --step fhir --json results/*.hl7"),
        {0: "every message is converted", 1: "a message is refused"},
    ),
    "deidentify": Ending(
        (
            "hilum deidentify /etc/hilum/hilum.yaml --step anonymous /data/study /data/research",
            "hilum deidentify hilum.yaml --step anonymous Patient.ndjson out --json > report.json",
            "hilum deidentify hilum.yaml --step anonymous --stores clinic-images research-images",
        ),
        {
            0: "everything was de-identified",
            1: "something was held back or is not done yet; the report says how much of it, and why",
        },
    ),
    "import": Ending(
        (
            "hilum import /etc/hilum/hilum.yaml 'north/2024/**.dcm' images",
            "hilum import hilum.yaml gs://south/export/ records --content-structure RESOURCE",
            "hilum import hilum.yaml /data/old-archive images --on-conflict refuse > not-stored.txt",
        ),
        {
            0: "everything is stored, or was there already",
            1: "something is not stored; the output names each object and the reason",
        },
    ),
    "export": Ending(
        (
            "hilum export /etc/hilum/hilum.yaml images archive/2026",
            "hilum export hilum.yaml records gs://south/export/ --content-structure BUNDLE",
        ),
        {0: "everything is in the bucket", 1: "something is not; the output names it and the reason"},
    ),
    "pipeline": Ending(
        (
            "hilum pipeline /etc/hilum/hilum.yaml run",
            "hilum pipeline hilum.yaml run --watch",
            "hilum pipeline hilum.yaml report > what-gave-no-row.txt",
            "hilum pipeline hilum.yaml forget north 1.2.840.113619.2.5",
        ),
        {
            0: "it is done; what gave no row is in the report",
            1: "a bucket could not be listed or read, or nothing could be written; the output says which, and why",
        },
    ),
    "reidentify": Ending(
        ("hilum reidentify /etc/hilum/hilum.yaml --step anonymous Y7AZIR6EL22WLCYX --reason 'finding, vote 2026-17'",),
        {1: "a pseudonym is not known, or the question could not be audited; stderr says which"},
    ),
    "tables": Ending(
        (
            "hilum tables /etc/hilum/hilum.yaml list",
            "hilum tables hilum.yaml schema dicom_metadata > schema.json",
            "hilum tables hilum.yaml compact",
            "hilum tables hilum.yaml verify dicom_metadata",
            "hilum tables hilum.yaml load index idc_index.parquet",
        ),
        {1: "a table is damaged, missing or busy, or a file cannot be loaded; the output says which"},
    ),
    "query": Ending(
        (
            "hilum query /etc/hilum/hilum.yaml 'SELECT Modality, count(*) FROM dicom_metadata GROUP BY ALL'",
            "hilum query hilum.yaml 'SELECT * FROM dicom_metadata' --format csv > rows.csv",
        ),
        {0: "the answer is printed", 1: "the query cannot be answered; stderr says why"},
    ),
    "journal": Ending(
        (
            "hilum journal /etc/hilum/hilum.yaml --id MSG00001",
            "hilum journal hilum.yaml --peer CT1 --outcome not_stored --since 12h",
        ),
        {0: "rows are printed", 1: "nothing was found"},
    ),
    "schema": Ending(("hilum schema > hilum.schema.json",), {}),
    "sandbox": Ending(
        ("hilum sandbox", "hilum sandbox --port 9000 --data /tmp/stores --bucket scans=/data/scans --strict"), {}
    ),
    "demo": Ending(("hilum demo", "hilum demo --once"), {1: "an answer is not the expected one"}),
    "send": Ending(
        ("hilum send hl7 127.0.0.1:2575 admit.hl7", "hilum send dicom HILUM@127.0.0.1:11112 study/"), ANSWERS
    ),
    "send hl7": Ending(("hilum send hl7 127.0.0.1:2575 admit.hl7 update.hl7",), ANSWERS),
    "send dicom": Ending(
        ("hilum send dicom HILUM@127.0.0.1:11112 study/", "hilum send dicom HILUM@[::1]:11112 a.dcm b.dcm"), ANSWERS
    ),
    "send fhir": Ending(
        (
            "hilum send fhir /etc/hilum/hilum.yaml records export/",
            "hilum send fhir hilum.yaml records Patient.ndjson.gz Observation.ndjson.gz > refused.txt",
        ),
        {0: "every record is stored", 1: "a record is refused, or not sent yet; the output says which"},
    ),
    "echo": Ending(("hilum echo HILUM@127.0.0.1:11112",), ANSWERS),
    "status": Ending(
        ("hilum status /etc/hilum/hilum.yaml", "hilum status hilum.yaml --json | jq '.cases[].title'"),
        {
            0: "nothing needs anybody",
            1: "something needs somebody, or the gateway does not answer; the output says what",
        },
    ),
    "top": Ending(
        ("hilum top /etc/hilum/hilum.yaml", "hilum top hilum.yaml --seconds 10"),
        {0: "ended with q or Ctrl-C", 1: "the gateway does not answer; stderr says why"},
    ),
    "explain": Ending(
        (
            "hilum explain /etc/hilum/hilum.yaml --peer PET1",
            "hilum explain hilum.yaml --message MSG00042",
            "hilum explain hilum.yaml --destination image-store --json",
        ),
        {1: "nothing is known of it, or the gateway does not answer; the output says which"},
    ),
    "spool": Ending(
        ("hilum spool status /etc/hilum/hilum.yaml", "hilum spool list /etc/hilum/hilum.yaml --state parked"), DECISIONS
    ),
    "spool status": Ending(("hilum spool status /etc/hilum/hilum.yaml",), {}),
    "spool list": Ending(
        (
            "hilum spool list hilum.yaml --state parked",
            "hilum spool list hilum.yaml --destination pacs --older-than 2h --json",
        ),
        {},
    ),
    "spool show": Ending(
        ("hilum spool show hilum.yaml 3f2a9c-17-1", "hilum spool show hilum.yaml 3f2a9c-17-1 --payload > message.hl7"),
        DECISIONS,
    ),
    "spool retry": Ending(
        ("hilum spool retry hilum.yaml 3f2a9c-17-1", "hilum spool retry hilum.yaml --destination pacs"), DECISIONS
    ),
    "spool discard": Ending(
        ("hilum spool discard hilum.yaml 3f2a9c-17-1 --reason 'sent by hand, ticket 4711'",), DECISIONS
    ),
    "spool move": Ending(("hilum spool move hilum.yaml --from old-pacs --to pacs",), DECISIONS),
    "spool export": Ending(("hilum spool export hilum.yaml 3f2a9c-17-1 message.hl7",), DECISIONS),
    "spool verify": Ending(("hilum spool verify hilum.yaml",), CHECKED),
    "spool repair": Ending(("hilum spool repair hilum.yaml",), CHECKED),
    "spool accept": Ending(("hilum spool accept hilum.yaml",), {}),
    "spool backup": Ending(("hilum spool backup hilum.yaml /backup/hilum-today",), CHECKED),
    "init": Ending(
        (
            "hilum init",
            "hilum init /etc/hilum/hilum.yaml --hl7 google --dicom orthanc",
            "hilum init - --hl7 mllp --hl7-url mllp://lab.ward.example:2575",
            "hilum init - --hl7 google --results mllp --results-url mllp://ehr.ward.example:2575 --acknowledge commit",
            "hilum init - --hl7 none --dicom dicomweb --dicom-url https://pacs.example/dicom-web --acknowledge commit",
        ),
        {},
    ),
    "completion": Ending(
        (
            "source <(hilum completion bash)      # in ~/.bashrc",
            "source <(hilum completion zsh)       # in ~/.zshrc, after compinit",
            "hilum completion fish | source       # in ~/.config/fish/config.fish",
        ),
        {},
    ),
}


def epilog_of(command: str) -> str:
    """Return the examples and exit codes of a command, such as ``hilum spool list``; "" for an unknown command."""
    ending = ENDINGS.get(command.removeprefix("hilum "))
    if ending is None:
        return ""
    codes = sorted((COMMON | dict(ending.codes)).items())
    return "\n".join(
        ["examples:", *(f"  {each}" for each in ending.examples), "", "exit codes:", *(f"  {n}  {t}" for n, t in codes)]
    )


CODES = """exit codes:
  0  done, and every answer was positive
  1  an answer was not positive, something was not done, or something needs somebody; the output says what
  2  the command line, the configuration or a file that it names must be corrected
  3  hilum serve ended, and some connections had to be aborted
  130  interrupted by Ctrl-C
  141  the reader of the output, such as head, has closed it"""

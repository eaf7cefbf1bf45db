"""Wrong configurations, each with all that `hilum check` says of it: what newcomers write, and what is like it."""
# ruff: noqa: E501  a table with one whole message in each line

import json
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.config.loading import parse
from gateway.contract.errors import ConfigError

GOOD = """\
listeners:
  adt:
    kind: mllp
    port: 2575
  modalities:
    kind: dimse
    port: 11112
destinations:
  hl7-store:
    kind: hl7v2_store
    url: http://127.0.0.1:8090/hl7
  image-store:
    kind: dicomweb
    url: http://127.0.0.1:8090/dicom
routes:
  - from: adt
    when: {message_type: "ADT^*"}
    to: hl7-store
  - from: adt
    to: hl7-store
  - from: modalities
    to: image-store
"""
PORT, URL, WHEN, ROUTES = (
    "    port: 2575\n",
    "    url: http://127.0.0.1:8090/hl7\n",
    '    when: {message_type: "ADT^*"}\n',
    "routes:\n",
)

WRONG: dict[str, tuple[str, str, list[str]]] = {
    "a tab": (
        PORT,
        "\tport: 2575\n",
        ["4:1: is not valid YAML: the indentation contains a tab; use spaces"],
    ),
    "a key too far in": (
        PORT,
        "      port: 2575\n",
        [
            "4:11: is not valid YAML: a second `key:` is where a value belongs; correct the indentation, or quote a text that contains `: `"
        ],
    ),
    "a key not far enough in": (
        PORT,
        "   port: 2575\n",
        [
            "4:4: is not valid YAML: its indentation does not fit the lines above; keys of one group begin in the same column"
        ],
    ),
    "a key at the margin": (
        PORT,
        "port: 2575\n",
        [
            "5:13: is not valid YAML: a second `key:` is where a value belongs; correct the indentation, or quote a text that contains `: `"
        ],
    ),
    "no space behind the colon": (
        PORT,
        "    port:2575\n",
        [
            "4:5: is not valid YAML: a line is neither `key: value` nor an entry of a list; add the colon and a space after it"
        ],
    ),
    "a line without a colon": (
        PORT,
        "    port\n",
        [
            "4:5: is not valid YAML: a line is neither `key: value` nor an entry of a list; add the colon and a space after it"
        ],
    ),
    "a colon in a text": (
        PORT,
        PORT + "    host: 127.0.0.1: 2575\n",
        [
            "5:20: is not valid YAML: a second `key:` is where a value belongs; correct the indentation, or quote a text that contains `: `"
        ],
    ),
    "a quote that is not closed": (
        PORT,
        PORT + "    host: '127.0.0.1\n",
        ["5:11: is not valid YAML: the quote that begins here is not closed; close it"],
    ),
    "a bracket that is not closed": (
        PORT,
        PORT + "    allow_networks: [10.0.0.0/8\n",
        ["5:21: is not valid YAML: the bracket that begins here is not closed, or a comma is missing; add `]` or `,`"],
    ),
    "a variable between brackets": (
        PORT,
        PORT + "    tls: {certificate_file: ${DIR}/c.pem}\n",
        ['5:30: is not valid YAML: between brackets a value with `${` needs quotes; write "${NAME}"'],
    ),
    "a backslash in double quotes": (
        URL,
        URL + '    tls: {ca_file: "C:\\hilum\\ca.pem"}\n',
        ["12:24: is not valid YAML: a backslash in double quotes begins an escape; use single quotes"],
    ),
    "a text that begins with a percent sign": (
        PORT,
        PORT + "    host: %HOST%\n",
        ["5:11: is not valid YAML: a text cannot begin with `%`; put it in quotes"],
    ),
    "a key twice": (
        PORT,
        PORT + "    port: 2576\n",
        ["5:5: listeners.adt.port: this key is given twice, first in line 4; remove one"],
    ),
    "a section twice": (
        ROUTES,
        "listeners: {}\n" + ROUTES,
        ["15:1: listeners: this key is given twice, first in line 1; remove one"],
    ),
    "two documents": (
        ROUTES,
        "---\n" + ROUTES,
        [
            "15:1: is not valid YAML: a second document begins here; the configuration is one document: remove `---` or `...`"
        ],
    ),
    "an alias of nothing": (
        PORT,
        "    port: *port\n",
        [
            "4:11: is not valid YAML: `*port` has no anchor; put `&port` before the value that it stands for, earlier in the file"
        ],
    ),
    "an alias in its own value": (
        ROUTES,
        "x-a: &a [*a]\n" + ROUTES,
        ["15:6: x-a[0]: contains itself: an alias (`*`) is inside the value that it names; remove it"],
    ),
    "a merge of what is no mapping": (
        PORT,
        PORT + "    <<: limits\n",
        ["5:9: listeners.adt: `<<` takes a mapping, or a list of mappings; write `<<: *anchor`"],
    ),
    "a tag": (
        PORT,
        "    port: !env PORT\n",
        ["4:11: listeners.adt.port: has the tag `!env`, which is not known here; remove it"],
    ),
    "an unknown key": (
        PORT,
        PORT + "    colour: blue\n",
        ["5:5: listeners.adt.colour: is not a known key; remove it or correct its spelling"],
    ),
    "a key of a route": (
        PORT,
        PORT + "    within: 20\n",
        ["5:5: listeners.adt.within: is not a known key here; it belongs to `routes[N]`"],
    ),
    "a key of a listener": (
        WHEN,
        WHEN + "    acknowledge: commit\n",
        ["18:5: routes[0].acknowledge: is not a known key here; it belongs to `listeners.NAME`"],
    ),
    "a misspelt key": (
        PORT,
        "    prot: 2575\n",
        ["4:5: listeners.adt.prot: is not a known key; did you mean `port`?"],
    ),
    "a key with hyphens": (
        PORT,
        PORT + "    max-connections: 5\n",
        ["5:5: listeners.adt.max-connections: is not a known key; did you mean `max_connections`?"],
    ),
    "a misspelt section": (
        ROUTES,
        "route:\n",
        ["15:1: route: is not a known key; did you mean `routes`?"],
    ),
    "a misspelt fact's key": (
        "  - from: adt\n",
        "  - form: adt\n",
        ["16:5: routes[0].form: is not a known key; did you mean `from`?"],
    ),
    "a missing key": (
        PORT,
        "",
        ["2:3: listeners.adt.port: is missing; add it"],
    ),
    "a missing kind": (
        "    kind: mllp\n",
        "",
        ["2:3: listeners.adt: has no kind; add `kind:`"],
    ),
    "an unknown kind": (
        "kind: mllp",
        "kind: hl7",
        [
            "3:11: listeners.adt.kind: 'hl7' is not known; use one of mllp, dimse, http, pubsub, pubsub_dicom, pubsub_fhir"
        ],
    ),
    "a misspelt kind": (
        "kind: dicomweb",
        "kind: dicom-web",
        [
            (
                "13:11: destinations.image-store.kind: 'dicom-web' is not known; did you mean `dicomweb`? "
                "Possible are hl7v2_store, http, dicomweb, fhir_store, mllp, table, bigquery, bucket"
            )
        ],
    ),
    "a name with a space": (
        "  modalities:\n",
        "  ct lab: {kind: mllp, port: 1}\n  modalities:\n",
        [
            "5:3: listeners.ct lab: is not a valid name; use ASCII letters, digits, `_`, `.` and `-`, and begin with a letter or a digit"
        ],
    ),
    "yes for a number": (
        PORT,
        "    port: yes\n",
        ["4:11: listeners.adt.port: must be a number; YAML reads 'yes' as true"],
    ),
    "a number in quotes": (
        PORT,
        '    port: "2575"\n',
        ["4:11: listeners.adt.port: must be a number, not a text; remove the quotes: 2575"],
    ),
    "a word for a number": (
        PORT,
        "    port: mllp\n",
        ["4:11: listeners.adt.port: must be a number, but 'mllp' is not"],
    ),
    "a number that is empty": (
        PORT,
        "    port:\n",
        ["4:10: listeners.adt.port: is empty; write a whole number"],
    ),
    "a list for a number": (
        PORT,
        "    port: [2575]\n",
        ["4:5: listeners.adt.port: must be a whole number, not a list; write one value"],
    ),
    "a number with a point": (
        PORT,
        "    port: 2575.5\n",
        ["4:11: listeners.adt.port: must be a whole number, but '2575.5' is not"],
    ),
    "a number with a leading 0": (
        PORT,
        "    port: 02575\n",
        [
            "4:11: listeners.adt.port: 02575 is a number of base 8 in YAML; write it without the leading 0, or put a text in quotes"
        ],
    ),
    "an hour for a number": (
        PORT,
        PORT + "    idle_seconds: 12:30\n",
        [
            "5:19: listeners.adt.idle_seconds: 12:30 is a number of base 60 in YAML; write a plain number, or put a text in quotes"
        ],
    ),
    "a number with a unit": (
        PORT,
        PORT + "    idle_seconds: 30s\n",
        ["5:19: listeners.adt.idle_seconds: must be a number, but '30s' is not"],
    ),
    "a port out of range": (
        PORT,
        "    port: 99999\n",
        ["4:11: listeners.adt.port: is too large; the most is 65535"],
    ),
    "a port below 0": (
        PORT,
        "    port: -1\n",
        ["4:11: listeners.adt.port: is too small; the least is 0"],
    ),
    "infinite seconds": (
        PORT,
        PORT + "    idle_seconds: .inf\n",
        ["5:19: listeners.adt.idle_seconds: must be a finite number; write how many"],
    ),
    "an endless exponent": (
        PORT,
        PORT + "    idle_seconds: 1e400\n",
        ["5:19: listeners.adt.idle_seconds: must be a finite number; write how many"],
    ),
    "absurd seconds": (
        PORT,
        PORT + "    idle_seconds: 99999999999\n",
        ["5:19: listeners.adt.idle_seconds: is too large; the most is 315360000"],
    ),
    "an absurd size": (
        PORT,
        PORT + "    max_block: 99999999999999999999\n",
        ["5:16: listeners.adt.max_block: is too large; the most is 1125899906842624"],
    ),
    "no seconds": (
        WHEN,
        WHEN + "    within: 0\n",
        ["18:13: routes[0].within: is too small; it must be more than 0"],
    ),
    "a number for a truth value": (
        URL,
        URL + "    allow_cleartext: 1\n",
        ["12:22: destinations.hl7-store.allow_cleartext: must be true or false, but '1' is not"],
    ),
    "a truth value in quotes": (
        URL,
        URL + '    allow_cleartext: "true"\n',
        ["12:22: destinations.hl7-store.allow_cleartext: must be true or false, not a text; remove the quotes: true"],
    ),
    "a word for a truth value": (
        URL,
        URL + "    allow_cleartext: sure\n",
        ["12:22: destinations.hl7-store.allow_cleartext: must be true or false, but 'sure' is not"],
    ),
    "a version that is a number": (
        ROUTES,
        "steps: {look: {kind: validate_hl7v2, version: 2.5}}\n" + ROUTES,
        ['15:47: steps.look.version: must be a text; put it in quotes: "2.5"'],
    ),
    "a text that is a number": (
        PORT,
        PORT + "    charset: 8859\n",
        ['5:14: listeners.adt.charset: must be a text; put it in quotes: "8859"'],
    ),
    "a text that is a date": (
        PORT,
        PORT + "    charset: 2026-11-28\n",
        ['5:14: listeners.adt.charset: must be a text; put it in quotes: "2026-11-28"'],
    ),
    "no for a word": (
        PORT,
        PORT + "    spread: no\n",
        ["5:13: listeners.adt.spread: 'no' is not known; use one of peer, connection"],
    ),
    "another word": (
        PORT,
        PORT + "    acknowledge: committ\n",
        ["5:18: listeners.adt.acknowledge: 'committ' is not known; did you mean `commit`? Possible are relay, commit"],
    ),
    "a string where a list belongs": (
        WHEN,
        WHEN + "    via: tidy\n",
        ["18:10: routes[0].via: must be a list; write `[tidy]`"],
    ),
    "a mapping where a list belongs": (
        GOOD[GOOD.index("  - from") :],
        "  from: adt\n  to: hl7-store\n",
        ["15:1: routes: must be a list, not a mapping; begin each entry with `- `"],
    ),
    "a list where a mapping belongs": (
        GOOD[GOOD.index("  adt") : GOOD.index("destinations:")],
        "  - name: adt\n    kind: mllp\n    port: 2575\n",
        ["1:1: listeners: must be a mapping (`key: value`), not a list; give each entry a key in place of `- `"],
    ),
    "a list in place of a text": (
        PORT,
        PORT + "    host: [127.0.0.1]\n",
        ["5:5: listeners.adt.host: must be a text, not a list; write one value"],
    ),
    "a section that is empty": (
        ROUTES,
        "admin:\n" + ROUTES,
        ["15:7: admin: is empty; write a mapping (`key: value`)"],
    ),
    "a section that is a text": (
        ROUTES,
        "admin: 8080\n" + ROUTES,
        ["15:8: admin: must be a mapping (`key: value`); write its keys below it, indented further"],
    ),
    "no routes": (
        GOOD[GOOD.index(ROUTES) :],
        "routes: []\n",
        ["15:1: routes: is empty; add at least one"],
    ),
    "no listeners": (
        GOOD[: GOOD.index("destinations:")],
        "",
        ["1:1: listeners: is missing; add it"],
    ),
    "a number for a pattern": (
        WHEN,
        "    when: {message_type: 1}\n",
        ['17:26: routes[0].when.message_type: must be a text or a list; put a text in quotes: "1"'],
    ),
    "an unknown fact": (
        WHEN,
        "    when: {messagetype: ADT}\n",
        [
            "17:12: routes[0].when.messagetype: is neither a fact nor a field; did you mean `message_type`? The facts are protocol, listener, peer_ip, sending_application, sending_facility, receiving_application, receiving_facility, message_type, version, processing_id, calling_ae_title, called_ae_title, sop_class_uid, transfer_syntax_uid, interaction, resource_type"
        ],
    ),
    "an empty host": (
        PORT,
        PORT + '    host: ""\n',
        ["5:11: listeners.adt.host: is empty; write a text"],
    ),
    "a host with a port": (
        PORT,
        PORT + "    host: 127.0.0.1:2575\n",
        [
            "5:11: listeners.adt.host: is neither an address nor a name; write it without a port, which has a key of its own"
        ],
    ),
    "a host with a scheme": (
        PORT,
        PORT + "    host: mllp://127.0.0.1\n",
        [
            "5:11: listeners.adt.host: is neither an address nor a name; write such as 127.0.0.1, without scheme, path or `/`"
        ],
    ),
    "an IPv4 address of three numbers": (
        PORT,
        PORT + "    host: 10.0.1\n",
        ["5:11: listeners.adt.host: is no IPv4 address; write four numbers up to 255, such as 127.0.0.1"],
    ),
    "brackets of IPv6": (
        PORT,
        PORT + '    host: "[::1]"\n',
        ["5:11: listeners.adt.host: has brackets; write an IPv6 address without them"],
    ),
    "a network with bits of a host": (
        PORT,
        PORT + "    allow_networks: [10.0.0.5/8]\n",
        [
            "5:22: listeners.adt.allow_networks[0]: is an address within a network; write 10.0.0.0/8 for all of it, or the address without `/`"
        ],
    ),
    "a name for a network": (
        PORT,
        PORT + "    allow_networks: [hospital]\n",
        [
            "5:22: listeners.adt.allow_networks[0]: is no network; write such as 10.1.2.0/24, or an address such as 10.1.2.3"
        ],
    ),
    "a number for a network": (
        PORT,
        PORT + "    allow_networks: [10]\n",
        ["5:22: listeners.adt.allow_networks[0]: is no network; write such as 10.1.2.0/24"],
    ),
    "an empty path": (
        ROUTES,
        'data_dir: ""\n' + ROUTES,
        ["15:11: data_dir: is empty; name a file or a folder"],
    ),
    "an address without a scheme": (
        URL,
        "    url: 127.0.0.1:8090/hl7\n",
        ["11:10: destinations.hl7-store.url: must begin with http:// or https://, in lower case"],
    ),
    "a long AE title": (
        "    port: 11112\n",
        "    port: 11112\n    ae_title: THE_MODALITIES_OF_US\n",
        ["8:15: listeners.modalities.ae_title: is no AE title; write 1 to 16 characters of ASCII without a backslash"],
    ),
    "no UID": (
        "    port: 11112\n",
        "    port: 11112\n    sop_classes: [CTImageStorage]\n",
        [
            "8:19: listeners.modalities.sop_classes[0]: is no UID; write up to 64 digits and dots, such as 1.2.840.10008.1.1"
        ],
    ),
    "a missing variable": (
        PORT,
        "    port: ${PORT}\n",
        ["4:11: listeners.adt.port: the environment has no PORT; set it or write the value here"],
    ),
    "a missing variable for a name": (
        "  - from: modalities\n",
        "  - from: ${LISTENER}\n",
        ["21:11: routes[2].from: the environment has no LISTENER; set it or write the value here"],
    ),
    "two missing variables": (
        PORT,
        PORT + '    tls: {certificate_file: "${DIR}/c", key_file: "${DIR}/${KEY}"}\n',
        [
            "5:29: listeners.adt.tls.certificate_file: the environment has no DIR; set it or write the value here",
            "5:51: listeners.adt.tls.key_file: the environment has no DIR, KEY; set them or write the value here",
        ],
    ),
    "a missing variable for a kind": (
        "kind: mllp",
        "kind: ${KIND}",
        ["3:11: listeners.adt.kind: the environment has no KIND; set it or write the value here"],
    ),
    "a variable that is no number": (
        PORT,
        "    port: ${WORD}\n",
        ["4:11: listeners.adt.port: must be a whole number, but '${WORD}' is not"],
    ),
    "a route from nowhere": (
        "  - from: adt\n",
        "  - from: adtt\n",
        ["16:11: routes[0].from: there is no listener 'adtt'; there is adt, modalities"],
    ),
    "a route to nowhere": (
        "    to: hl7-store\n",
        "    to: hl7store\n",
        ["18:9: routes[0].to: there is no destination 'hl7store'; there is hl7-store, image-store"],
    ),
}
"""What stands in the right one, what stands there instead, and what is said of it, each with line and column."""


def said_of(text: str) -> list[str]:
    """Return what is said of *text*, without the name of the file."""
    with pytest.raises(ConfigError) as caught:
        parse(text, {"WORD": "secret"}, "hilum.yaml")
    assert all(each.startswith("hilum.yaml:") for each in caught.value.problems)
    return [each.removeprefix("hilum.yaml:") for each in caught.value.problems]


@pytest.mark.parametrize(("right", "wrong", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(right: str, wrong: str, expected: list[str]) -> None:
    """One mistake is one line: where it is, what is wrong, and the mend."""
    assert right in GOOD
    assert expected == said_of(GOOD.replace(right, wrong, 1))


TEXTS: dict[str, tuple[str, list[str]]] = {
    "nothing": ("", ["1:1: is empty; it must be a YAML mapping with listeners, destinations and routes"]),
    "only a comment": (
        "# hilum\n",
        ["1:1: is empty; it must be a YAML mapping with listeners, destinations and routes"],
    ),
    "a text": ("hello\n", ["1:1: must be a YAML mapping with listeners, destinations and routes"]),
    "a list": ("- listeners\n", ["1:1: must be a YAML mapping with listeners, destinations and routes"]),
    "JSON": (
        '{"listeners": {}}',
        [
            "1:1: destinations: is missing; add it",
            "1:1: routes: is missing; add it",
            "1:2: listeners: is empty; add at least one",
        ],
    ),
    "deep nesting": (
        "a: " + "[" * 2000,
        ["1:53: is nested more than 50 levels deep; no key needs that, remove the brackets or levels"],
    ),
    "deep blocks": (
        "\n".join(" " * level + "a:" for level in range(100)),
        ["50:50: is nested more than 50 levels deep; no key needs that, remove the brackets or levels"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_text(text: str, expected: list[str]) -> None:
    """A text that is no configuration is told as a whole."""
    assert expected == said_of(text)


RIGHT: dict[str, str] = {
    "as it is": GOOD,
    "an anchor of its own": f"x-limits: &limits {{idle_seconds: 60}}\n{GOOD}".replace(PORT, f"{PORT}    <<: *limits\n"),
    "a variable": GOOD.replace(PORT, "    port: ${PORT}\n"),
    "lines of Windows": GOOD.replace("\n", "\r\n"),
    "a byte order mark": f"\ufeff{GOOD}",
    "an exponent": GOOD.replace(WHEN, f"{WHEN}    within: 1e1\n"),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Unusual but valid values are accepted."""
    monkeypatch.setenv("PORT", "2575")
    path = tmp_path / "hilum.yaml"
    path.write_text(text, newline="")
    assert 0 == main(["check", str(path)]), capsys.readouterr().err


FILES: dict[str, tuple[bytes | None, str]] = {
    "a file that is not there": (None, ": cannot be read: No such file or directory; name a readable YAML file"),
    "another encoding": (b"# D\xfcsseldorf\n", ":1:4: cannot be read: it is not UTF-8; save it as UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), ":1:1: cannot be read: it is not UTF-8; save it as UTF-8"),
    "no text": (b"\x7fELF\0\0", ":1:1: is not valid YAML: there is a control character here; remove it"),
    "a huge one": (b"#" * (5 * 2**20), ": is larger than 4 MiB; give a configuration of Hilum"),
}


@pytest.mark.parametrize("command", ["check", "serve"])
@pytest.mark.parametrize(("octets", "expected"), FILES.values(), ids=FILES)
def test_file(
    octets: bytes | None, expected: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that holds no configuration is one line, and the exit status is 2."""
    path = tmp_path / "hilum.yaml"
    if octets is not None:
        path.write_bytes(octets)
    assert 2 == main([command, str(path)])
    said = capsys.readouterr().err
    assert f"hilum: {path}{expected}" == (
        said.rstrip("\n") if command == "check" else f"hilum: {json.loads(said)['reason']}"
    )


def test_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is a folder one."""
    assert 2 == main(["check", str(tmp_path)])
    assert f"hilum: {tmp_path}: cannot be read: Is a directory; name a readable YAML file\n" == capsys.readouterr().err

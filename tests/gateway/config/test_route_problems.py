"""What is wrong with the conditions of routes; the patterns themselves are in test_pattern_mistakes.py."""

from typing import Any

import pytest

from gateway.config.problems import contradictions

MLLP: dict[str, Any] = {"kind": "mllp", "port": 2575}
DIMSE: dict[str, Any] = {"kind": "dimse", "port": 11112}


def found(listener: object, *conditions: object) -> list[str]:
    """Return what is wrong with routes that read from one listener, by their conditions."""
    raw = {
        "listeners": {"in": listener},
        "destinations": {"out": {"kind": "http"}},
        "routes": [{"from": "in", "to": "out", **({} if when is None else {"when": when})} for when in conditions],
    }
    return [each for each in contradictions(raw) if "no message reaches it" in each or ".when" in each]


BEHIND = "routes[{}]: no message reaches it, because routes[{}] takes every message that it would take; put it before"
SAME = "routes[{}]: no message reaches it, because routes[{}] takes the same messages; change the `when` of one of them"

REACHED: dict[str, tuple[object, list[object], list[str]]] = {
    "behind a wider one": (MLLP, [{"message_type": "ADT^*"}, {"message_type": "ADT^A01"}], [BEHIND.format(1, 0)]),
    "before a wider one": (MLLP, [{"message_type": "ADT^A01"}, {"message_type": "ADT^*"}], []),
    "behind one for everything": (MLLP, [None, {"message_type": "ADT^A01"}], [BEHIND.format(1, 0)]),
    "an empty when": (MLLP, [{}, {"message_type": "ADT^A01"}], [BEHIND.format(1, 0)]),
    "twice everything": (MLLP, [None, None], [SAME.format(1, 0)]),
    "the same in another order": (
        MLLP,
        [{"message_type": ["ADT^*", "ORU^*"]}, {"message_type": ["ORU^*", "ADT^*"]}],
        [SAME.format(1, 0)],
    ),
    "other facts": (MLLP, [{"sending_facility": "N"}, {"message_type": "ADT^*"}], []),
    "each behind the first": (
        MLLP,
        [None, {"version": "2.*"}, {"PV1-2": "I"}],
        [BEHIND.format(1, 0), BEHIND.format(2, 0)],
    ),
    "two together": (
        MLLP,
        [{"message_type": "ADT^*"}, {"message_type": "ORU^*"}, {"message_type": ["ADT^A01", "ORU^R01"]}],
        [
            (
                "routes[2]: no message reaches it, because routes[0] and routes[1] together take every message that it"
                " would take; put it before them, or remove it"
            )
        ],
    ),
    "a field": (DIMSE, [{"Modality": "*"}, {"Modality": "CT"}], [BEHIND.format(1, 0)]),
    "a field that may be absent": (DIMSE, [{"Modality": "*"}, None], []),
    "the listener's own name": (MLLP, [{"listener": "in"}, {"message_type": "ADT^*"}], [BEHIND.format(1, 0)]),
    "the protocol": (MLLP, [{"protocol": ["dimse", "mllp"]}, None], [SAME.format(1, 0)]),
    "any peer": (MLLP, [{"peer_ip": "*"}, None], [SAME.format(1, 0)]),
    "any peer by networks": (MLLP, [{"peer_ip": ["0.0.0.0/0", "::/0"]}, None], [SAME.format(1, 0)]),
    "any peer that may connect": (
        {**MLLP, "allow_networks": ["10.1.0.0/16"]},
        [{"peer_ip": "10.0.0.0/8"}, None],
        [SAME.format(1, 0)],
    ),
    "a peer in the only network that may connect": (
        {**MLLP, "allow_networks": ["10.1.0.0/16"]},
        [{"peer_ip": "10.1.0.0/16"}, {"peer_ip": "10.0.0.0/8"}],
        [SAME.format(1, 0)],
    ),
    "a peer in one of two networks that may connect": (
        {**MLLP, "allow_networks": ["10.1.0.0/16", "10.2.0.0/16"]},
        [{"peer_ip": "10.1.*"}, {"peer_ip": "10.0.0.0/8"}, {"peer_ip": "10.0.0.0/7"}],
        [SAME.format(2, 1)],
    ),
    "a network in a network": (
        MLLP,
        [{"peer_ip": "10.0.0.0/8"}, {"peer_ip": ["10.1.0.0/16", "10.2.0.1"]}],
        [BEHIND.format(1, 0)],
    ),
    "the only title": (DIMSE, [{"called_ae_title": "HILUM"}, None], [SAME.format(1, 0)]),
    "one of two titles": ({**DIMSE, "called_ae_titles": ["A", "B"]}, [{"called_ae_title": "A"}, None], []),
    "a mistaken one hides none": (
        MLLP,
        [{"message_type": []}, None],
        ["routes[0].when.message_type: is an empty list"],
    ),
}


@pytest.mark.parametrize(("listener", "conditions", "expected"), REACHED.values(), ids=REACHED)
def test_reached(listener: object, conditions: list[object], expected: list[str]) -> None:
    """A route that no message reaches is told with those that are before it."""
    problems = found(listener, *conditions)
    assert len(expected) == len(problems), problems
    for begin, problem in zip(expected, problems, strict=True):
        assert problem.startswith(begin)


def test_routes_of_other_listeners() -> None:
    """A route is compared only with routes of the same listener."""
    raw = {
        "listeners": {"a": MLLP, "b": {**MLLP, "port": 2576}},
        "routes": [{"from": "a", "to": "out"}, {"from": "b", "to": "out"}],
    }
    assert not [each for each in contradictions(raw) if "no message reaches it" in each]


CT = {**DIMSE, "calling_ae_titles": ["CT1", "CT2"], "peers": {"old": {"networks": ["10.0.0.0/8"]}}}
NEVER: dict[str, tuple[object, dict[str, Any], str | None]] = {
    "another listener": (
        MLLP,
        {"listener": "adt"},
        "routes[0].when.listener: matches no message, because the route reads from in; remove it, or change `from`",
    ),
    "this listener": (MLLP, {"listener": "i*"}, None),
    "another protocol": (
        MLLP,
        {"protocol": "dimse"},
        "routes[0].when.protocol: matches no message, because the protocol of listeners.in is mllp; remove it",
    ),
    "an empty list": (
        MLLP,
        {"message_type": []},
        ("routes[0].when.message_type: is an empty list, which no message matches; add a pattern, or remove the key"),
    ),
    "the second of a list": (
        MLLP,
        {"message_type": ["ADT^*", "ORU"]},
        (
            "routes[0].when.message_type[1]: 'ORU' matches no message that has an event; write 'ORU^*'"
            " for every event, or"
            " 'ORU*' to take messages without an event too"
        ),
    ),
    "a title that is not called": (
        DIMSE,
        {"called_ae_title": "ARCHIVE"},
        (
            "routes[0].when.called_ae_title: matches no message, because listeners.in takes only HILUM;"
            " write one of these,"
            " or add it there"
        ),
    ),
    "a title in lower case": (
        CT,
        {"calling_ae_title": "ct1"},
        (
            "routes[0].when.calling_ae_title: matches no message, because listeners.in takes only CT1,"
            " CT2; write one of"
            " these, or add it there"
        ),
    ),
    "a title that some are called by": (
        {**DIMSE, "peers": {"old": {"networks": ["10.0.0.0/8"], "called_ae_titles": ["ARCHIVE"]}}},
        {"called_ae_title": "ARCHIVE"},
        None,
    ),
    "a class that is not taken": (
        {**DIMSE, "sop_classes": ["1.2.3", "1.2.4"]},
        {"sop_class_uid": "1.2.5*"},
        (
            "routes[0].when.sop_class_uid: matches no message, because listeners.in takes only 1.2.3, 1.2.4; write one"
            " of these, or add it there"
        ),
    ),
    "any title is called": ({**DIMSE, "called_ae_titles": ["*"]}, {"called_ae_title": "ARCHIVE"}, None),
    "any title calls": (DIMSE, {"calling_ae_title": "ct1"}, None),
    "a peer that is kept out": (
        {**MLLP, "allow_networks": ["10.0.0.0/8"]},
        {"peer_ip": "192.168.0.0/16"},
        "routes[0].when.peer_ip: listeners.in.allow_networks does not allow such a peer; change one of the two",
    ),
    "a peer that may come in": ({**MLLP, "allow_networks": ["10.0.0.0/8"]}, {"peer_ip": ["192.168.*", "10.*"]}, None),
}


@pytest.mark.parametrize(("listener", "when", "expected"), NEVER.values(), ids=NEVER)
def test_never(listener: object, when: dict[str, Any], expected: str | None) -> None:
    """A condition that no message of the listener meets is told with the mend."""
    assert ([] if expected is None else [expected]) == found(listener, when)


@pytest.mark.parametrize("when", [3, "text", [], {"message_type": 3}, {"message_type": [3]}, {3: "x"}, None])
def test_malformed(when: object) -> None:
    """What has not the form of a condition is somebody else's to tell."""
    raw = {"listeners": {"in": MLLP}, "routes": [{"from": "in", "to": "out", "when": when}, 3, {"from": []}, {}]}
    assert not [each for each in contradictions(raw) if "no message reaches it" in each]


def test_a_name_with_a_mistake() -> None:
    """A name that is neither a fact nor a field is told as that, and nothing is told of its pattern and route."""
    (problem,) = found(MLLP, None, {"message-type": "ADT^A01"})
    assert problem.startswith(
        "routes[1].when.message-type: as a field of what a mllp listener receives it is not a path"
    )


def test_a_listener_with_a_mistake() -> None:
    """Routes are compared even if the settings of their listener are wrong."""
    problems = found({"kind": "mllp", "prot": 2575}, None, {"message_type": "ADT^*"})
    assert [BEHIND.format(1, 0)] == [each[: len(BEHIND.format(1, 0))] for each in problems]

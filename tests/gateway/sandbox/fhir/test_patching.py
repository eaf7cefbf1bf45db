"""JSON Patch: the examples of RFC 6902 and what must fail."""

from typing import Any

import pytest

from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.patching import patched

APPLIED: dict[str, tuple[Any, list[dict[str, Any]], Any]] = {
    "add to an object": ({"a": 1}, [{"op": "add", "path": "/b", "value": 2}], {"a": 1, "b": 2}),
    "insert": ({"a": [1, 3]}, [{"op": "add", "path": "/a/1", "value": 2}], {"a": [1, 2, 3]}),
    "append": ({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}], {"a": [1, 2]}),
    "remove": ({"a": [1, 2]}, [{"op": "remove", "path": "/a/0"}], {"a": [2]}),
    "replace": ({"a": {"b": 1}}, [{"op": "replace", "path": "/a/b", "value": 2}], {"a": {"b": 2}}),
    "move": ({"a": 1}, [{"op": "move", "from": "/a", "path": "/b"}], {"b": 1}),
    "copy": ({"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": [1], "b": [1]}),
    "test": ({"a": 1}, [{"op": "test", "path": "/a", "value": 1}], {"a": 1}),
    "escapes": ({"a/b": 1, "c~d": 2}, [{"op": "remove", "path": "/a~1b"}, {"op": "remove", "path": "/c~0d"}], {}),
    "the whole": ({"a": 1}, [{"op": "replace", "path": "", "value": {}}], {}),
}


@pytest.mark.parametrize(("before", "operations", "after"), APPLIED.values(), ids=APPLIED)
def test_apply(before: Any, operations: list[dict[str, Any]], after: Any) -> None:
    """An operation does what RFC 6902 says."""
    assert after == patched(before, operations)


FAILING: dict[str, Any] = {
    "no list": {},
    "empty": [],
    "unknown": [{"op": "spam", "path": "/a"}],
    "nothing to remove": [{"op": "remove", "path": "/b"}],
    "nothing to replace": [{"op": "replace", "path": "/b", "value": 1}],
    "beyond the end": [{"op": "add", "path": "/a/2", "value": 1}],
    "leading zero": [{"op": "add", "path": "/a/00", "value": 1}],
    "no pointer": [{"op": "add", "path": "a", "value": 1}],
    "no value": [{"op": "add", "path": "/a"}],
    "nothing left": [{"op": "remove", "path": ""}],
    "into itself": [{"op": "move", "from": "/a", "path": "/a/0"}],
}


@pytest.mark.parametrize("operations", FAILING.values(), ids=FAILING)
def test_refuse(operations: Any) -> None:
    """What cannot be applied is a 400."""
    with pytest.raises(FhirError) as raised:
        patched({"a": [1]}, operations)
    assert raised.value.status == 400


def test_test_fails() -> None:
    """A test that does not hold is a 422."""
    with pytest.raises(FhirError) as raised:
        patched({"a": 1}, [{"op": "test", "path": "/a", "value": 2}])
    assert raised.value.status == 422

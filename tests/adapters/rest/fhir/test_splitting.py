"""Parts of a bundle."""

import pytest

from adapters.rest.fhir.splitting import TOO_LARGE, parts
from gateway.contract.outcome import Refused

CASES: dict[str, tuple[list[set[str]], int, list[list[int]]]] = {
    "what is referred to comes first": ([{"1"}, {"2"}, set()], 1, [[2], [1], [0]]),
    "as many as there may be": ([set(), {"0"}, {"0"}, {"0"}], 2, [[0, 1], [2, 3]]),
    "a circle is together": ([{"1"}, {"0"}, {"0"}, set()], 2, [[0, 1], [2, 3]]),
    "what is not in the bundle": ([{"Patient/1"}, set()], 2, [[0, 1]]),
    "one that refers to all": ([{"1", "2", "3"}, set(), set(), set()], 3, [[1, 2, 3], [0]]),
}


@pytest.mark.parametrize(("needs", "most", "expected"), CASES.values(), ids=CASES)
def test_parts(needs: list[set[str]], most: int, expected: list[list[int]]) -> None:
    """Each part has at most so many entries, and refers to itself and to earlier parts only."""
    keys = [f"{each}" for each in range(len(needs))]
    assert expected == parts(keys, needs, [10] * len(keys), most, 10_000)


def test_octets() -> None:
    """Each part has at most so many octets."""
    assert [[0, 1], [2]] == parts(["a", "b", "c"], [set(), set(), set()], [400, 400, 400], 10, 1000)


@pytest.mark.parametrize(("most", "octets"), [(1, 10_000), (10, 1000)])
def test_too_large(most: int, octets: int) -> None:
    """What belongs together and is larger than the store takes is refused."""
    assert Refused(TOO_LARGE) == parts(["a", "b"], [{"b"}, {"a"}], [600, 600], most, octets)


def test_without_keys() -> None:
    """Entries without a name are referred to by nobody."""
    assert [[0], [1]] == parts(["", ""], [{""}, {""}], [1, 1], 1, 1000)


def test_long_chain() -> None:
    """A chain of any length is no matter of recursion."""
    size = 20_000
    found = parts(
        [f"{each}" for each in range(size)], [{f"{each + 1}"} for each in range(size)], [1] * size, 7000, 10**9
    )
    assert isinstance(found, list)
    assert [7000, 7000, 6000] == [len(each) for each in found]
    assert size - 1 in found[0]

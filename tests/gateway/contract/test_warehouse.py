"""The contract of the sandbox's BigQuery with tables."""

from adapters.tables.serving import PROBLEMS
from gateway.contract.warehouse import Problem, WarehouseError


def test_an_error_has_its_problem() -> None:
    """Whoever answers a client needs the kind of a problem besides its text."""
    error = WarehouseError("missing", "there is no table")
    assert ("missing", "there is no table") == (error.problem, str(error))


def test_problems_are_known() -> None:
    """The adapter tells no problem that the contract does not have."""
    assert {problem for _, problem in PROBLEMS} <= set(Problem.__args__)  # type: ignore[attr-defined]

"""The tokens that are valid, and what they grant."""

from gateway.admin.roles import ALL, GRANTED, Role
from gateway.admin.tokens import Tokens

VIEWER, OPERATOR = GRANTED["viewer_token_file"], GRANTED["operator_token_file"]


def tokens(**valid: str | None) -> Tokens:
    """Return the tokens for viewers, operators and everything."""
    roles = {"viewer": VIEWER, "operator": OPERATOR, "every": ALL}
    return Tokens({roles[name]: lambda token=token: token for name, token in valid.items()})  # type: ignore[misc]


def test_proof() -> None:
    """A token grants the roles of its file, and nothing else grants any."""
    both = tokens(viewer="look-at-it-all-day", every="0123456789abcdef")
    proofs = [both.proof(each) for each in ("look-at-it-all-day", "0123456789abcdef")]
    assert [VIEWER, ALL] == [each and each.roles for each in proofs]
    assert [None] * 4 == [both.proof(each) for each in ("", "look-at-it-all-da", "töken", "\udcff")]


def test_same_token_in_two_files() -> None:
    """It grants the roles of both."""
    proof = tokens(viewer="0123456789abcdef", operator="0123456789abcdef").proof("0123456789abcdef")
    assert proof is not None
    assert frozenset({Role.VIEWER, Role.OPERATOR}) == proof.roles


def test_token_that_is_gone() -> None:
    """A file without a valid token grants nothing, not even to an empty token."""
    assert tokens(every=None).proof("") is None
    assert tokens(every=None).proof("None") is None


def test_still_holds() -> None:
    """A proof ends when its token changes, and when the token is moved to a file that grants something else."""
    proof = tokens(viewer="0123456789abcdef").proof("0123456789abcdef")
    assert proof is not None
    assert tokens(viewer="0123456789abcdef", every="another-token-here").still_holds(proof)
    assert not tokens(viewer="0123456789abcdeF").still_holds(proof)
    assert not tokens(viewer=None).still_holds(proof)
    assert not tokens(operator="0123456789abcdef").still_holds(proof)


def test_proof_holds_no_token() -> None:
    """What is kept of a token is a digest."""
    assert "0123456789abcdef" not in repr(tokens(viewer="0123456789abcdef").proof("0123456789abcdef"))

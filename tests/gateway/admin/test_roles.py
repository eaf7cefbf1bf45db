"""Roles of the admin port."""

import pytest

from gateway.admin.roles import ALL, GRANTED, Role, named, role_for

NEEDED = {
    ("GET", "/"): Role.VIEWER,
    ("HEAD", "/metrics"): Role.VIEWER,
    ("GET", "/api/v1/spool/entries"): Role.VIEWER,
    ("POST", "/api/v1/spool/retry"): Role.OPERATOR,
    ("POST", "/actions/discard"): Role.OPERATOR,
    ("DELETE", "/anything"): Role.OPERATOR,
    ("OPTIONS", "/api/v1/spool/retry"): Role.OPERATOR,
    ("GET", "/api/v1/spool/entries/1/payload"): Role.PAYLOAD,
    ("POST", "/spool/1/payload"): Role.PAYLOAD,
}


@pytest.mark.parametrize(("request_line", "role"), NEEDED.items())
def test_role_for(request_line: tuple[str, str], role: Role) -> None:
    """Reading needs little, acting needs more, and a payload needs a role that acting does not give."""
    assert role == role_for(*request_line)


def test_words() -> None:
    """Who looks is named by the most that they may do."""
    assert ["administrator", "viewer", "operator", "payload"] == [named(each) for each in GRANTED.values()]
    assert ALL == GRANTED["token_file"]

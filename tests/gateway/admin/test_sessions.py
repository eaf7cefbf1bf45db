"""Sessions of browsers."""

from gateway.admin.roles import ALL
from gateway.admin.sessions import IDLE_SECONDS, LONGEST_SECONDS, MOST, Sessions, said_name
from gateway.admin.tokens import Proof

PROOF = Proof(ALL, frozenset({b"digest"}))


def test_session() -> None:
    """A cookie stands for the roles and the name of the sign-in, with a token for forms that is not the cookie."""
    sessions = Sessions()
    cookie = sessions.begin(PROOF, " a.meier ", 0.0)
    found = sessions.find(cookie, 1.0)
    assert found is not None
    assert (ALL, "a.meier", True) == (found.caller.roles, found.caller.name, found.caller.in_session)
    assert cookie not in (found.caller.csrf, "")
    assert cookie not in repr(sessions.__dict__)


def test_cookies_differ() -> None:
    """Nobody's cookie or token for forms can be told from another's."""
    sessions = Sessions()
    cookies = {sessions.begin(PROOF, "", 0.0) for _ in range(20)}
    tokens = {found.caller.csrf for each in cookies if (found := sessions.find(each, 0.0))}
    assert (20, 20) == (len(cookies), len(tokens))
    assert [None, None] == [sessions.find(each, 0.0) for each in ("", "\udcff")]


def test_idle() -> None:
    """A session that is not used ends; each use prolongs it."""
    sessions = Sessions()
    cookie = sessions.begin(PROOF, "", 0.0)
    assert sessions.find(cookie, IDLE_SECONDS) is not None
    assert sessions.find(cookie, 2 * IDLE_SECONDS) is not None
    assert sessions.find(cookie, 3 * IDLE_SECONDS + 1) is None
    assert 0 == len(sessions)


def test_longest() -> None:
    """A session ends after a shift, however much it is used."""
    sessions = Sessions()
    cookie = sessions.begin(PROOF, "", 0.0)
    for now in range(0, int(LONGEST_SECONDS), 3600):
        assert sessions.find(cookie, float(now)) is not None
    assert sessions.find(cookie, LONGEST_SECONDS + 1) is None


def test_bounded() -> None:
    """Beyond the most, the session that was not used for longest makes room."""
    sessions = Sessions()
    cookies = [sessions.begin(PROOF, "", 0.0) for _ in range(MOST)]
    assert sessions.find(cookies[0], 1.0) is not None
    sessions.begin(PROOF, "", 2.0)
    assert MOST == len(sessions)
    assert [True, False] == [sessions.find(each, 3.0) is not None for each in cookies[:2]]


def test_end() -> None:
    """A session that has ended is not known any more, and may be ended again."""
    sessions = Sessions()
    cookie = sessions.begin(PROOF, "", 0.0)
    sessions.end(cookie)
    sessions.end(cookie)
    assert sessions.find(cookie, 0.0) is None


def test_names() -> None:
    """A name is one short line."""
    assert ["a.meier", "ab", "x" * 40, ""] == [said_name(each) for each in (" a.meier\n", "a\x1b\nb", "x" * 99, "\n")]

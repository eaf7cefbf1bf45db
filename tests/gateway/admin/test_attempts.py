"""How often an address may try to sign in."""

from gateway.admin.attempts import ADDRESSES, MOST, WITHIN_SECONDS, Attempts


def test_limit() -> None:
    """After ten failures within a minute an address waits until the first of them is a minute old."""
    attempts = Attempts()
    for second in range(MOST):
        assert 0.0 == attempts.wait("10.0.0.1", float(second))
        attempts.failed("10.0.0.1", float(second))
    assert WITHIN_SECONDS - MOST == attempts.wait("10.0.0.1", float(MOST))
    assert 0.0 == attempts.wait("10.0.0.1", WITHIN_SECONDS)
    attempts.failed("10.0.0.1", WITHIN_SECONDS)
    assert 1.0 == attempts.wait("10.0.0.1", WITHIN_SECONDS)


def test_others_may() -> None:
    """Others are not hindered: only the address itself, and for IPv6 its network, which one host may have."""
    attempts = Attempts()
    for _ in range(MOST):
        attempts.failed("10.0.0.1", 0.0)
        attempts.failed("2001:db8::1", 0.0)
        attempts.failed(None, 0.0)
    waits = {each: attempts.wait(each, 1.0) > 0 for each in ("10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2")}
    assert {"10.0.0.1": True, "::ffff:10.0.0.1": True, "10.0.0.2": False} == waits
    assert [True, False, True] == [attempts.wait(each, 1.0) > 0 for each in ("2001:db8::2", "2001:db8:0:1::1", None)]
    assert 0.0 == attempts.wait("fe80::1%eth0", 1.0)


def test_bounded() -> None:
    """Many addresses take bounded memory; the one that failed longest ago is forgotten."""
    attempts = Attempts()
    for _ in range(MOST):
        attempts.failed("192.0.2.1", 0.0)
    for number in range(ADDRESSES):
        attempts.failed(f"10.0.{number // 256}.{number % 256}", 1.0)
    assert 0.0 == attempts.wait("192.0.2.1", 2.0)

"""What an operator says of single peers, and the mistakes in it."""

from gateway.config.loading import parse
from tests.gateway.config.test_loading import GOOD, problems


def test_peers() -> None:
    """A peer is named as operators know it: by AE title, by MSH-3 and MSH-4, or by address."""
    config = parse(f'{GOOD}\npeers: {{PET1: {{contact: "Radiology IT, 4411"}}, LAB|MAIN: {{silence_after: 7200}}}}')
    assert ("Radiology IT, 4411", None) == (config.peers["PET1"].contact, config.peers["PET1"].silence_after)
    assert ("", 7200.0) == (config.peers["LAB|MAIN"].contact, config.peers["LAB|MAIN"].silence_after)
    assert {"LAB|MAIN": 7200.0} == config.silence_by_hand


def test_nothing_said() -> None:
    """Nobody has to say anything of peers: what is usual is learnt."""
    assert ({}, {}) == (parse(GOOD).peers, parse(GOOD).silence_by_hand)


def test_mistakes() -> None:
    """A mistake is told by the peer's name and the key."""
    found = problems(f"{GOOD}\npeers: {{PET1: {{contact: {'x' * 201}}}, LAB: {{silence_after: 0, contacts: x}}}}")
    assert ["peers.PET1.contact", "peers.LAB.silence_after", "peers.LAB.contacts"] == [
        each.partition(": ")[0] for each in found
    ]

"""The section `silence` of the configuration."""

from datetime import date

import pytest

from gateway.config.loading import Config, parse
from gateway.contract.errors import ConfigError
from gateway.silence.settings import SilenceSettings

REST = """
listeners: {lab: {kind: mllp, port: 0}}
destinations: {store: {kind: http, url: "http://127.0.0.1:1/"}}
routes: [{from: lab, to: store}]
"""


def read(section: str) -> Config:
    """Return the configuration with a section `silence`."""
    return parse(REST + section, {}, "hilum.yaml")


def test_default() -> None:
    """By default Hilum learns, in the machine's time zone, and no silence is expected."""
    assert read("").silence == SilenceSettings(learn=True, time_zone=None, quiet=())


def test_as_people_write_it() -> None:
    """Dates need no quotes, and a day without a year is every year's."""
    text = """
silence:
  time_zone: Europe/Berlin
  quiet:
    - dates: [2026-12-25, 12-31, 12-24..01-02]
    - hours: ["Sat-Sun", "Mon-Fri 19:00-06:30"]
      peers: [MR1]
"""
    first, second = read(text).silence.quiet
    assert first.dates == ("2026-12-25", "12-31", "12-24..01-02")
    assert (second.hours, second.peers) == (("Sat-Sun", "Mon-Fri 19:00-06:30"), ("MR1",))
    assert isinstance(first.dates[0], str)
    assert date.fromisoformat(first.dates[0]) == date(2026, 12, 25)


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("silence: {time_zone: Mars/Olympus}", "silence.time_zone: is not a known time zone; write one such as"),
        ("silence: {time_zone: ../etc/passwd}", "silence.time_zone: is not a known time zone"),
        ("silence: {quiet: [{peers: [MR1]}]}", "silence.quiet[0]: would be quiet always; add `dates:` or `hours:`"),
        ("silence: {quiet: [{dates: [13-25]}]}", "silence.quiet[0].dates[0]: is not a day of the calendar"),
        ("silence: {quiet: [{hours: [Caturday]}]}", "silence.quiet[0].hours[0]: has a day that is none of Mon"),
        ("silence: {lern: false}", "silence.lern: is not a known key; did you mean `learn`?"),
    ],
)
def test_mistakes(section: str, sentence: str) -> None:
    """A mistake is named with its place and how to correct it."""
    with pytest.raises(ConfigError) as caught:
        read(section)
    assert sentence in str(caught.value)


def test_by_hand() -> None:
    """`silence_after` of a peer is in seconds."""
    assert read("peers: {LAB|MAIN: {silence_after: 7200}}").peers["LAB|MAIN"].silence_after == 7200

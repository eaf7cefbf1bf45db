"""The verbs of the table."""

from gateway.causes.rows import fill
from gateway.causes.table.deeds import SHOW_DESTINATION, TRY_NOW, line


def test_line() -> None:
    """The line of a key is a link to the page of the configuration; the name of a destination is quoted."""
    target = line("destinations.{subject}.url").target
    assert fill(target["link"], {"subject_in_path": "a%2Fb"}) == "/configuration#destinations.a%2Fb.url"


def test_what_helps() -> None:
    """To try at once helps nothing where Hilum tries by itself; so that verb is never the filled one."""
    assert not TRY_NOW.helps
    assert not SHOW_DESTINATION.helps
    assert line("routes").helps

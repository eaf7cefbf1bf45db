"""The text of a page, as a person reads it."""

from html.parser import HTMLParser


def text_of(page: str) -> str:
    """Return the text of an HTML page as a person reads it, with one space between words."""
    reader = Reader()
    reader.feed(page)
    return " ".join("".join(reader.parts).split())


class Reader(HTMLParser):
    """Collects text; an element that begins a line of its own ends a word."""

    INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "time"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        self._hidden += tag in ("script", "style")
        self._end_word(tag)

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        self._hidden -= tag in ("script", "style")
        self._end_word(tag)

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self._hidden:
            self.parts.append(data)

    def _end_word(self, tag: str) -> None:
        if tag not in self.INLINE:
            self.parts.append(" ")

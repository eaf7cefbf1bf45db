"""Escapes text from peers before it is printed, so that it cannot control the terminal."""


def visible(text: str) -> str:
    r"""Return *text* with every character that is not printable replaced by its escape, such as ``\x1b`` or ``\n``.

    Not printable are control characters, which move the cursor or rename the window, and also marks that change the
    direction of text, and line separators: an entry of the log is one line.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)

"""What is printed for people: text from the wire must not speak to their terminal."""


def visible(text: str) -> str:
    r"""Return *text* with everything that is no visible character, or a blank, as its escape: ``\x1b``, ``\n``.

    Those are not only controls, which move the cursor or rename the window: also marks that turn the direction of the
    text, and line separators, since a line of a log is one line.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)

"""Why a resource is not passed."""


class HeldBackError(Exception):
    """A resource is not passed; the text is the reason, without anything of its content."""

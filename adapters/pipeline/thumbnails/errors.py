"""Why an instance has no thumbnail."""


class NoPictureError(Exception):
    """There is no thumbnail of an instance. The text is a fixed sentence without any value of the instance."""

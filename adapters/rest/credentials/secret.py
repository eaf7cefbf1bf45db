"""Secrets in files, which other programs may renew at any time."""

from collections.abc import Callable
from pathlib import Path

from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Unavailable
from gateway.contract.small_file import read_small_file

UNFIT = "holds characters that its header cannot carry"


class Secret:
    """A file that holds a secret; *encode* turns its stripped text into what is sent. *setting* is its key.

    *unfit* is the end of the reason if the text cannot be encoded: "the file of ... " + *unfit*.
    """

    def __init__(self, path: Path, setting: str, encode: Callable[[str], str | None], unfit: str = UNFIT) -> None:
        self._path = path
        self._setting = setting
        self._encode = encode
        self._unfit = unfit
        self._version: tuple[int, ...] = ()
        self._value: str | Unavailable = ""

    def value(self) -> str | Unavailable:
        """Return the encoded secret, or why there is none; the file is read again only if it has changed."""
        try:
            # Kubernetes renews a mounted secret by swapping a symbolic link: the inode changes, the times may not.
            stat = self._path.stat()
            version = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino, stat.st_dev)
            if version != self._version:
                self._value = self._read()
                self._version = version
        except (OSError, ValueError) as error:
            return self._unusable("cannot be read", why_unread(error))
        return self._value

    def told(self) -> dict[str, str]:
        """Return what may be told of the file: its path, and when it was changed."""
        changed = {"changed_at": str(self._version[0] // 1_000_000_000)} if self._version else {}
        return {"path": str(self._path), **changed}

    def _read(self) -> str | Unavailable:
        text = read_small_file(self._path)
        if not text:
            return self._unusable("is empty", "empty")
        value = self._encode(text)
        if value is None:
            return self._unusable(self._unfit, "unfit")
        return value

    def _unusable(self, what: str, why: str) -> Unavailable:
        return unusable(self._path, self._setting, what, why)


def unusable(path: Path, setting: str, what: str, why: str) -> Unavailable:
    """Return that the file of *setting* cannot be used: *what* is the end of the sentence, *why* a word for tables."""
    details = {"path": str(path), "setting": setting, "why": why}
    return Unavailable(f"the file of {setting} {what}", diagnosis=Diagnosis(Cause.CREDENTIALS_FILE, details))


def why_unread(error: Exception) -> str:
    """Return a word for why a file cannot be read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "missing"
    return "denied" if isinstance(error, PermissionError) else "unreadable"

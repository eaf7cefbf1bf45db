"""Makes the files of the stores accessible to their owner only, because they hold patients' data."""

from pathlib import Path

OWNER_FOLDER, OWNER_FILE = 0o700, 0o600


def make_private(root: Path, *folders: Path, database: Path) -> None:
    """Make *root* with its *folders* and the *database* file, or remove the permissions of other users.

    If *root* existed before and holds other files, its own permissions stay; only those of the folders and files in it
    are changed.
    """
    is_ours = not root.exists() or database.exists() or not any(root.iterdir())
    root.mkdir(OWNER_FOLDER, parents=True, exist_ok=True)
    for folder in (root, *folders) if is_ours else folders:
        folder.mkdir(OWNER_FOLDER, exist_ok=True)
        folder.chmod(OWNER_FOLDER)
    database.touch(OWNER_FILE)
    for file in database.parent.glob(f"{database.name}*"):  # SQLite's -wal and -shm files, made by an earlier process
        file.chmod(OWNER_FILE)

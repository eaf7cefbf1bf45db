"""What the stores keep is patients' data: it is the owner's alone, also where it was made by an older version."""

from pathlib import Path

OWNER_FOLDER, OWNER_FILE = 0o700, 0o600


def make_private(root: Path, *folders: Path, database: Path) -> None:
    """Make *root* with its *folders* and the file of the *database*, or take them away from others.

    A folder that was there before and holds anything else stays as open as it is: what is inside is closed.
    """
    is_ours = not root.exists() or database.exists() or not any(root.iterdir())
    root.mkdir(OWNER_FOLDER, parents=True, exist_ok=True)
    for folder in (root, *folders) if is_ours else folders:
        folder.mkdir(OWNER_FOLDER, exist_ok=True)
        folder.chmod(OWNER_FOLDER)
    database.touch(OWNER_FILE)
    for file in database.parent.glob(f"{database.name}*"):  # what SQLite keeps beside it has the mode that it has
        file.chmod(OWNER_FILE)

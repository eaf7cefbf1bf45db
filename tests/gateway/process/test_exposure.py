"""Files that other users may read."""

import errno
from pathlib import Path

import pytest

from gateway.admin.token_file import own_token_file
from gateway.config import loading as config
from gateway.contract.errors import ConfigError
from gateway.process.exposure import (
    FOREIGN_FILE,
    FOREIGN_FOLDER,
    exposed,
    secret_files,
    warn_of_exposed_files,
)
from gateway.spool.database.connections import DATABASE
from tests.processes import serving

TEXT = """
listeners: {in: {kind: mllp, port: 0}}
destinations:
  out:
    {kind: hl7v2_store, url: "http://127.0.0.1:1/", credentials: {kind: bearer, token_file: FOLDER/token},
    header_files: {X-Key: FOLDER/api}, proxy: {url: "http://127.0.0.1:1", username: u, password_file: FOLDER/proxy}}
routes: [{from: in, to: out}]
admin: {port: 0}
data_dir: FOLDER/data
spool: {key_file: FOLDER/key}
audit: {syslog: {host: h, ca_file: FOLDER/ca, certificate_file: FOLDER/cert, key_file: FOLDER/audit.key}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> config.Config:
    """Return a configuration with secrets in *tmp_path*."""
    return config.parse(TEXT.replace("FOLDER", str(tmp_path)))


def test_secret_files(settings: config.Config, tmp_path: Path) -> None:
    """Every file that holds a secret is found; a certificate is no secret."""
    expected = {tmp_path / name for name in ("token", "api", "proxy", "key", "audit.key")}
    assert expected == set(secret_files(settings))


def test_open_to_others(settings: config.Config, tmp_path: Path) -> None:
    """A secret or a folder that everybody may read is reported with its remedy; access of the group is accepted."""
    for name, mode in (("token", 0o644), ("key", 0o640), ("audit.key", 0o600), ("ca", 0o644)):
        (tmp_path / name).touch(mode)
    settings.data_dir.mkdir(0o755)
    token = tmp_path / "token"
    expected = [(settings.data_dir, FOREIGN_FOLDER), (token, f"chmod 600 {token}")]
    assert expected == list(exposed(settings, settings.data_dir))


def test_spool_folders(settings: config.Config) -> None:
    """The spool's folders are looked at too."""
    folder = settings.data_dir / "spool" / "1"
    folder.mkdir(parents=True)
    (folder / DATABASE).touch()
    for each in (settings.data_dir, folder.parent):
        each.chmod(0o700)
    folder.chmod(0o755)
    assert [(folder, f"chmod 700 {folder}")] == list(exposed(settings, settings.data_dir))


@pytest.mark.parametrize("name", ["", "spool"])
def test_no_command_for_a_foreign_folder(settings: config.Config, name: str) -> None:
    """With ``data_dir: /tmp`` or ``/var``, no command is suggested that closes /tmp or /var/spool to others."""
    folder = settings.data_dir / name
    folder.mkdir(0o755, parents=True)
    settings.data_dir.chmod(0o755 if folder == settings.data_dir else 0o700)
    assert [(folder, FOREIGN_FOLDER)] == list(exposed(settings, settings.data_dir))


def test_no_command_for_the_file_of_another_user(settings: config.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """No chmod is suggested for a key that belongs to root: it would close the key to the user that runs Hilum."""
    settings.data_dir.parent.joinpath("token").touch(0o644)
    monkeypatch.setattr("os.geteuid", lambda: -1)
    assert [FOREIGN_FILE] == [mend for _, mend in exposed(settings, settings.data_dir)]


def test_data_dir_of_another_user(settings: config.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that this user may not read ends the start with the remedy: messages may wait there."""

    def refuse(data_dir: Path) -> list[Path]:
        raise PermissionError(errno.EACCES, "Permission denied", str(data_dir / "spool"))

    monkeypatch.setattr(
        "gateway.process.exposure.existing_folders", refuse
    )  # root, as whom tests may run, is refused nothing
    with pytest.raises(ConfigError) as caught:
        warn_of_exposed_files(settings, settings.data_dir)
    mend = "run this as the owner of the folder, or set another one"
    assert f"data_dir: {settings.data_dir}: the spool cannot be read: Permission denied; {mend}" == str(caught.value)


def test_own_token_of_the_admin_port(settings: config.Config) -> None:
    """The token that Hilum has made is looked at too."""
    settings.data_dir.mkdir(0o700)
    own_token_file(settings.data_dir).touch()
    own_token_file(settings.data_dir).chmod(0o644)
    path = own_token_file(settings.data_dir)
    assert [(path, f"chmod 600 {path}")] == list(exposed(settings, settings.data_dir))


def test_nothing_there(settings: config.Config) -> None:
    """A missing file is not reported by this check."""
    assert [] == list(exposed(settings, settings.data_dir))


async def test_warning(tmp_path: Path) -> None:
    """The daemon warns at its start, and starts."""
    (tmp_path / "data").mkdir(mode=0o755)
    text = TEXT.replace("FOLDER", str(tmp_path)).partition("spool:")[0].replace(
        f", credentials: {{kind: bearer, token_file: {tmp_path}/token}}", ""
    )  # fmt: skip
    async with serving(tmp_path, text) as (process, _):
        warning = await process.logged("file_exposed")
    assert ("warning", str(tmp_path / "data"), FOREIGN_FOLDER) == (warning["level"], warning["path"], warning["mend"])

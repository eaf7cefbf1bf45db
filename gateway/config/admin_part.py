"""The part of a configuration that a command uses which asks the admin port: `hilum status`.

It is read without the kinds of listeners and destinations: their import takes seconds on a machine in trouble, and that
is when these commands are needed.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from gateway.admin.settings import AdminSettings
from gateway.config.known_keys import nearest
from gateway.config.validation import read_document, validated
from gateway.config.yaml_text import Mistake
from gateway.contract.settings import File, Host, SecretFile, Settings


class AdminTls(Settings):
    """Whether the admin port has TLS; its files are none of the client's business."""

    client_auth: str = "none"


class AdminPlace(Settings):
    """Where the admin port is, and the token that it demands."""

    host: Host = AdminSettings.model_fields["host"].default
    port: int = Field(default=AdminSettings.model_fields["port"].default, ge=0, le=65535)
    token_file: SecretFile | None = None
    viewer_token_file: SecretFile | None = None
    tls: AdminTls | None = None


class AdminPart(Settings):
    """The admin port, and the folder in which a token is that Hilum has made itself."""

    admin: AdminPlace = AdminPlace()
    data_dir: File = Path("/var/lib/hilum")


def load_admin_part(path: Path, environment: Mapping[str, str] = os.environ) -> AdminPart:
    """Read that part of a configuration file; raises ConfigError with every mistake in it."""
    document = read_document(path)
    data = {key: _used(key, document.data[key]) for key in AdminPart.model_fields if key in document.data}
    found = validated(AdminPart, data, document, environment)
    for key in document.data:
        near = nearest(str(key), AdminPart.model_fields)
        if key not in AdminPart.model_fields and near is not None:  # it must not lead to another gateway
            text = f"is not a known key; did you mean `{near}`?"
            found.mistakes.append(Mistake(document.place(key, key=True), key, text))
    return found.settled(str(path))


def _used(key: str, value: Any) -> Any:
    """Leave out the keys of `admin` that only the daemon needs; unknown ones stay, because they are mistakes."""
    if key != "admin" or not isinstance(value, dict):
        return value
    unneeded = AdminSettings.model_fields.keys() - AdminPlace.model_fields.keys()
    used = {name: each for name, each in value.items() if name not in unneeded}
    if isinstance(used.get("tls"), dict):
        used["tls"] = {name: each for name, each in used["tls"].items() if name in AdminTls.model_fields}
    return used

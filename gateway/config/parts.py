"""Loads only those parts of a configuration that a command uses; variables in other parts are not resolved.

`hilum serve` may have environment variables and files that an operator's shell does not have, such as
`${CREDENTIALS_DIRECTORY}` of systemd or the secrets of a container. Commands that do not use them work without them.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from gateway.config.loading import Config, Name, read_file
from gateway.config.models import AnyStep
from gateway.config.problems import MENDS, setting_problem
from gateway.config.yaml_text import fill_in, read_yaml
from gateway.contract.errors import ConfigError
from gateway.contract.settings import Settings
from gateway.kinds import KINDS
from gateway.spool.settings import SpoolSettings

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _known_kind(kind: str) -> str:
    if kind not in KINDS.destinations:
        raise ValueError(f"kind {kind!r} is not known; use one of {', '.join(KINDS.destinations)}")
    return kind


class KindOfDestination(Settings):
    """The kind of a destination, without its other settings."""

    model_config = ConfigDict(extra="ignore")

    kind: Annotated[str, AfterValidator(_known_kind)]


class SpoolPart(Settings):
    """The part that `hilum spool` uses: the place of the spool, and the names of the destinations."""

    destinations: dict[Name, KindOfDestination] = Field(min_length=1)
    data_dir: Path = Config.model_fields["data_dir"].default
    spool: SpoolSettings = SpoolSettings()


class StepsPart(Settings):
    """The steps only."""

    steps: dict[Name, AnyStep] = Field(default_factory=dict)


Part = TypeVar("Part", bound=Settings)


def load_part(path: Path, part: type[Part], environment: Mapping[str, str] = os.environ) -> Part:
    """Read the *part* of a configuration file; raises ConfigError with every mistake in it."""
    raw = read_yaml(read_file(path))
    unknown = [f"{key}: {MENDS['extra_forbidden']}" for key in raw if _is_unknown(key)]
    missing: list[str] = []
    used = fill_in({key: _used(part, key, raw[key]) for key in part.model_fields if key in raw}, environment, missing)
    try:
        settings = part.model_validate(used)
    except ValidationError as error:
        problems = [] if missing else [setting_problem(used, each) for each in error.errors()]
        raise ConfigError(*unknown, *missing, *problems) from None
    if unknown or missing:
        raise ConfigError(*unknown, *missing)
    return settings


def _is_unknown(key: object) -> bool:
    """Return whether a key is a mistake: a misspelt ``data_dir`` must not lead to the spool of another gateway."""
    return key not in Config.model_fields and not str(key).startswith("x-")


def _used(part: type[Settings], key: str, value: Any) -> Any:
    if part is SpoolPart and key == "destinations" and isinstance(value, dict):
        return {
            name: {key: each[key] for key in ("kind",) if key in each} if isinstance(each, dict) else each
            for name, each in value.items()
        }
    return value


def unread_variables(path: Path, environment: Mapping[str, str] = os.environ) -> Mapping[str, list[str]]:
    """Return variables that *environment* lacks and only names of unread files use; each with the keys that use it.

    `hilum check` does not read the files that keys ending in ``_file`` name, except those of steps.
    """
    places: dict[str, list[str]] = {}
    needed: set[str] = set()
    try:
        texts = list(_texts(read_yaml(read_file(path))))
    except ConfigError:
        return {}  # loading the configuration reports this error
    for place, value in texts:
        for name in VARIABLE.findall(value):
            if _names_an_unread_file(place):
                places.setdefault(name, []).append(place)
            else:
                needed.add(name)
    return {name: found for name, found in places.items() if name not in needed and name not in environment}


def _names_an_unread_file(place: str) -> bool:
    return not place.startswith("steps.") and any(key.endswith(("_file", "_files")) for key in place.split(".")[-2:])


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in *value* with its path."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(each, f"{path}[{index}]")
    elif isinstance(value, str):
        yield path, value

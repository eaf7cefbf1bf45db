"""No word of pydantic reaches a user, whatever stands at whatever key; one mistake is one line."""

import re
import typing
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core.core_schema import ErrorType

from gateway.admin.settings import AdminSettings
from gateway.audit.settings import AuditSettings, SyslogSettings
from gateway.config.findings import setting_problems
from gateway.config.loading import Config, RouteSettings
from gateway.config.sentences import BY_TYPE, MENDS, OTHERWISE, WANTED
from gateway.contract.settings import ClientTlsSettings, PeerSettings, ServerTlsSettings
from gateway.kinds import KINDS
from gateway.spool.settings import SpoolSettings

PYDANTIC = re.compile(
    r"Input should|Value error|valid (?:tuple|list|dict|string|integer|number|boolean)|lax-or-strict|\[key\]|function-|"
    r"Unable to|pydantic|Extra inputs|Field required|unpack|to parse|expected|None|True|False|<class|'type'|Settings",
)
WRONG: dict[str, object] = {
    "nothing": None,
    "an empty list": [],
    "a list": [3],
    "a list of nothing": [None],
    "a list of lists": [["x"]],
    "an empty mapping": {},
    "a mapping": {"x": 1},
    "a mapping of nothing": {"x": None},
    "an empty text": "",
    "a text": "x y",
    "a number below": -1,
    "a number with a point": -2.5,
    "infinity": float("inf"),
    "no number": float("nan"),
    "a truth value": True,
    "a huge number": 10**400,
    "a date": date(2026, 1, 1),
}


def groups(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a group of settings with all that lie below it."""
    yield model
    for field in model.model_fields.values():
        yield from _in(field.annotation)


def _in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from groups(annotation)
    for each in typing.get_args(annotation):
        yield from _in(each)


TABLES = (KINDS.listeners, KINDS.destinations, KINDS.steps, KINDS.credentials)
ROOTS: list[type[BaseModel]] = [
    *(kind.settings for table in TABLES for kind in table.values()),
    *(Config, RouteSettings, AdminSettings, AuditSettings, SyslogSettings, SpoolSettings, PeerSettings),
    *(ServerTlsSettings, ClientTlsSettings),
]
FIELDS = {
    f"{group.__name__}.{field.alias or name}": (group, field.alias or name)
    for root in ROOTS
    for group in groups(root)
    for name, field in group.model_fields.items()
}


def problems(group: type[BaseModel], raw: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with *raw*."""
    try:
        group.model_validate(raw)
    except ValidationError as error:
        return [(each.path, each.text) for each in setting_problems(group, raw, error.errors(), {})]
    return []


@pytest.mark.parametrize(("group", "key"), FIELDS.values(), ids=FIELDS)
def test_every_key_with_every_wrong_value(group: type[BaseModel], key: str) -> None:
    """Each is told in our words, once, or is right."""
    for name, value in WRONG.items():
        found = problems(group, {key: value})
        assert [] == [text for _, text in found if PYDANTIC.search(text) or OTHERWISE in text], name
        there = [path for path, text in found if path == key or path.startswith((f"{key}.", f"{key}["))]
        assert sorted(set(there)) == sorted(there), name
        assert len(there) <= 1 + sum(text.startswith("is missing") for _, text in found), name


def test_every_number_is_bounded() -> None:
    """No number of the settings may be absurd."""
    for group, key in FIELDS.values():
        found = problems(group, {key: 10**30})
        taken = not [path for path, _ in found if path == key]
        assert not taken, f"{group.__name__}.{key} takes {10**30}"


def test_known_types() -> None:
    """Each error that is worded is one of pydantic's."""
    custom = {"bool_for_number", "text_for_number", "other_for_flag", "path_type"}
    assert set() == (WANTED.keys() | MENDS.keys() | BY_TYPE.keys()) - set(typing.get_args(ErrorType)) - custom


@pytest.mark.parametrize("annotation", [complex, bytes, date, "UUID", frozenset[int], set[str]], ids=str)
def test_a_type_of_another_package(annotation: Any) -> None:
    """Also what the settings of other packages may hold is told in our words."""
    import uuid  # noqa: PLC0415

    adapter: TypeAdapter[Any] = TypeAdapter(uuid.UUID if annotation == "UUID" else annotation)
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(object())
    (problem,) = setting_problems(Config, {}, caught.value.errors(), {})
    assert not PYDANTIC.search(problem.text)

"""YAML text to plain data: no key twice, ``${ENVIRONMENT}`` filled in."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from gateway.contract.errors import ConfigError


def read_yaml(text: str) -> dict[str, Any]:
    """Return the mapping that *text* holds; raises ConfigError naming line and column."""
    try:
        raw = yaml.load(text, Loader=UniqueKeyLoader)  # noqa: S506  a SafeLoader with one more check
    except yaml.YAMLError as error:
        raise ConfigError(_problem(error)) from None
    if not isinstance(raw, dict):
        raise ConfigError("the file: must be a YAML mapping with listeners, destinations and routes")
    return raw


class UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that stands twice, where YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping whose keys are unique."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


def _problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the file"
    return f"{place}: is not valid YAML: {getattr(error, 'problem', None) or 'it cannot be parsed'}"


def fill_in(value: Any, environment: Mapping[str, str], missing: list[str], path: str = "") -> Any:
    """Replace ``${NAME}`` in every string by the environment's value; note what is *missing* with its path."""
    if isinstance(value, dict):
        return {key: fill_in(each, environment, missing, f"{path}.{key}".lstrip(".")) for key, each in value.items()}
    if isinstance(value, list):
        return [fill_in(each, environment, missing, f"{path}[{index}]") for index, each in enumerate(value)]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        if name not in environment:
            missing.append(f"{path}: the environment has no {name}; set it or write the value here")
        return environment.get(name, "unset")

    return re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", replace, value)

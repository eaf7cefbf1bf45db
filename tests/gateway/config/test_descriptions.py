"""Each key says what it means: in the JSON Schema, and on the page of the configuration."""

from pydantic import Field, create_model

from gateway.config.descriptions import WithDescriptions, descriptions
from gateway.contract.settings import Settings


class Base(Settings):
    """A group of settings."""

    seconds: int = 5
    """How long it may take.

    In two parts."""
    plain: int = 1
    limit: int = Field(1, alias="max")
    """An alias is its name for users."""


class Derived(Base):
    """Another one."""

    seconds: int = 7
    """Another meaning."""
    inner: Base = Base(max=1)
    """A group in it."""


def test_descriptions() -> None:
    """A field has the docstring below it, in the class or the nearest base that has one."""
    assert descriptions(Base) == {
        "seconds": "How long it may take.\n\nIn two parts.",
        "limit": "An alias is its name for users.",
    }
    assert descriptions(Derived) == {
        **descriptions(Base),
        "seconds": "Another meaning.",
        "inner": "A group in it.",
    }


def test_made_at_run_time() -> None:
    """A class without a source has what its bases say."""
    made = create_model("Made", __base__=Base, more=(int, 1))
    assert descriptions(made) == descriptions(Base)


def test_schema() -> None:
    """Properties have the descriptions, also those of groups within groups."""
    schema = Derived.model_json_schema(schema_generator=WithDescriptions)
    properties = schema["properties"]
    assert properties["seconds"]["description"] == "Another meaning."
    assert properties["max"]["description"] == "An alias is its name for users."
    assert properties["inner"]["description"] == "A group in it."
    assert "description" not in properties["plain"]
    assert schema["$defs"]["Base"]["properties"]["seconds"]["description"].startswith("How long")

"""The settings types of listeners, destinations, steps and buckets, by ``kind``; built from the table of kinds."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field, create_model

from gateway.contract.settings import DeliverySettings, Settings, SourceSettings
from gateway.kinds import BUILT_IN, KINDS


def one_of(settings: Iterable[type[Settings]]) -> Any:
    """Return the union type of *settings*, discriminated by ``kind``."""
    choices = tuple(settings)
    if len(choices) < 2:
        return choices[0] if choices else Settings
    return Annotated[Union[choices], Field(discriminator="kind")]  # noqa: UP007  the choices are known at run time only


def with_credentials(settings: type[Settings]) -> type[Settings]:
    """Return *settings*, extended by the kinds of credentials that other packages provide."""
    field = settings.model_fields.get("credentials")
    if field is None or all(each in BUILT_IN for each in KINDS.credentials.values()):
        return settings
    choice = one_of(each.settings for each in KINDS.credentials.values())
    made: type[Settings] = create_model(
        settings.__name__, __base__=settings, __doc__=settings.__doc__, credentials=(choice, field.default)
    )
    return made


if TYPE_CHECKING:

    class AnyListener(SourceSettings):
        """The settings of any kind of listener."""

        kind: str

    class AnyDestination(DeliverySettings):
        """The settings of any kind of destination."""

        kind: str

    class AnyStep(Settings):
        """The settings of any kind of step."""

        kind: str

    class AnyBucket(Settings):
        """The settings of any kind of bucket."""

        kind: str

else:
    AnyListener = one_of(each.settings for each in KINDS.listeners.values())
    AnyDestination = one_of(with_credentials(each.settings) for each in KINDS.destinations.values())
    AnyStep = one_of(each.settings for each in KINDS.steps.values())
    AnyBucket = one_of(each.settings for each in KINDS.buckets.values())

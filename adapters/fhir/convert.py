"""The conversion of one message: a pure function of its octets and the options."""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha1
from itertools import chain, islice
from typing import Any

import msgspec

from adapters.fhir.adt import convert_adt
from adapters.fhir.bundle import Bundle
from adapters.fhir.context import Context, Options
from adapters.fhir.events import EVENTS
from adapters.fhir.finance import ACCOUNT_EVENTS, CHARGE_EVENTS, convert_bar, convert_dft
from adapters.fhir.identifiers import authority
from adapters.fhir.mdm import DOCUMENT_EVENTS, convert_mdm
from adapters.fhir.orm import ORDER_EVENTS, convert_orders
from adapters.fhir.oru import convert_oru
from adapters.fhir.pharmacy import convert_doses, convert_order
from adapters.fhir.provenance import add_provenance, message_resource
from adapters.fhir.reading import Hl7Message, read_message
from adapters.fhir.report import MOST, MOST_OF_A_FIELD, LeftOut, Reason
from adapters.fhir.siu import EVENTS as APPOINTMENT_EVENTS
from adapters.fhir.siu import convert_siu
from adapters.fhir.times import has_offset, read_time
from adapters.fhir.vxu import convert_vxu
from gateway.contract.outcome import Refused

NOT_CONVERTED = Refused("Messages of this type are not converted to FHIR", code="200", unsupported=True)
_write = msgspec.json.Encoder(decimal_format="number").encode
ADMINISTRATIVE = {
    "MSH": frozenset(range(1, 30)),
    "EVN": frozenset({1, 2}),
    "SFT": frozenset(range(1, 10)),
    "RGS": frozenset({1, 2}),
}
"""Fields about the message and not about its content."""
Converter = Callable[[Hl7Message, Context], Refused | None]
CONVERTERS: Mapping[tuple[str, str], Converter] = {
    **{("ADT", event): convert_adt for event in EVENTS},
    ("ORU", "R01"): convert_oru,
    ("ORU", ""): convert_oru,
    **{("SIU", event): convert_siu for event in APPOINTMENT_EVENTS},
    ("VXU", "V04"): convert_vxu,
    **{("RDE", event): convert_order for event in ("O11", "O25", "O01", "")},
    **{("RDS", event): convert_doses for event in ("O13", "O01", "")},
    **{("RAS", event): convert_doses for event in ("O17", "O01", "")},
    **{("DFT", event): convert_dft for event in CHARGE_EVENTS},
    **{("BAR", event): convert_bar for event in ACCOUNT_EVENTS},
    **dict.fromkeys(ORDER_EVENTS, convert_orders),
    **{("MDM", event): convert_mdm for event in DOCUMENT_EVENTS},
}
"""What converts a message, by its type and its event (MSH-9). Other messages are refused."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A bundle, and what of the message is not in it."""

    bundle: Bundle
    report: tuple[LeftOut, ...]

    def resources(self) -> dict[str, Any]:
        """Return the transaction."""
        return self.bundle.transaction()

    def encoded(self) -> bytes:
        """Return the transaction as JSON; numbers have the digits that were sent."""
        return _encoded(self.bundle.transaction())


def _encoded(bundle: Any) -> bytes:
    data = _write(bundle)
    return _write(_plain(bundle)) if b"E-" in data else data


def _plain(value: Any) -> Any:
    """Return *value* with small decimals in the digits that were sent: 0.00000010 is no 1.0E-7."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return msgspec.Raw(format(value, "f").encode()) if isinstance(value, Decimal) else value


def convert(data: bytes, options: Options, charset: str | None = None) -> Conversion | Refused:
    """Convert the message *data*; *charset* overrides ``MSH-18``. Refused if it has no key for its patient."""
    message = read_message(data, charset)
    if isinstance(message, Refused):
        return message
    context = _context(message, options)
    if not context.control_id:
        context.control_id = sha1(data, usedforsecurity=False).hexdigest()
    converter = _converter(message, context)
    if converter is None:
        return NOT_CONVERTED
    context.bundle.as_of = _as_of(message, context)
    refused = converter(message, context)
    if refused is not None:
        return refused
    if options.keep_source:
        _keep_source(data, context)
    add_provenance(message, context)
    return Conversion(context.bundle, tuple(islice(chain(context.report, _unread(message)), MOST)))


def _context(message: Hl7Message, options: Options) -> Context:
    header = message.header
    context = Context(message.delimiters, options)
    names = []
    for number in (3, 4):
        system, name = authority(header.get(number).replace(message.delimiters.component, "&"), context)
        names.append(name or system)
    context.sender = (names[0], names[1])
    time = read_time(message.delimiters.text(header.get(7).split(message.delimiters.component)[0]))
    context.message_zone = time.zone if time and not (options.zone and has_offset(time, options.zone)) else ""
    context.sent = context.as_of(header.peek(7))
    context.control_id = message.delimiters.text(header.get(10))
    return context


def _as_of(message: Hl7Message, context: Context) -> str:
    """Return when the event was recorded, EVN-2, or else when the message was made, MSH-7."""
    events = (context.as_of(each.peek(2)) for each in message.segments if each.name == "EVN")
    return next(events, "") or context.sent


def _converter(message: Hl7Message, context: Context) -> Converter | None:
    parts = context.texts(message.header.get(9))
    kind, event = (*parts, "")[:2]
    if not event:  # HL7 2.1 and 2.2 name it in EVN-1 only
        event = next((context.delimiters.text(each.peek(1)) for each in message.segments if each.name == "EVN"), "")
    context.event = event
    return CONVERTERS.get((kind, event))


def _keep_source(data: bytes, context: Context) -> None:
    """Attach the whole message as a document."""
    patient = next(each for each in context.bundle if each.kind == "Patient")
    found = message_resource("DocumentReference", context)
    found.own("status", "current")
    found.own("subject", patient.reference)
    encoded = base64.b64encode(data).decode()
    found.own("content", [{"attachment": {"contentType": "x-application/hl7-v2+er7", "data": encoded}}])


def _unread(message: Hl7Message) -> Iterator[LeftOut]:
    """Yield the fields that nothing has read."""
    for segment in message.segments:
        ignored = ADMINISTRATIVE.get(segment.name, frozenset())
        for number in [each for each in segment.unread() if each not in ignored][:MOST_OF_A_FIELD]:
            yield LeftOut(segment.place(number), Reason.NOT_MAPPED)

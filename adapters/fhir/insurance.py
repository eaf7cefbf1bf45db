"""IN1 and IN2: the coverage of a patient."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from adapters.fhir import rows
from adapters.fhir.accounts import is_self
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.parts import company, coverage_class
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.relatives import named, related_person
from adapters.fhir.report import Reason
from adapters.fhir.tables import HL7_EXTENSIONS

UNKNOWN_PAYOR = {"extension": [{"url": f"{HL7_EXTENSIONS}data-absent-reason", "valueCode": "unknown"}]}


def coverages(
    segments: Iterable[Segment], owner: Resource, account: Resource | None, context: Context
) -> list[Resource]:
    """Return the insurances among *segments*: each IN1 with the IN2 after it."""
    found: list[list[Segment]] = []
    for segment in segments:
        if segment.name == "IN1":
            found.append([segment])
        elif segment.name == "IN2" and found:
            found[-1].append(segment)
    made = [coverage(in1, more[0] if more else None, owner, account, context) for in1, *more in found]
    return [each for each in made if each is not None]


def coverage(
    in1: Segment, in2: Segment | None, owner: Resource, account: Resource | None, context: Context
) -> Resource | None:
    """Return the insurance of *in1*; None if nothing identifies it. *in2* says more of it."""
    key = _key(in1, owner, context)
    if key is None:
        context.at(in1, 2)
        context.leave(Reason.NO_KEY)
        return None
    found = context.bundle.get("Coverage", key)
    rows.apply("IN1-Coverage", in1, found, context)
    if in2 is not None:
        rows.apply("IN2-Coverage", in2, found, context)
    found.own("status", "cancelled" if in1.get(55) == "D" else "active")
    found.own("beneficiary", owner.reference)
    _set_parties(in1, in2, found, owner, context)
    if classes := list(_classes(in1, context)):
        found.own("class", classes)
    if account is not None:
        _list_in(account, found)
    return found


def _key(in1: Segment, owner: Resource, context: Context) -> tuple[str, ...] | None:
    """Return the key: plan, company, and the number of the policy, or else that of the insured."""
    plan, company_number, policy, insured = (_text(in1, number, context) for number in (2, 3, 36, 49))
    what = (plan, company_number, policy or insured)
    return (*owner.key, "IN1", *what) if any(what) else None


def _text(segment: Segment, number: int, context: Context) -> str:
    """Return the first component with a value."""
    raw = segment.peek(number).split(context.delimiters.repetition)[0]
    return next((each for each in context.texts(raw) if each), "")


def _set_parties(in1: Segment, in2: Segment | None, found: Resource, owner: Resource, context: Context) -> None:
    if payors := list(_payors(in1, context)):
        found.own("payor", payors)
    else:
        found.body.setdefault("payor", [UNKNOWN_PAYOR])  # R4: 1..*
    if holder := _company(in1, 10, 11, 0, context):
        found.own("policyHolder", holder)
    if subscriber := _subscriber(in1, in2, owner, context):
        found.own("subscriber", subscriber)


def _payors(in1: Segment, context: Context) -> Iterator[Json]:
    count = max(in1.peek(number).count(context.delimiters.repetition) for number in (3, 4)) + 1
    for position in range(count):
        if made := _company(in1, 3, 4, position, context):
            yield made


def _company(in1: Segment, number: int, name: int, position: int, context: Context) -> Json | None:
    pairs = [in1.get(each).split(context.delimiters.repetition) for each in (number, name)]
    given = list(zip_longest(*pairs, fillvalue=""))[position]
    context.at(in1, number, position + 1)
    first, second = ("" if each == NULL else each for each in given)
    return company(first, second, context)


def _subscriber(in1: Segment, in2: Segment | None, owner: Resource, context: Context) -> Json | None:
    """Return who is insured: the patient, or a person, who is a resource with IN1-17 and a number in IN1-49."""
    if is_self(in1, 17, context):
        return owner.reference
    person = related_person("IN1-RelatedPerson", in1, 49, owner, context) if in1.peek(17) else None
    if person is None:
        return named(in1, 16, context)
    if in2 is not None:
        rows.apply("IN2-RelatedPerson", in2, person, context)
    return person.reference


def _classes(in1: Segment, context: Context) -> Iterator[Json]:
    """Yield the plan, IN1-2, and the group, IN1-8 and IN1-9."""
    plan = [*_parts(in1, 2, 2, context), ""]
    group = [_parts(in1, number, 1, context)[0] for number in (8, 9)]
    for made in (coverage_class("plan", plan[0], plan[1]), coverage_class("group", *group)):
        if made is not None:
            yield made


def _parts(in1: Segment, number: int, carried: int, context: Context) -> list[str]:
    """Return the components of a field, of which the first ones are carried; the others are reported."""
    context.at(in1, number)
    first, *others = in1.get(number).split(context.delimiters.repetition)
    if any(others):
        context.leave(Reason.REPEATED)
    context.only(context.components(first), frozenset(range(1, carried + 1)))
    return context.texts(first)


def _list_in(account: Resource, found: Resource) -> None:
    made: Json = {"coverage": found.reference}
    if "order" in found.body:
        made["priority"] = found.body["order"]
    account.append("coverage", made)
    account.owns.add("coverage")

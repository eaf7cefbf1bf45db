"""What a peer asks for: the head of its request as an interaction, or why it is refused (FHIR R4, http.html).

Only what writes is taken. A read, a search or an operation is no message: 405 or 404.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, cast
from urllib.parse import unquote_plus

from adapters.http.answers import Problem
from gateway.contract.fhir import PASSED_ON, TARGET, Interaction
from gateway.contract.meter import Rejection

Method = Literal["POST", "PUT", "PATCH", "DELETE"]
Fields = Sequence[tuple[str, str]]
"""The header fields of a request, in their order."""

RESOURCES = ("application/fhir+json", "application/json", "application/json+fhir", "text/json")
PATCHES = ("application/json-patch+json", "application/merge-patch+json", *RESOURCES)
TAKEN = ("*/*", "application/*", *RESOURCES)
"""Media ranges of which what the store answers is one."""
OF_FORMAT = ("_format", "_pretty")
"""Parameters of every request that say how the answer is written (R4 http.html 3.1.0.1.11): no condition."""
FORMATS = ("json", *RESOURCES, *(each.replace("+", " ") for each in RESOURCES))
VALUE = re.compile(r"[\t -~]{0,4096}")

NOT_FOUND = Problem(404, "not-found", "there is nothing to write to at this address; give the base, a type, or Type/ID")
NOT_ACCEPTABLE = Problem(406, "not-supported", "the answer is JSON; accept application/fhir+json")
TWICE = Problem(400, "invalid", "a header field is there twice", Rejection.PROTOCOL_ERROR)
NOT_A_VALUE = Problem(400, "invalid", "a header field has characters that are not ASCII", Rejection.PROTOCOL_ERROR)
CODED = Problem(
    415, "not-supported", "the body is compressed; send it as it is", None, (("Accept-Encoding", "identity"),)
)


def read_request(method: str, target: str, fields: Fields, base: str) -> Interaction | Problem:
    """Return what the peer asks for below the path *base*; *target* is as it stands in the request line."""
    path, _, query = target.partition("?")
    if path != base and not path.startswith(f"{base}/"):
        return NOT_FOUND
    resource = path[len(base) :].removeprefix("/").removesuffix("/")
    condition, formats = _without_format(query)
    url = f"{resource}?{condition}" if condition else resource
    if TARGET.fullmatch(url) is None:
        return NOT_FOUND
    allowed = _allowed(resource, condition)
    if method not in allowed:
        text = f"this address takes {' and '.join(allowed)} only; a conditional request needs its condition"
        return Problem(405, "not-supported", text, None, (("Allow", ", ".join(allowed)),))
    headers = _passed_on(fields)
    if isinstance(headers, Problem):
        return headers
    return _unfit(method, fields, formats) or Interaction(cast("Method", method), url, tuple(headers.items()))


def _without_format(query: str) -> tuple[str, list[str]]:
    """Return *query* without what says how to answer, and the formats that it names."""
    parts = [(each, unquote_plus(each.partition("=")[0])) for each in query.split("&") if each]
    condition = "&".join(each for each, name in parts if name not in OF_FORMAT)
    return condition, [unquote_plus(each.partition("=")[2]) for each, name in parts if name == "_format"]


def _allowed(resource: str, condition: str) -> Sequence[str]:
    if "/" in resource:
        return ("PUT", "PATCH", "DELETE")
    # Without a condition a DELETE would mean every resource of the type.
    return ("POST", "PUT", "PATCH", "DELETE") if resource and condition else ("POST",)


def _passed_on(fields: Fields) -> Mapping[str, str] | Problem:
    found: dict[str, str] = {}
    for wanted in PASSED_ON:
        values = list(_values(fields, wanted))
        if len(values) > 1:
            return TWICE
        if values and VALUE.fullmatch(values[0]) is None:
            return NOT_A_VALUE
        found |= dict.fromkeys([wanted] if values else [], "".join(values))
    return found


def _unfit(method: str, fields: Fields, formats: Sequence[str]) -> Problem | None:
    """Return what is wrong with the media types, or None."""
    if any(each.strip().lower() not in {"", "identity"} for each in _values(fields, "Content-Encoding")):
        return CODED
    if method != "DELETE" and (problem := _unfit_type("".join(_values(fields, "Content-Type")), method)):
        return problem
    accepted = [each for value in _values(fields, "Accept") for each in value.split(",") if each.strip()]
    if formats:
        return None if all(each.partition(";")[0].strip().lower() in FORMATS for each in formats) else NOT_ACCEPTABLE
    return NOT_ACCEPTABLE if accepted and not any(map(_is_taken, accepted)) else None


def _unfit_type(value: str, method: str) -> Problem | None:
    media, *parameters = (each.strip().lower() for each in value.split(";"))
    wanted = PATCHES if method == "PATCH" else RESOURCES
    charset = next((each.removeprefix("charset=").strip('"') for each in parameters if each.startswith("charset=")), "")
    if media in wanted and charset in {"", "utf-8", "utf8", "us-ascii"}:
        return None
    text = f"the body must be JSON in UTF-8; set Content-Type to {wanted[0]}"
    header = "Accept-Patch" if method == "PATCH" else "Accept-Post" if method == "POST" else "Accept"
    return Problem(415, "not-supported", text, None, ((header, ", ".join(wanted[:2])),))


def _is_taken(accepted: str) -> bool:
    media, *parameters = (each.strip().lower() for each in accepted.split(";"))
    return media in TAKEN and not any(re.fullmatch(r"q=0(?:\.0*)?", each) for each in parameters)


def _values(fields: Fields, wanted: str) -> Iterator[str]:
    return (value for name, value in fields if name.lower() == wanted.lower())

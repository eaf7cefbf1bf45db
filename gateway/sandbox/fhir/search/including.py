"""``_include`` and ``_revinclude``: the resources that matches point to, and those that point to matches."""

from collections.abc import Iterable, Iterator

from gateway.sandbox.fhir.definitions.parameters import Parameter, find_parameter, parameters
from gateway.sandbox.fhir.outcome import bad_query
from gateway.sandbox.fhir.search.index import number_of
from gateway.sandbox.fhir.session import Held, Session, held_of

MOST_INCLUDED = 5000
_COLUMNS = "r.rid, r.type, r.id, r.version, r.method, r.body"


def included(session: Session, includes: list[tuple[str, str]], matches: list[Held]) -> list[Held]:
    """Return what comes with the matches, each resource once and none that is a match itself."""
    known = {each.rid for each in matches}
    found: list[Held] = []
    once = [_Include(name, value) for name, value in includes]
    latest = _new(session, once, matches, known)
    again = [each for each in once if each.iterate]
    while latest and len(found) < MOST_INCLUDED:
        found += latest
        latest = _new(session, again, latest, known)
    return found[:MOST_INCLUDED]


def _new(session: Session, includes: list["_Include"], sources: list[Held], known: set[int]) -> list[Held]:
    found = []
    for include in includes:
        for held in include.of(session, sources):
            if held.rid not in known:
                known.add(held.rid)
                found.append(held)
    return found


class _Include:
    """One ``_include`` or ``_revinclude``: ``Type:code``, ``Type:code:Target`` or ``*``."""

    def __init__(self, name: str, value: str) -> None:
        plain, _, modifier = name.partition(":")
        if modifier not in {"", "iterate", "recurse"}:
            raise bad_query(f"the modifier of {plain} is not supported")
        self.iterate = bool(modifier)
        self._reverse = plain == "_revinclude"
        self._type, _, rest = value.partition(":")
        code, _, self._target = rest.partition(":")
        self._parameters = list(_references(self._type, code or "*"))
        if not self._parameters:
            raise bad_query(f"{plain} names no reference that R4 defines")

    def of(self, session: Session, sources: list[Held]) -> Iterator[Held]:
        """Yield what the sources bring with them."""
        if self._reverse:
            yield from self._pointing_to(session, sources)
        else:
            yield from self._pointed_to(session, sources)

    def _pointed_to(self, session: Session, sources: list[Held]) -> Iterator[Held]:
        numbers = self._numbers(session, {each.type for each in sources})
        for source in sources:
            if numbers and (self._type in {source.type, "*"}):
                yield from _held(
                    session,
                    f"SELECT {_COLUMNS} FROM fhir_reference x JOIN fhir_resources r"  # noqa: S608 - fixed names
                    " ON r.store = ? AND r.type = x.type AND r.id = x.target AND r.deleted = 0"
                    f" WHERE x.rid = ? AND x.p IN ({numbers}) AND (? = '' OR x.type = ?)",
                    (session.store, source.rid, self._target, self._target),
                )

    def _pointing_to(self, session: Session, sources: list[Held]) -> Iterator[Held]:
        numbers = self._numbers(session, None)
        for source in sources:
            if self._target in {"", source.type}:
                yield from _held(
                    session,
                    f"SELECT {_COLUMNS} FROM fhir_reference x JOIN fhir_resources r"  # noqa: S608 - fixed names
                    f" ON r.rid = x.rid AND r.deleted = 0 WHERE x.p IN ({numbers}) AND x.target = ? AND x.type = ?",
                    (source.id, source.type),
                )

    def _numbers(self, session: Session, types: set[str] | None) -> str:
        # Numbers that this program made, not text of the client.
        wanted = [each for each in self._parameters if types is None or each.type in types]
        return ", ".join(str(number_of(session.store, each.type, each.code)) for each in wanted)


def _references(kind: str, code: str) -> Iterable[Parameter]:
    if code != "*":
        parameter = find_parameter(kind, code)
        return [parameter] if parameter is not None and parameter.kind == "reference" else []
    types = parameters() if kind == "*" else [kind]
    every = (each for one in types for each in parameters().get(one, {}).values())
    return [each for each in every if each.kind == "reference"]


def _held(session: Session, statement: str, values: tuple[object, ...]) -> Iterator[Held]:
    for row in session.connection.execute(statement, values).fetchall():
        yield held_of(row)

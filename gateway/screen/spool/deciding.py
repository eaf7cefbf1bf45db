"""What an operator decides about entries of the spool: first a count of what is meant, then the act, with a reason.

The form of the count holds the number of entries that it has shown. If more match when it is sent, the count is shown
again: nobody decides on a message that they have not been told of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.admin.spool_acts import Actor, SpoolActs
from gateway.admin.spool_report import in_order
from gateway.contract.errors import ConfigError
from gateway.screen.spool.remembering import Remembered
from gateway.screen.spool.selecting import Fields, filters_in, words_of
from gateway.spool import Selection, Total
from gateway.spool.operating.destinations import require_delivered
from gateway.spool.operating.requests import DECISION, find_decided
from gateway.spool.operating.selection import read_reason

RETRY, DISCARD = "retry", "discard"
VERBS = (RETRY, DISCARD)
NOTHING = "no waiting or parked message is selected any more, so there is nothing to decide"
GROWN = "more messages match now than were counted before; look at the new count"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked back before an act is done."""

    verb: str
    words: Mapping[str, object]
    """Which entries are meant."""
    totals: Sequence[Total]
    act: str
    reason: str = ""
    fault: str = ""
    """What was wrong with the form that came before."""

    @property
    def count(self) -> int:
        """How many entries are meant."""
        return sum(each.count for each in self.totals)

    @property
    def destinations(self) -> list[str]:
        """The destinations of these entries."""
        return list(dict.fromkeys(each.destination for each in self.totals))


@dataclass(frozen=True, slots=True)
class Form:
    """A form, as it was sent."""

    verb: str
    words: Mapping[str, object]
    act: str = ""
    counted: int = -1
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_confirmed(self) -> bool:
        """Whether it comes from the page that has shown the count."""
        return bool(self.act)


def read_form(verb: str, fields: Fields) -> Form:
    """Return the form in *fields*; raises ConfigError if it is not one of these pages."""
    given = list(fields)
    words = words_of(given, (*DECISION, "ids"))
    own = words_of(given, ("act", "count", "reason"))
    count = str(own.get("count", "-1"))
    if not count.removeprefix("-").isdecimal() or len(count) > 12:
        raise ConfigError("count: is not a number; go back and open the form again")
    extra = {"reason": own["reason"]} if "reason" in own else {}
    return Form(verb, filters_in(words), str(own.get("act", ""))[:40], int(count), extra)


class Deciding:
    """Asks back, and does what was decided."""

    def __init__(self, acts: SpoolActs) -> None:
        self._acts = acts
        self.remembered = Remembered()

    async def ask(self, form: Form, now: float, fault: str = "") -> Asked:
        """Return what would be done; raises GatewayError if it cannot be done at all."""
        _, totals = await self._meant(form, now)
        reason = str(form.extra.get("reason", ""))
        return Asked(form.verb, form.words, totals, self.remembered.new(), reason, fault)

    async def decide(self, form: Form, actor: Actor, now: float) -> Asked | str:
        """Do what *form* says and return the number of the act; or ask back once more."""
        if not form.is_confirmed:
            return await self.ask(form, now)
        if self.remembered.result(form.act) is not None:
            return form.act
        selection, totals = await self._meant(form, now)
        try:
            reason = read_reason(form.extra)
        except ConfigError as error:
            return await self.ask(form, now, str(error))
        if sum(each.count for each in totals) > form.counted:
            return await self.ask(form, now, GROWN)
        if self.remembered.begin(form.act):
            await self._do(form, selection, actor, reason)
        return form.act

    async def _do(self, form: Form, selection: Selection, actor: Actor, reason: str) -> None:
        try:
            done = await (self._acts.retry if form.verb == RETRY else self._acts.discard)(selection, actor, reason)
        except BaseException:
            self.remembered.failed(form.act)
            raise
        self.remembered.done(form.act, done)

    async def _meant(self, form: Form, now: float) -> tuple[Selection, Sequence[Total]]:
        operations = self._acts.operations
        selection = await find_decided(operations, form.words, now, self._acts.names)
        if form.verb == RETRY:
            await require_delivered(operations, selection, self._acts.destinations)
        totals = in_order(await operations.totals_by_reason(selection))
        if not any(each.count for each in totals):
            raise ConfigError(NOTHING)
        return selection, totals

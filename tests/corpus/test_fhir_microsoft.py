"""Microsoft's expected bundles for their test messages: what they say, this converter says too, or a rule says why not.

A fact is a value at a path of a type of resource. ``microsoft.tsv`` has the rules: facts of classes that are wrong
there are *excluded*, with the reason; of the others at least 97 % are ours, and each that is not is *explained*.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from adapters.fhir.context import Options
from adapters.fhir.convert import CONVERTERS, Conversion, convert
from adapters.hl7.er7 import Header
from adapters.mllp.sending.files import messages_in

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
EXPECTED = sorted((CORPUS / "fhir" / "microsoft").glob("*.expected.json"))
pytestmark = pytest.mark.skipif(not EXPECTED, reason="the corpus is not beside the repository")

OPTIONS = Options(ZoneInfo("Asia/Kolkata"))
"""The zone of the machine on which the expected bundles were made."""
KINDS = ("ADT", "ORU")
LEAST = 0.97
NO_FACTS = {"reference", "id", "resourceType", "meta"}
"""What another converter names otherwise: identities and links, which other tests check."""


class Rule(NamedTuple):
    """A line of the table."""

    fate: str
    fact: re.Pattern[str]
    reason: str


@cache
def rules() -> list[Rule]:
    """Return the rules; the first one that matches a fact counts."""
    lines = Path(__file__).with_name("microsoft.tsv").read_text("utf-8").splitlines()[1:]
    rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [Rule(fate, re.compile(fact), reason) for fate, fact, reason in rows]


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield path and value of each primitive; times as instants, texts without doubled blanks."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in NO_FACTS:
                yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    else:
        yield ".".join(path), plain(value)


def plain(value: Any) -> str:
    """Return a value as text that can be compared."""
    text = " ".join(str(value).split())
    return datetime.fromisoformat(text).astimezone(UTC).isoformat() if re.match(r"\d{4}-\d\d-\d\dT", text) else text


def facts(bundle: Any) -> Iterator[str]:
    """Yield each fact of a bundle: ``Patient.name.family=EVERYMAN``."""
    for entry in bundle["entry"]:
        resource = entry["resource"]
        # A person without a system of its number is nobody whom another message could mean.
        named = any("system" in each and "value" in each for each in _listed(resource.get("identifier", [])))
        kind = resource["resourceType"] + ("" if named else "?")
        yield from (f"{kind}.{path}={value}" for path, value in leaves(resource))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def compared() -> Iterator[tuple[str, bool, Rule | None]]:
    """Yield each expected fact, whether our bundle has it, and the rule for it."""
    for path in EXPECTED:
        message = CORPUS / "hl7" / "microsoft" / path.name.replace(".expected.json", ".hl7")
        data = messages_in(message.read_bytes())[0]
        header = Header.parse(data)
        if header is None or header.text(9) not in KINDS or (header.text(9), header.text(9, 2)) not in CONVERTERS:
            continue
        made = convert(data, OPTIONS)
        assert isinstance(made, Conversion)
        ours = {each.replace("?.", ".", 1) for each in facts(json.loads(made.encoded()))}
        event = header.text(9, 2)
        for each in facts(json.loads(path.read_text("utf-8-sig"))):
            rule = next((rule for rule in rules() if rule.fact.match(f"{event} {each}")), None)
            yield each, each.replace("?.", ".", 1) in ours, rule


def test_agreement(record_property: Callable[[str, object], None]) -> None:
    """At least 97 % of the facts that are not of a wrong class are ours too; each other one has a rule."""
    counts: Counter[str] = Counter()
    reasons: Counter[tuple[str, str]] = Counter()
    unexplained: Counter[str] = Counter()
    for fact, is_ours, rule in compared():
        fate = rule.fate if rule else ""
        counts["all"] += 1
        if fate == "excluded":
            counts["excluded"] += 1
        elif is_ours:
            counts["ours"] += 1
        elif not fate:
            unexplained[fact] += 1
        if rule and (fate == "excluded" or not is_ours):
            reasons[fate, rule.reason] += 1
    for (fate, reason), count in reasons.most_common():
        print(f"{count:6} {fate}: {reason}")  # noqa: T201  the counts are a result
    considered = counts["all"] - counts["excluded"]
    share = counts["ours"] / considered
    print(f"{counts['ours']} of {considered} facts, {share:.2%}; {counts['excluded']} excluded")  # noqa: T201
    record_property("share", share)
    assert [] == [each for each, _ in unexplained.most_common(40)]
    assert share >= LEAST


def test_rules_are_used() -> None:
    """No rule is left for a difference that is none any more."""
    used = {rule.fact.pattern for _, is_ours, rule in compared() if rule and (rule.fate == "excluded" or not is_ours)}
    assert [] == [rule.fact.pattern for rule in rules() if rule.fact.pattern not in used]

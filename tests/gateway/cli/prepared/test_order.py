"""Which records may be sent at the same time."""

from gateway.cli.prepared.order import Order, Settle


def order(*records: tuple[str, str | None]) -> Order[str]:
    """Return an order with records, each a name and a patient; the name begins with the type."""
    made: Order[str] = Order()
    for name, patient in records:
        assert made.put(name, patient, name[0])
    return made


def taken(from_order: Order[str]) -> dict[str, Settle[str]]:
    """Return all records that may be sent now, and how they are settled."""
    found = {}
    while each := from_order.take():
        found[each[0]] = each[1]
    return found


def test_patients_side_by_side() -> None:
    """Records of one patient come one after the other; another patient does not wait."""
    made = order(("a1", "A"), ("a2", "A"), ("b1", "B"))
    first = taken(made)
    assert (["a1", "b1"], 3) == (list(first), len(made))
    first["a1"]()
    assert (["a2"], 2) == (list(taken(made)), len(made))


def test_everybody_waits_for_what_has_no_patient() -> None:
    """Records about no patient come before what is behind them; those of one type come side by side."""
    made = order(("o1", None), ("o2", None), ("p1", None), ("a1", "A"), ("p2", None))
    order_of_all = []
    while now := taken(made):
        order_of_all.append(sorted(now))
        for settle in now.values():
            settle()
    assert ([["o1", "o2"], ["p1"], ["a1"], ["p2"]], 0) == (order_of_all, len(made))


def test_held() -> None:
    """Behind a record that is not stored, those of its patient are given back, also those that come later."""
    made = order(("a1", "A"), ("a2", "A"), ("b1", "B"), ("o1", None), ("a3", "A"), ("a4", "A"), ("b2", "B"))
    first = taken(made)
    assert ["a2", "a3", "a4"] == first["a1"](stored=False)
    assert not made.put("a5", "A", "a")
    first["b1"]()
    taken(made)["o1"]()
    assert (["b2"], 1) == (list(taken(made)), len(made))


def test_a_stage_that_only_held_records_are_in() -> None:
    """An empty stage does not stop those behind it."""
    made = order(("a1", "A"), ("o1", None), ("a2", "A"), ("p1", None))
    taken(made)["a1"](stored=False)
    taken(made)["o1"]()
    assert ["p1"] == list(taken(made))


def test_not_stored_without_a_patient() -> None:
    """A record about no patient holds nobody by itself: the sending stops."""
    made = order(("o1", None), ("a1", "A"))
    assert [] == taken(made)["o1"](stored=False)
    assert ["a1"] == list(taken(made))

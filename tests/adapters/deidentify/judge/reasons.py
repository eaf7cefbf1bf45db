"""Why an element gets another action here than in dicom-anonymizer, by the kind of the difference."""

CONDITION = "by the type of the attribute in its object (PS3.15 table E.1-1a); there by the strongest letter, always"
ITEMS = "each item of each sequence is looked at here; there some sequences stay as they are"
SEQUENCE = "a whole sequence gets dummies or nothing there; here its items are looked at one by one"
OWN = "it contains a name, number, date or UID by which the object names its patient, place or device"
PSEUDONYM = "a pseudonym, so that the objects of a patient, an order or an accession stay together"
DUMMY = "nothing is a value for Z; there a dummy is put in, in dates 00010101, which is no date of DICOM"


def reason(rule: str, ours: str, theirs: str) -> str:  # noqa: PLR0911  one row for each kind
    """Return the reason; raises LookupError for a kind of difference that nobody has looked at yet."""
    is_listed = not rule.startswith(("not", "private"))
    if is_listed and theirs == "kept":
        return ITEMS
    if rule == "U" and theirs in {"emptied", "removed"}:
        return SEQUENCE
    if rule in {"Z", "Z/D"} and (ours, theirs) == ("replaced", "emptied"):
        return PSEUDONYM
    if rule == "Z" and (ours, theirs) == ("emptied", "replaced"):
        return DUMMY
    if "/" in rule and is_listed:
        return CONDITION
    if rule.startswith("not listed") and ours == "kept" and theirs in {"replaced", "emptied", "removed"}:
        return SEQUENCE
    if rule.startswith("not listed") and ours in {"replaced", "removed"}:
        return OWN
    raise LookupError(f"no reason is known for: {rule}, {ours}, {theirs}")

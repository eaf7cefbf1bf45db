"""Finds what an infoType names in a text, by its form: the kinds of ``info_types.BY_FORM``.

Where the form says too little, more is taken than less: a number of ten digits may be a telephone's.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
DATE = (
    r"(?<!\d)(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4,6})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ -]{MONTHS}\.?,?[ -]\d{{2,4}}|(?:19|20)\d{{2}})(?!\d)"
    rf"|\b{MONTHS}\.? \d{{1,2}}(?:st|nd|rd|th)?,? ?(?:\d{{4}})?(?!\d)|\b{MONTHS}\.? \d{{4}}(?!\d)"
)
AGE = r"(?<!\d)\d{1,3}[- ]?(?:years?|yrs?|y/?o|months?|weeks?|days?)[- ]?(?:old)?\b|\b(?:age|aged)[: ]{1,2}\d{1,3}\b"
REST = r"[^\s<>\"']{0,2000}[^\s<>\"'.,;:!?)]"
OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
SIX = r"(?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: where, and what it is."""

    start: int
    end: int
    info_type: str


def find(text: str, info_types: Collection[str]) -> list[Found]:
    """Return what was found, in order; of two that overlap, the one that begins first, and of these the longer."""
    every = [each for name in FORMS if name in info_types for each in _of_form(name, text)]
    found: list[Found] = []
    for each in sorted(every, key=lambda one: (one.start, -one.end)):
        if not found or each.start >= found[-1].end:
            found.append(each)
        elif each.end > found[-1].end:  # the rest of it must not stay
            found.append(Found(found[-1].end, each.end, each.info_type))
    return found


def _of_form(name: str, text: str) -> Iterator[Found]:
    check = CHECKS.get(name)
    for each in FORMS[name].finditer(text):
        if each.end() > each.start() and (check is None or check(each[0])):
            yield Found(each.start(), each.end(), name)


def _digits(text: str) -> list[int]:
    return [int(each) for each in text if each.isdigit()]


def is_ip(text: str) -> bool:
    """Whether it is an address; one with colons may be a time of day."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_long(text: str) -> bool:
    """Whether there are as many digits as the shortest telephone numbers with an area have, and not more than E.164."""
    return 7 <= sum(map(str.isdigit, text)) <= 17  # with 00 in front


def is_luhn(text: str) -> bool:
    """Whether the last digit is right by ISO/IEC 7812-1."""
    digits = _digits(text)[::-1]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * each, 10)) for each in digits[1::2]) % 10


def is_npi(text: str) -> bool:
    """Whether the last digit is right for a National Provider Identifier, which has the prefix 80840."""
    return is_luhn(f"80840{text}")


def is_iban(text: str) -> bool:
    """Whether the check digits are right (ISO 13616)."""
    text = text.replace(" ", "").upper()
    return int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97 == 1


def is_ssn(text: str) -> bool:
    """Whether the number can have been given to somebody."""
    area, group, serial = (number := "".join(each for each in text if each.isdigit()))[:3], number[3:5], number[5:]
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def is_vin(text: str) -> bool:
    """Whether the ninth character is right (49 CFR 565.15)."""
    values = [VIN_VALUES.get(each) for each in text.upper()]
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    if None in values:
        return False
    rest = sum((value or 0) * weight for value, weight in zip(values, weights, strict=True)) % 11
    return text[8].upper() == ("X" if rest == 10 else str(rest))


VIN_VALUES = {
    **{str(each): each for each in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
FORMS: Mapping[str, re.Pattern[str]] = {
    "AGE": re.compile(AGE, re.IGNORECASE),
    "CREDIT_CARD_NUMBER": re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)"),
    "DATE": re.compile(DATE, re.IGNORECASE),
    "EMAIL_ADDRESS": re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
    "IBAN_CODE": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", re.IGNORECASE),
    "IP_ADDRESS": re.compile(rf"(?<![\d.]){OCTET}(?:\.{OCTET}){{3}}(?![\d.]*\d)|{SIX}"),
    "MAC_ADDRESS": re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])"),
    "URL": re.compile(rf"\b(?:https?|ftp)://{REST}|\bwww\.[\w-]+\.{REST}", re.IGNORECASE),
    "US_HEALTHCARE_NPI": re.compile(r"(?<!\d)[12]\d{9}(?!\d)"),
    "US_SOCIAL_SECURITY_NUMBER": re.compile(r"(?<!\d)\d{3}([- ]?)\d{2}\1\d{4}(?!\d)"),
    "VEHICLE_IDENTIFICATION_NUMBER": re.compile(r"\b[A-HJ-NPR-Z0-9]{17}\b", re.IGNORECASE),
    # The last, since it says the least: what is as long and of another kind comes first.
    "PHONE_NUMBER": re.compile(r"(?<![\w.])(?:\+|00)?\(?\d{1,5}\)?(?:[ ./()-]{0,2}\d{1,5}){1,6}(?!\w)"),
}
CHECKS: Mapping[str, Callable[[str], bool]] = {
    "IP_ADDRESS": is_ip,
    "PHONE_NUMBER": is_long,
    "CREDIT_CARD_NUMBER": is_luhn,
    "IBAN_CODE": is_iban,
    "US_HEALTHCARE_NPI": is_npi,
    "US_SOCIAL_SECURITY_NUMBER": is_ssn,
    "VEHICLE_IDENTIFICATION_NUMBER": is_vin,
}

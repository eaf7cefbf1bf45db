"""Functions for values that are one word in FHIR, or a comment of which there is only the text."""

from adapters.fhir import codes
from adapters.fhir.bundle import Json
from adapters.fhir.context import Context
from adapters.fhir.report import Reason
from adapters.fhir.times import read_time

YES_NO = {"Y": True, "YES": True, "TRUE": True, "1": True, "N": False, "NO": False, "FALSE": False, "0": False}


def date(raw: str, context: Context, _: str = "") -> str | None:
    """DT, DTM: return the day, without a time of it."""
    time = context.time(raw)
    return time.date if time else None


def time_of_birth(raw: str, context: Context, _: str = "") -> str | None:
    """Return the time of birth; a date alone is in birthDate already, whose row has reported a time in another form."""
    time = read_time(context.delimiters.text(raw.split(context.delimiters.component, 1)[0]))
    if time is None or not (time.clock or time.is_cut):
        return None
    if time.clock and context.zone_of(time):
        return context.date_time(raw)
    context.leave(Reason.NO_TIME_ZONE if time.clock else Reason.NOT_WHOLE)
    return None


def boolean(raw: str, context: Context, _: str = "") -> bool | None:
    """ID of table 0136: return yes or no."""
    text = context.delimiters.text(raw).upper()
    if text and text not in YES_NO:
        context.leave(Reason.NOT_IN_TABLE)
    return YES_NO.get(text)


def integer(raw: str, context: Context, _: str = "") -> int | None:
    """NM: return a number above 0."""
    text = context.delimiters.text(raw)
    if text.isascii() and text.isdigit() and 0 < int(text[:10]) < 2**31:
        return int(text[:10])
    if text:
        context.leave(Reason.UNREADABLE)
    return None


def count(raw: str, context: Context, _: str = "") -> int | None:
    """Return a number that may be 0."""
    text = context.delimiters.text(raw)
    if text.isascii() and text.isdigit() and int(text[:10]) < 2**31:
        return int(text[:10])
    if text:
        context.leave(Reason.UNREADABLE)
    return None


def string(raw: str, context: Context, _: str = "") -> str | None:
    """ST: return a text."""
    return context.delimiters.text(raw) or None


def note(raw: str, context: Context, _: str = "") -> Json | None:
    """ST: return a comment."""
    text = context.delimiters.text(raw)
    return {"text": text} if text else None


def words(raw: str, context: Context, _: str = "") -> Json | None:
    """Return the words of a coded value as a comment."""
    parts = context.texts(raw)
    text = " ".join(each for each in (parts[1:2] if parts[1:2] != [""] else []) or parts[:1] if each)
    return {"text": text} if text else None


def remark(raw: str, context: Context, _: str = "") -> Json | None:
    """CWE: return what people read of it, as a comment."""
    made = codes.concept(raw, context) or {}
    text = made.get("text") or next((each.get("display") or each["code"] for each in made.get("coding", ())), None)
    return {"text": text} if text else None


def date_time(raw: str, context: Context, _: str = "") -> str | None:
    """DTM: return a day or a time, as far as it was sent."""
    return context.date_time(raw)


def instant(raw: str, context: Context, _: str = "") -> str | None:
    """DTM: return a moment; nothing if the time is not whole."""
    return context.instant(raw)

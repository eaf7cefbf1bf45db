"""Replies of endpoints and stores to an HL7 message that were seen in practice, and what each means.

Each row is a status, a body and what it means for the message ASKED: that it is stored, or what is to be expected of
sending it again. A store's own acknowledgement is relayed where the row has OWN.
"""

from base64 import b64encode
from dataclasses import dataclass
from typing import Literal

from gateway.contract.outlook import Outlook

ASKED = b"MSH|^~\\&|P|B|S|A|20240501||ADT^A01|42|P|2.5\rPID|||1||DOE^JOHN\r"
ACK = b"MSH|^~\\&|S|A|P|B|20240501||ACK^A01^ACK|1|P|2.5\rMSA|AA|42\r"


@dataclass(frozen=True, slots=True)
class Answer:
    """One row."""

    status: int
    body: bytes
    means: Outlook | Literal["stored"]
    relayed: bool = False
    """Whether the peer gets the acknowledgement byte for byte in relay mode."""


def nack(code: str, *segments: str, msa: str = "42") -> bytes:
    """Return an acknowledgement with this MSA-1, and more *segments* behind MSA."""
    return "\r".join([ACK.decode().splitlines()[0], f"MSA|{code}|{msa}", *segments, ""]).encode()


def of_2_3(code: str) -> str:
    """Return an ERR segment of HL7 2.3."""
    return f"ERR|PID^1^3^{code}&text&HL70357"


FINAL, DOUBTFUL, TEMPORARY, BUSY = Outlook
STORED: Literal["stored"] = "stored"
OWN = True
AE = nack("AE")

ACKNOWLEDGEMENTS: dict[str, Answer] = {
    # positive
    "AA": Answer(200, ACK, STORED, OWN),
    "CA": Answer(200, nack("CA"), STORED, OWN),
    "AA with 201": Answer(201, ACK, STORED, OWN),
    "AA, segments end with LF": Answer(200, ACK.replace(b"\r", b"\n"), STORED, OWN),
    "AA, segments end with CR LF": Answer(200, ACK.replace(b"\r", b"\r\n"), STORED, OWN),
    "AA without the last CR": Answer(200, ACK[:-1], STORED, OWN),
    "AA in an MLLP block": Answer(200, b"\x0b" + ACK + b"\x1c\r", STORED, OWN),
    "AA after a byte order mark": Answer(200, b"\xef\xbb\xbf" + ACK, STORED, OWN),
    "AA with blanks around": Answer(200, nack(" AA "), STORED, OWN),
    "AA with another field separator": Answer(200, ACK.replace(b"|", b"#"), STORED, OWN),
    "AA without MSA-2": Answer(200, ACK.replace(b"|42", b""), STORED, OWN),
    "AA, MSA-2 with blanks": Answer(200, nack("AA", msa=" 42 "), STORED, OWN),
    "AA with a text": Answer(200, nack("AA", msa="42|all is well"), STORED, OWN),
    "AA with SFT before MSA": Answer(200, ACK.replace(b"\rMSA", b"\rSFT|S|1\rMSA"), STORED, OWN),
    "AA with a warning": Answer(200, nack("AA", "ERR|||103|W"), STORED, OWN),
    "a response to a query": Answer(200, nack("AA", "QAK|1|OK").replace(b"ACK^A01^ACK", b"RSP^K11"), STORED, OWN),
    # negative
    "AE": Answer(200, AE, FINAL, OWN),
    "AE with 500, HAPI's way": Answer(500, AE, FINAL, OWN),
    "AE with 503": Answer(503, AE, FINAL, OWN),
    "CE": Answer(200, nack("CE"), FINAL, OWN),
    "AE, a required field missing": Answer(200, nack("AE", "ERR||PID^1^3|101^missing^HL70357|E"), FINAL, OWN),
    "AE, the record is locked": Answer(200, nack("AE", "ERR|||206^locked^HL70357|E"), TEMPORARY, OWN),
    "AE, an internal error": Answer(200, nack("AE", "ERR|||207|F"), TEMPORARY, OWN),
    "AE, an internal error in 2.3": Answer(200, nack("AE", of_2_3("207")), TEMPORARY, OWN),
    "AE, an internal error in MSA-6": Answer(200, nack("AE", msa="42||||207"), TEMPORARY, OWN),
    "AE, a code of its own": Answer(200, nack("AE", "ERR|||E1700|E"), FINAL, OWN),
    "AE, locked and a field missing": Answer(200, nack("AE", "ERR|||206|E", "ERR|||101|E"), FINAL, OWN),
    "AE, a warning that it is locked": Answer(200, nack("AE", "ERR|||206|W"), FINAL, OWN),
    "AR": Answer(200, nack("AR"), DOUBTFUL, OWN),
    "AR with 400, HAPI's way": Answer(400, nack("AR"), DOUBTFUL, OWN),
    "AR with a text": Answer(200, nack("AR", msa="42|system down"), DOUBTFUL, OWN),
    "CR": Answer(200, nack("CR"), DOUBTFUL, OWN),
    "AR, an unsupported type": Answer(200, nack("AR", "ERR|||200|E"), FINAL, OWN),
    "AR, an unsupported version in 2.3": Answer(200, nack("AR", of_2_3("203")), FINAL, OWN),
    "AR, an internal error": Answer(200, nack("AR", "ERR|||207|E"), TEMPORARY, OWN),
    "CR, an internal error, with 503": Answer(503, nack("CR", "ERR|||207|E"), TEMPORARY, OWN),
    "AE and a page behind it": Answer(200, AE + b"<html>", FINAL, OWN),
    # about another message
    "another's AA": Answer(200, nack("AA", msa="41"), DOUBTFUL),
    "another's AE": Answer(200, nack("AE", msa="41"), DOUBTFUL),
    "another's AE with 400": Answer(400, nack("AE", msa="41"), FINAL),
    "another's AE with 503": Answer(503, nack("AE", msa="41"), BUSY),
    "a longer MSA-2": Answer(200, nack("AA", msa="421"), DOUBTFUL),
    # the status says something else
    "AA with 400": Answer(400, ACK, FINAL),
    "AA with 500": Answer(500, ACK, DOUBTFUL),
    "AA with 503": Answer(503, ACK, DOUBTFUL),
    # not to be read
    "AA in lower case": Answer(200, nack("aa"), DOUBTFUL),
    "an unknown code": Answer(200, nack("AX"), DOUBTFUL),
    "no code": Answer(200, nack(""), DOUBTFUL),
    "no MSA": Answer(200, ACK[: ACK.index(b"MSA")], DOUBTFUL),
    "half": Answer(200, ACK[:-8], DOUBTFUL),
    "AA and AE": Answer(200, ACK + b"MSA|AE|42\r", DOUBTFUL),
    "two acknowledgements": Answer(200, ACK + AE, DOUBTFUL),
    "a batch": Answer(200, b"BHS|^~\\&\r" + ACK + b"BTS|1\r", DOUBTFUL),
    "the message itself": Answer(200, ASKED, DOUBTFUL),
    "MSA alone": Answer(200, b"MSA|AA|42\r", DOUBTFUL),
    "MSA alone, AE": Answer(200, b"MSA|AE|42\r", DOUBTFUL),
    "XML": Answer(200, b"<ACK><MSA><MSA.1>AE</MSA.1></MSA></ACK>", DOUBTFUL),
    "UTF-16": Answer(200, AE.decode().encode("utf-16"), DOUBTFUL),
    "base64": Answer(200, b64encode(AE), DOUBTFUL),
    "base64 in JSON": Answer(200, b'{"ack":"' + b64encode(AE) + b'"}', DOUBTFUL),
    "quoted": Answer(200, b'"MSH|^~\\\\&|S\\rMSA|AE|42\\r"', DOUBTFUL),
    "nothing": Answer(200, b"", DOUBTFUL),
    "no content": Answer(204, b"", DOUBTFUL),
    "OK": Answer(200, b"OK", DOUBTFUL),
    "a page": Answer(200, b"<!DOCTYPE html><html>", DOUBTFUL),
    "an error in JSON with 200": Answer(200, b'{"error": {"code": 500}}', DOUBTFUL),
    # the status alone
    "a redirect": Answer(302, b"", TEMPORARY),
    "bad request": Answer(400, b"", FINAL),
    "not authorised": Answer(401, b"", TEMPORARY),
    "forbidden": Answer(403, b"<html>", TEMPORARY),
    "not found": Answer(404, b"", TEMPORARY),
    "time out": Answer(408, b"", TEMPORARY),
    "conflict": Answer(409, b"", FINAL),
    "too large": Answer(413, b"", FINAL),
    "too early": Answer(425, b"", BUSY),
    "too many": Answer(429, b"", BUSY),
    "a server error": Answer(500, b"", TEMPORARY),
    "a bad gateway": Answer(502, b"<html>", TEMPORARY),
    "out of service": Answer(503, b"", BUSY),
    "a gateway's time out": Answer(504, b"", TEMPORARY),
}

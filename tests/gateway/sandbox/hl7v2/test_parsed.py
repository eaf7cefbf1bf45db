"""A message as Google's ParsedData."""

from gateway.sandbox.hl7v2.parsed import parsed_data


def test_parsed() -> None:
    """Fields have positional keys; only what is divided has deeper ones; empty values are left out."""
    message = b"MSH|^~\\&|APP||||20240102||ADT^A01\rPID|7||1^^^H&1.2&ISO~2||\rZZ1|x\r"
    assert parsed_data(message) == {
        "segments": [
            {
                "segmentId": "MSH",
                "setId": "",
                "fields": {"0": "MSH", "1": "|", "2": "^~\\&", "3": "APP", "7": "20240102", "9.1": "ADT", "9.2": "A01"},
            },
            {
                "segmentId": "PID",
                "setId": "7",
                "fields": {
                    "0": "PID",
                    "1": "7",
                    "3[0].1": "1",
                    "3[0].4.1": "H",
                    "3[0].4.2": "1.2",
                    "3[0].4.3": "ISO",
                    "3[1]": "2",
                },
            },
            {"segmentId": "ZZ1", "setId": "", "fields": {"0": "ZZ1", "1": "x"}},
        ]
    }

"""hl7apy as a receiver, which closes the connection behind each answer: prints MSH-10 of each message."""

import sys

from hl7apy.mllp import AbstractHandler, MLLPServer


class Acknowledging(AbstractHandler):  # type: ignore[misc]
    """Acknowledges each message."""

    def reply(self) -> str:
        """Return the answer."""
        control_id = self.incoming_message.split("\r")[0].split("|")[9]
        print(control_id, flush=True)
        return f"\x0bMSH|^~\\&|R|R|S|S|20260101||ACK|1|P|2.5\rMSA|AA|{control_id}\r\x1c\r"


MLLPServer("127.0.0.1", int(sys.argv[1]), {"ADT^A01^ADT_A01": (Acknowledging,)}).serve_forever()

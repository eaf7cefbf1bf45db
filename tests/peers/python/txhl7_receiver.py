"""txHL7 as a receiver, on Twisted: prints MSH-10 of each message that it acknowledges."""

import sys
from typing import Any

from twisted.internet import defer, reactor
from txHL7.mllp import MLLPFactory
from txHL7.receiver import AbstractHL7Receiver


class Acknowledging(AbstractHL7Receiver):  # type: ignore[misc]
    """Acknowledges each message."""

    def handleMessage(self, container: Any) -> Any:  # noqa: N802  Twisted's name
        """Return the answer."""
        print(container.message.segment("MSH")[10], flush=True)
        return defer.succeed(container.ack())


reactor.listenTCP(int(sys.argv[1]), MLLPFactory(Acknowledging()), interface="127.0.0.1")
reactor.run()

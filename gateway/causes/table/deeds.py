"""The verbs that rows of the table share."""

from gateway.causes.rows import Deed

TRY_NOW = Deed("retry", "Try what waits now", {"destination": "{subject}", "state": "waiting"})
"""It only ends the pause before the next try, so it is never what helps."""
SHOW_DESTINATION = Deed("show", "Show the destination", {"link": "/destinations/{subject_in_path}"})
SHOW_PEER = Deed("show", "Show the peer", {"link": "/peers/{subject_in_path}"})
RETRY_PARKED = Deed("retry", "Retry the parked messages", {"destination": "{subject}", "state": "parked"}, helps=True)
DISCARD_PARKED = Deed("discard", "Discard them", {"destination": "{subject}", "state": "parked"})
SHOW_PARKED = Deed("show", "Show them", {"link": "/spool?state=parked&destination={subject_in_path}"})


def line(key: str, label: str = "Show the line to change") -> Deed:
    """Return the verb that shows a key of the configuration: the screen never changes it."""
    return Deed(
        "show_line", label, {"link": f"/configuration#{key.replace('{subject}', '{subject_in_path}')}"}, helps=True
    )

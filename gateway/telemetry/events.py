"""Every event of the log: its level, what it says, and its fields. docs/reference/log-events.md is made of it.

A test compares it with each place in the code that logs. It is one table, and so longer than other files.
"""

from typing import NamedTuple


class Event(NamedTuple):
    """One kind of line."""

    levels: str
    """One level, or several where it is now one and now another."""
    text: str
    fields: str = ""
    """Names out of ``gateway.telemetry.fields``. Not every line has all of them."""


PEER = "listener peer"
NAMES = "message_id control_id sop_instance_uid"
TITLES = "calling_ae_title called_ae_title"
ASSOCIATION = f"{PEER} {TITLES}"
ANSWERED = f"{PEER} answer outcome reason octets {NAMES}"
ENTRY = f"destination entry_id {NAMES} attempt"

GATEWAY = {
    "gateway_starting": Event(
        "info", "`hilum serve` has read its configuration.", "version configuration data_dir workers"
    ),
    "route_configured": Event("info", "One route, at the start.", "route listener acknowledge when via destinations"),
    "secret_missing": Event(
        "error", "A file with a secret for a destination is not there at the start.", "place path reason mend"
    ),
    "configuration_noticed": Event("warning", "What an operator should know of a right configuration.", "notice"),
    "file_exposed": Event("warning", "A file or folder is open to other users.", "path reason mend"),
    "spool_opened": Event("info", "The spool is open; what waits in it and what is parked.", "path waiting parked"),
    "listener_bound": Event("info", "A listener takes peers from now on.", "listener kind host port acknowledge tls"),
    "listener_not_encrypted": Event("warning", "A listener beyond this machine has no TLS.", "listener host"),
    "admin_not_encrypted": Event("warning", "The admin port beyond this machine has no TLS.", "host"),
    "audit_sent_in_clear": Event("warning", "Events of the audit trail that name patients go without TLS.", "reason"),
    "spread_not_possible": Event(
        "warning", "The system does not let Hilum choose the worker of a peer.", "listener spread reason"
    ),
    "gateway_started": Event("info", "All listeners are bound.", "ports admin_port workers"),
    "gateway_not_started": Event("critical", "One reason why the gateway does not start; it ends.", "reason"),
    "gateway_stopped": Event("info", "The gateway has ended, after its drain.", "cut_off"),
    "signal_ignored": Event("warning", "A signal came that does nothing here.", "signal mend"),
    "task_ended": Event("error", "A part of the gateway has ended by itself and is started anew.", "task again_in"),
    "uncaught_exception": Event(
        "error", "A fault of Hilum's own. The text of the exception is left out.", "where message exception places"
    ),
    "library_warned": Event(
        "warning error critical", "A library has logged. Its text is left out.", "library place exception"
    ),
    "log_lines_dropped": Event("error", "Nobody read the log fast enough.", "count"),
    "descriptors_short": Event(
        "error", "So few file descriptors are left that peers are turned away.", "limit reason mend"
    ),
    "descriptors_recovered": Event("info", "There are enough file descriptors again.", "open"),
}
WORKERS = {
    "worker_started": Event("info", "A worker is ready.", "worker pid"),
    "worker_died": Event("error", "A worker has ended by itself and is started anew.", "worker pid status"),
    "worker_hangs": Event("error", "A worker's event loop stands still; it is killed.", "worker pid silent_seconds"),
    "worker_not_started": Event("error", "A worker could not be started; it is tried again.", "worker reason failures"),
}
TLS = {
    "certificate_expired": Event(
        "error", "A certificate of Hilum's own is out of date when it is read.", "place path expired_at mend"
    ),
    "tls_files_reloaded": Event("info", "Changed files of TLS are in use.", "place"),
    "tls_files_not_reloaded": Event("error", "Changed files of TLS are bad; the old ones stay in use.", "place reason"),
    "handshake_abandoned": Event("debug", "A peer left during the TLS handshake.", PEER),
    "peer_identified": Event("debug", "A peer's certificate was accepted.", f"{PEER} names"),
}
PEERS = {
    "connection_opened": Event("debug", "A peer has connected.", ASSOCIATION),
    "connection_closed": Event("debug", "A peer has gone.", f"{ASSOCIATION} error"),
    "reading_paused": Event("debug", "A peer is not read for a while.", f"{ASSOCIATION} reason"),
    "peer_rejected": Event(
        "warning",
        "A peer, or what it sent, is turned away (TLS, MLLP, admin port).",
        f"{PEER} reason cause names fault offset octet error",
    ),
    "block_dropped": Event(
        "warning", "An MLLP block was begun again; what had come of it is no message.", f"{PEER} reason octets offset"
    ),
    "octets_skipped": Event("debug", "Stray octets between MLLP blocks.", f"{PEER} count"),
    "batch_miscounted": Event("warning", "An HL7 batch is not as its trailers say, and is taken.", PEER),
    "connection_refused": Event(
        "info", "A DICOM peer's connection is closed as soon as it comes.", f"{ASSOCIATION} reason"
    ),
    "connection_displaced": Event(
        "info", "An idle DICOM peer had to go because its place was needed.", f"{ASSOCIATION} reason"
    ),
    "connection_timed_out": Event("info", "A DICOM peer took too long.", f"{ASSOCIATION} limit reason"),
    "association_accepted": Event("info", "A DICOM association begins.", f"{ASSOCIATION} contexts proposed odd_items"),
    "association_rejected": Event("warning", "A DICOM association is refused.", f"{ASSOCIATION} reason"),
    "association_released": Event("info", "A DICOM association has ended as it should.", ASSOCIATION),
    "association_aborted": Event(
        "info", "A DICOM association has broken off.", f"{ASSOCIATION} by reason of length least most"
    ),
}
MESSAGES = {
    "message_answered": Event("info", "An HL7 message has its answer.", ANSWERED),
    "instance_answered": Event("info", "A DICOM instance has its answer.", f"{ANSWERED} {TITLES}"),
    "message_unanswered": Event(
        "warning", "The connection is closed in place of an answer, so that the peer sends again.",
        f"{PEER} outcome reason octets {NAMES}",
    ),
    "answer_undeliverable": Event(
        "warning", "The peer was gone when its answer was ready.", f"{PEER} outcome reason octets {NAMES}"
    ),
    "message_not_routed": Event(
        "warning", "No route takes the message; it is refused.", f"{ASSOCIATION} reason {NAMES}"
    ),
    "hl7v2_not_valid": Event(
        "warning", "A message with mistakes goes on, as the step's `level` says.", f"step findings places {NAMES}"
    ),
    "hl7v2_not_validated": Event("warning", "A message goes on without having been validated.", f"step reason {NAMES}"),
    "validation_process_died": Event("error", "A process that validates messages has ended.", "step status"),
    "duplicate_recognised": Event(
        "info", "A message was sent again, and is not delivered again.", f"destination earlier {NAMES}"
    ),
    "duplicate_queued_again": Event(
        "info", "A message was sent again whose first delivery was given up: it is delivered.",
        f"destination earlier {NAMES}",
    ),
    "commit_failed": Event("warning", "The spool does not take a message.", f"reason {NAMES}"),
}  # fmt: skip
DELIVERIES = {
    "delivery_refused": Event("warning", "A store refuses a message of relay mode.", f"destination reason {NAMES}"),
    "delivery_failed": Event(
        "warning error",
        "A message of relay mode could not be delivered; as an error, a fault of Hilum's own.",
        f"{ASSOCIATION} destination reason error {NAMES}",
    ),
    "message_delivered": Event("info", "A store has a message of commit mode.", f"{ENTRY} outcome"),
    "delivery_put_off": Event("warning", "A message of commit mode is tried again later.", f"{ENTRY} reason"),
    "message_parked": Event("error", "A message of commit mode waits for somebody to decide.", f"{ENTRY} reason"),
    "destination_unavailable": Event(
        "warning",
        "A destination has failed several times in a row. In commit mode one message at a time probes it.",
        "destination since reason waiting next_try_seconds",
    ),
    "destination_recovered": Event(
        "info",
        "A destination that was unavailable takes messages again.",
        "destination after_seconds delivered waiting",
    ),
    "batch_split": Event("info", "A request with several instances failed; each goes alone.", "destination instances"),
    "batch_not_filled": Event("warning", "A request goes with fewer messages.", "destination error"),
    "instance_deleted": Event(
        "info", "An instance that differs is deleted for `on_conflict: overwrite`.", "destination sop_instance_uid"
    ),
    "claim_failed": Event("error", "The next messages cannot be read from the spool.", "destination reason times"),
    "wait_failed": Event("error", "Waiting for messages in the spool has failed.", "destination reason times"),
    "settle_failed": Event("error", "What became of a message is not written down.", "destination entry_id error"),
    "settlement_delayed": Event("error", "The same, and it is tried again.", "entry_id reason again_in"),
    "proxy_fails": Event("warning", "A proxy does not connect to the stores behind it.", "proxy reason"),
    "proxy_works_again": Event("info", "It does again.", "proxy"),
    "token_fetched": Event("debug", "There is a new token for a store.", "seconds"),
    "token_not_fetched": Event("warning", "There is no new token for a store.", "reason"),
}
SPOOL = {
    "spool_room_short": Event(
        "error", "The spool takes no message: a limit is reached. `/readyz` is 503.",
        "path key free_bytes held_bytes limit_bytes mend",
    ),
    "spool_room_recovered": Event("info", "The spool takes messages again.", "path free_bytes held_bytes"),
    "spooled_destination_unknown": Event(
        "warning", "Messages wait for a destination that is not configured.", "destination messages mend"
    ),
    "spool_not_summed": Event("error", "What waits cannot be counted.", "reason"),
    "purge_failed": Event("error", "Old records could not be removed.", "reason"),
    "spool_adopted": Event("warning", "The spool of a worker that is gone is delivered from.", "spool"),
    "spool_not_adopted": Event("error", "It cannot be opened; it is tried again.", "spool reason again_in"),
    "adoption_failed": Event("error", "Looking for spools without an owner has failed.", "error again_in"),
    "spool_set_aside": Event("error", "A damaged spool is out of use until it is repaired.", "spool reason mend"),
    "spool_not_made": Event("error", "There is no fresh spool in its place yet.", "reason"),
    "spool_not_closed": Event("error", "A spool could not be closed in order.", "spool error"),
    "spool_not_read": Event("warning", "Another worker's spool cannot be read.", "spool error"),
    "spool_left_out": Event("warning", "A spool cannot be opened for operators just now.", "spool reason"),
    "spool_payload_read": Event("info", "An operator has read a payload over the admin port.", "peer entry_id"),
    "spool_entries_retried": Event(
        "info", "An operator has retried messages.", "peer by count destination state listener named"
    ),
    "spool_entries_discarded": Event(
        "info", "An operator has discarded messages.", "peer by count destination state listener named"
    ),
    "spool_entries_moved": Event(
        "info",
        "An operator has given messages to another destination.",
        "peer by count merged left_discarded left_other_protocol destination state listener named to",
    ),
}  # fmt: skip
ADMIN = {
    "admin_request_refused": Event("warning", "The admin port does not know who asks.", "peer reason"),
    "admin_token_made": Event("info", "The first start has made the token of the admin port.", "path"),
    "admin_token_not_made": Event("error", "It could not be made.", "path reason mend"),
    "admin_token_lost": Event("error", "The token of the admin port cannot be read.", "reason mend"),
    "audit_events_dropped": Event("error", "Events of the audit trail are lost.", "sink reason count"),
    "audit_sink_failed": Event("error", "Events of the audit trail cannot be written.", "sink reason"),
    "audit_sink_recovered": Event("info", "They can again.", "sink dropped"),
}
SANDBOX = {
    "sandbox_started": Event("info", "The embedded stores take requests.", "url data"),
    "sandbox_client_left": Event("info", "A client of the embedded stores left in the middle.", "method"),
    "sandbox_request_failed": Event("error", "A fault of the embedded stores.", "method error"),
}

SECTIONS = {
    "Start, stop and the process itself": GATEWAY,
    "Workers": WORKERS,
    "TLS": TLS,
    "Peers": PEERS,
    "Messages and their answers": MESSAGES,
    "Deliveries and destinations": DELIVERIES,
    "The spool": SPOOL,
    "The admin port and the audit trail": ADMIN,
    "The embedded stores (`hilum sandbox`, `hilum demo`)": SANDBOX,
}
"""By headings of the page."""
EVENTS = {name: event for section in SECTIONS.values() for name, event in section.items()}

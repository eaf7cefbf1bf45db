"""Every log event with its level, meaning and fields. docs/reference/log-events.md is generated from this table.

A test compares the table with each place in the code that logs. As one table, it is longer than other files may be.
"""

from typing import NamedTuple


class Event(NamedTuple):
    """One kind of log line."""

    levels: str
    """The level, or several if the event is logged at different levels."""
    text: str
    fields: str = ""
    """Names from ``gateway.telemetry.fields``. Not every line has all of them."""


PEER = "listener peer"
NAMES = "message_id control_id sop_instance_uid"
TITLES = "calling_ae_title called_ae_title"
ASSOCIATION = f"{PEER} {TITLES}"
ANSWERED = f"{PEER} answer outcome reason octets seconds {NAMES}"
ENTRY = f"destination entry_id {NAMES} attempt"

GATEWAY = {
    "gateway_starting": Event(
        "info", "`hilum serve` has read its configuration.", "version configuration data_dir workers"
    ),
    "route_configured": Event(
        "info",
        "One route of the configuration, logged at the start.",
        "route listener acknowledge when via destinations",
    ),
    "secret_missing": Event(
        "error", "A destination's file with a secret is missing at the start.", "place path reason mend"
    ),
    "configuration_noticed": Event("warning", "A hint about a valid configuration.", "notice"),
    "file_exposed": Event("warning", "Other users have access to a file or folder.", "path reason mend"),
    "spool_opened": Event(
        "info", "The spool is open; the numbers of waiting and parked messages.", "path waiting parked"
    ),
    "listener_bound": Event("info", "A listener accepts connections.", "listener kind host port acknowledge tls"),
    "listener_not_encrypted": Event("warning", "A listener that other machines can reach has no TLS.", "listener host"),
    "admin_not_encrypted": Event("warning", "Other machines can reach the admin port, and it has no TLS.", "host"),
    "audit_sent_in_clear": Event("warning", "Audit events, which name patients, are sent without TLS.", "reason"),
    "spread_not_possible": Event(
        "warning",
        "The operating system does not let Hilum choose the worker for a connection.",
        "listener spread reason",
    ),
    "gateway_started": Event("info", "All listeners are bound.", "ports admin_port workers"),
    "gateway_not_started": Event("critical", "The gateway cannot start and ends; one line for each reason.", "reason"),
    "gateway_stopped": Event("info", "The gateway has drained and ended.", "cut_off"),
    "signal_ignored": Event("warning", "A signal was received that has no effect.", "signal mend"),
    "task_ended": Event("error", "A part of the gateway has ended unexpectedly and is restarted.", "task again_in"),
    "uncaught_exception": Event(
        "error", "A bug in Hilum raised an exception. Its text is not logged.", "where message exception places"
    ),
    "library_warned": Event(
        "warning error critical",
        "A library has logged a warning or an error. Its text is not logged.",
        "library place exception",
    ),
    "log_lines_dropped": Event("error", "Log lines were lost because nobody read the log fast enough.", "count"),
    "descriptors_short": Event(
        "error", "Too few file descriptors are free: new connections are closed.", "limit reason mend"
    ),
    "descriptors_recovered": Event("info", "Enough file descriptors are free again.", "open"),
}
SOURCES = {
    "source_opened": Event(
        "info",
        "A listener has begun to fetch from its store. With several workers only one does.",
        "listener subscription url",
    ),
    "source_not_opened": Event(
        "error", "A listener cannot fetch, and tries again; the reason says what to correct.", "listener reason"
    ),
    "subscription_noticed": Event(
        "warning error",
        "The subscription has settings that do not suit a listener, or the notifications of buckets.",
        "listener reason",
    ),
    "subscription_failed": Event(
        "warning",
        "A request to Pub/Sub has failed; it is tried again. The store, or the bucket, is still listed now and then.",
        "listener request reason times",
    ),
    "notification_ignored": Event(
        "debug", "A notification is not about a message of the store, or a change of a bucket.", "listener"
    ),
    "source_list_failed": Event(
        "warning", "The messages of the store could not be listed; it is tried again.", "listener reason times again_in"
    ),
    "source_message_held": Event(
        "warning",
        "A fetched message could not be delivered; it is tried again, and all later ones of the listener wait.",
        "listener source_name sop_instance_uid outcome reason attempt again_in",
    ),
    "source_message_skipped": Event(
        "error",
        "A fetched message was refused and is not delivered, because `on_refused` is `skip`.",
        "listener source_name sop_instance_uid reason attempt",
    ),
    "source_message_gone": Event(
        "warning",
        "The store told of a message that it does not have any more, as it said several times; it is not delivered.",
        "listener source_name sop_instance_uid",
    ),
    "source_message_late": Event(
        "warning",
        "The store showed a message only after newer ones had been delivered; `settle_seconds` may be too short.",
        "listener source_name",
    ),
    "source_record_failed": Event(
        "error",
        "It could not be written which messages have been delivered; nothing is acknowledged or delivered until then.",
        "listener reason times again_in",
    ),
    "ledger_failed": Event(
        "error", "The names of ingested messages could not be written or read; their labels still tell.", "path error"
    ),
}
WORKERS = {
    "worker_started": Event("info", "A worker is ready.", "worker pid"),
    "worker_died": Event("error", "A worker has ended unexpectedly and is restarted.", "worker pid status"),
    "worker_hangs": Event(
        "error", "A worker's event loop does not run; the worker is killed.", "worker pid silent_seconds"
    ),
    "worker_not_started": Event("error", "A worker could not be started; Hilum tries again.", "worker reason failures"),
}
TLS = {
    "certificate_expired": Event(
        "error", "A certificate that Hilum uses had expired when it was read.", "place path expired_at mend"
    ),
    "tls_files_reloaded": Event("info", "Changed TLS files have been loaded.", "place"),
    "tls_files_not_reloaded": Event(
        "error", "Changed TLS files are not valid; the old ones stay in use.", "place reason"
    ),
    "token_lost": Event("error", "A listener's bearer token cannot be read; nobody has it.", "place reason mend"),
    "handshake_abandoned": Event("debug", "A peer disconnected during the TLS handshake.", PEER),
    "peer_identified": Event("debug", "A peer's certificate was accepted.", f"{PEER} names"),
}
PEERS = {
    "connection_opened": Event("debug", "A peer has connected.", ASSOCIATION),
    "connection_closed": Event("debug", "The connection to a peer has ended.", f"{ASSOCIATION} error"),
    "reading_paused": Event("debug", "Reading from a peer is paused.", f"{ASSOCIATION} reason"),
    "peer_rejected": Event(
        "warning",
        "A connection, or what its peer sent, is rejected (TLS, MLLP, admin port).",
        f"{PEER} reason cause names fault looks_like offset octet error",
    ),
    "block_dropped": Event(
        "warning",
        "A second start of block came before the end of an MLLP block; the octets between them are dropped.",
        f"{PEER} reason octets offset",
    ),
    "octets_skipped": Event("debug", "Octets between two MLLP blocks were skipped.", f"{PEER} count"),
    "batch_miscounted": Event(
        "warning", "The counts in an HL7 batch's trailers are wrong; the batch is accepted.", PEER
    ),
    "connection_refused": Event("info", "A connection from a DICOM peer is closed at once.", f"{ASSOCIATION} reason"),
    "connection_displaced": Event(
        "info", "An idle DICOM peer was disconnected to make room for another.", f"{ASSOCIATION} reason"
    ),
    "connection_timed_out": Event(
        "info", "A DICOM peer exceeded a time limit and was disconnected.", f"{ASSOCIATION} limit reason"
    ),
    "association_accepted": Event(
        "info", "A DICOM association is accepted.", f"{ASSOCIATION} contexts proposed odd_items refused"
    ),
    "association_rejected": Event("warning", "A DICOM association is rejected.", f"{ASSOCIATION} ours reason"),
    "association_released": Event("info", "A DICOM association was released normally.", ASSOCIATION),
    "association_aborted": Event(
        "info", "A DICOM association was aborted.", f"{ASSOCIATION} by reason of length least most"
    ),
}
SILENCE = {
    "peer_silent": Event(
        "warning",
        "A peer has sent nothing for longer than is usual for it (docs/silence.md), or than its `silence_after`. "
        "Logged once, when its silence begins to be unusual.",
        "listener peer_name last_message usual_per_hour",
    ),
    "peer_heard_again": Event(
        "info",
        "The silence that `peer_silent` told of has ended: a message came (`heard`), or the peer was silent for four "
        "weeks and is not waited for any more (`forgotten`).",
        "listener peer_name last_message ending",
    ),
    "silence_not_kept": Event(
        "error",
        "What was learnt of the peers cannot be read from the disk or written to it. Logged once until it works again.",
        "path reason mend",
    ),
    "silence_set_aside": Event(
        "error", "The file with what was learnt of the peers is damaged; a new one is begun.", "path reason mend"
    ),
}
MESSAGES = {
    "message_answered": Event("info", "An HL7 message was answered.", ANSWERED),
    "instance_answered": Event("info", "A DICOM instance was answered.", f"{ANSWERED} {TITLES}"),
    "request_answered": Event(
        "info", "A FHIR request was delivered and answered.",
        f"{PEER} answer interaction outcome reason octets seconds message_id",
    ),
    "request_refused": Event(
        "warning",
        "A request to an HTTP listener was answered without being delivered.",
        f"{PEER} answer reason seconds",
    ),
    "message_unanswered": Event(
        "warning", "The connection is closed without an answer, so that the peer sends the message again.",
        f"{PEER} outcome reason octets seconds {NAMES}",
    ),
    "answer_undeliverable": Event(
        "warning", "The peer had disconnected before its answer was ready.",
        f"{PEER} interaction outcome reason octets seconds {NAMES}",
    ),
    "message_not_routed": Event(
        "warning", "No route takes the message; it is refused.", f"{ASSOCIATION} reason {NAMES}"
    ),
    "hl7v2_not_valid": Event(
        "warning", "A message has validation errors and is delivered, because of the step's `level`.",
        f"step findings places {NAMES}",
    ),
    "hl7v2_not_validated": Event(
        "warning", "A message could not be validated and is delivered.", f"step reason {NAMES}"
    ),
    "image_process_lost": Event(
        "error",
        "The process that decodes images ended by itself (exit status; below 0 a signal) or hung. It is replaced.",
        "step status reason",
    ),
    "validation_process_died": Event("error", "A process that validates messages ended unexpectedly.", "step status"),
    "duplicate_recognised": Event(
        "info", "A duplicate was received; it is not delivered again.", f"destination earlier {NAMES}"
    ),
    "duplicate_queued_again": Event(
        "info", "A duplicate was received of a message that was parked or discarded; it is delivered.",
        f"destination earlier {NAMES}",
    ),
    "commit_failed": Event("warning", "The spool could not take a message.", f"reason {NAMES}"),
}  # fmt: skip
DELIVERIES = {
    "delivery_refused": Event("warning", "Relay mode: a store refuses a message.", f"destination reason {NAMES}"),
    "delivery_failed": Event(
        "warning error",
        "A message could not be delivered. As a warning: in relay mode. As an error: because of a bug in Hilum.",
        f"{ASSOCIATION} destination reason error {NAMES}",
    ),
    "message_delivered": Event("info", "Commit mode: a message is stored.", f"{ENTRY} outcome"),
    "late_refusal_passed_over": Event(
        "warning",
        "A receiver refused a message over MLLP that another answer, such as its commit acknowledgement, had settled.",
        "destination control_id answer",
    ),
    "message_sent_again": Event(
        "info",
        "A message that an earlier attempt may have stored is sent again over MLLP, with the same control ID.",
        f"destination {NAMES}",
    ),
    "delivery_put_off": Event("warning", "Commit mode: a delivery failed and is tried again later.", f"{ENTRY} reason"),
    "message_parked": Event("error", "Commit mode: a message is parked until an operator decides.", f"{ENTRY} reason"),
    "destination_unavailable": Event(
        "warning",
        "A destination has failed several times in a row. In commit mode one message at a time probes it.",
        "destination since reason waiting next_try_seconds",
    ),
    "destination_recovered": Event(
        "info",
        "A destination that was unavailable accepts messages again.",
        "destination after_seconds delivered waiting",
    ),
    "batch_split": Event(
        "info",
        "A request with several instances failed; those without an outcome are sent again in two halves.",
        "destination instances",
    ),
    "batch_not_filled": Event(
        "warning", "Waiting for more messages failed; the request is sent with fewer.", "destination error"
    ),
    "instance_deleted": Event(
        "info",
        "The store's different instance was deleted because of `on_conflict: overwrite`.",
        "destination sop_instance_uid",
    ),
    "fhir_deletion_missed": Event(
        "warning",
        "A message deletes what the FHIR store does not have. It may be there under another number or code, and stays. "
        "A resource that says that it is wrong (`entered-in-error`) was created.",
        "destination resource_type message_id",
    ),
    "claim_failed": Event("error", "The next messages could not be taken from the spool.", "destination reason times"),
    "wait_failed": Event("error", "Waiting for messages in the spool has failed.", "destination reason times"),
    "settle_failed": Event(
        "error", "The outcome of a message could not be written to the spool.", "destination entry_id error"
    ),
    "settlement_delayed": Event(
        "error",
        "The outcome of a message could not be written to the spool yet; Hilum tries again.",
        "entry_id reason again_in",
    ),
    "proxy_fails": Event("warning", "A proxy does not connect Hilum to a store.", "proxy reason"),
    "proxy_works_again": Event("info", "A proxy connects Hilum to stores again.", "proxy"),
    "token_fetched": Event("debug", "A new access token for a store was fetched.", "seconds"),
    "token_not_fetched": Event("warning", "A new access token for a store could not be fetched.", "reason"),
}
SPOOL = {
    "spool_room_short": Event(
        "error", "A limit is reached and the spool takes no message. `/readyz` answers 503.",
        "path key free_bytes held_bytes limit_bytes mend",
    ),
    "spool_room_recovered": Event(
        "info", "The spool is below its limits and takes messages again.", "path free_bytes held_bytes"
    ),
    "spooled_destination_unknown": Event(
        "warning", "Messages wait for a destination that is not configured.", "destination messages mend"
    ),
    "spool_not_summed": Event("error", "The messages in the spool could not be counted.", "reason"),
    "purge_failed": Event("error", "Old records could not be removed from the spool.", "reason"),
    "spool_adopted": Event("warning", "A worker delivers from the spool of another worker that has ended.", "spool"),
    "spool_not_adopted": Event(
        "error", "The spool of a worker that has ended cannot be opened; Hilum tries again.", "spool reason again_in"
    ),
    "adoption_failed": Event(
        "error", "The search for spools without an owner failed; Hilum tries again.", "error again_in"
    ),
    "intake_log_failed": Event(
        "error",
        "The intake log of a spool cannot be written, synced or emptied; messages that come just then are refused, and "
        "Hilum begins another segment.",
        "spool reason",
    ),
    "intake_log_not_moved": Event(
        "error", "The messages in an intake log cannot be moved to the database yet; Hilum tries again.", "spool reason"
    ),
    "intake_log_damaged": Event(
        "error",
        "A segment of an intake log is damaged or missing; it is kept, and what is whole in it is delivered.",
        "spool segment message_number reason kept",
    ),
    "intake_log_torn": Event(
        "warning",
        "The last records of a segment are not whole: they were not synced when the machine stopped, or are damaged.",
        "spool segment message_number reason kept",
    ),
    "spool_set_aside": Event("error", "A damaged spool is not used until it is repaired.", "spool reason mend"),
    "spool_not_made": Event("error", "A new spool in place of a damaged one could not be made yet.", "reason"),
    "spool_not_closed": Event("error", "A spool could not be closed properly.", "spool error"),
    "spool_not_read": Event("warning", "Another worker's spool could not be read.", "spool error"),
    "spool_left_out": Event(
        "warning", "A spool cannot be opened, so operators do not see its messages.", "spool reason"
    ),
    "spool_payload_read": Event("info", "An operator has read a payload over the admin port.", "peer entry_id"),
    "spool_payload_shown": Event(
        "info", "An operator has read a payload on the pages of the admin port.", "peer by entry_id purpose"
    ),
    "spool_payload_cut_off": Event(
        "error",
        "An operator got only a part of a payload over the admin port, because the rest could not be read.",
        "peer entry_id reason",
    ),
    "spool_entries_retried": Event(
        "info", "An operator has retried messages.", "peer by count destination state listener named"
    ),
    "spool_entries_discarded": Event(
        "info", "An operator has discarded messages.", "peer by count destination state listener named"
    ),
    "spool_entries_moved": Event(
        "info",
        "An operator has moved messages to another destination.",
        "peer by count merged left_discarded left_other_protocol destination state listener named to",
    ),
}  # fmt: skip
JOURNAL = {
    "journal_not_kept": Event(
        "warning", "The gateway works without a journal on disk, because it cannot be written.", "path reason mend"
    ),
    "journal_failed": Event(
        "error", "Rows of the journal are lost until it can be written again.", "path reason count"
    ),
    "journal_not_indexed": Event(
        "warning", "A full segment of the journal got no indices: it is complete, and slower to search.", "path reason"
    ),
    "journal_recovered": Event("info", "The journal can be written again.", "path"),
    "journal_set_aside": Event(
        "error", "A segment of the journal is damaged; it is kept under another name and not searched.", "path reason"
    ),
    "journal_pruned": Event("info", "The oldest segments of the journal were removed.", "path count"),
}
ADMIN = {
    "case_began": Event(
        "warning",
        "Something needs somebody: a cause of docs/reference/causes.md. One line for each case, however many messages "
        "it stops.",
        "cause subject side since",
    ),
    "case_ended": Event("info", "A case is over.", "cause subject side since seconds"),
    "admin_request_refused": Event("warning", "The admin port has refused a request.", "peer reason"),
    "admin_signed_in": Event("info", "Somebody has signed in to the pages of the admin port.", "peer by"),
    "admin_sign_in_refused": Event(
        "warning", "Somebody has tried to sign in to the pages of the admin port, and may not.", "peer reason"
    ),
    "admin_signed_out": Event("info", "Somebody has signed out of the pages of the admin port.", "peer by"),
    "admin_viewer_dropped": Event(
        "info", "A browser that follows a page does not read what it is sent; its connection is closed.", "peer"
    ),
    "admin_page_not_live": Event(
        "warning", "A page cannot follow what happens, because its content cannot be made; it says so.", "reason"
    ),
    "admin_token_made": Event("info", "The token of the admin port was made, at the first start.", "path"),
    "admin_token_not_made": Event("error", "The token of the admin port could not be made.", "path reason mend"),
    "admin_token_lost": Event("error", "The token of the admin port cannot be read.", "reason mend"),
    "audit_events_dropped": Event("error", "Audit events are lost.", "sink reason count"),
    "audit_sink_failed": Event("error", "Audit events cannot be written to a sink.", "sink reason"),
    "audit_sink_recovered": Event("info", "Audit events can be written to a sink again.", "sink dropped"),
}
SANDBOX = {
    "sandbox_started": Event("info", "The embedded stores accept requests.", "url data"),
    "sandbox_client_left": Event("info", "A client of the embedded stores disconnected during a request.", "method"),
    "sandbox_request_failed": Event("error", "A bug in the embedded stores made a request fail.", "method error"),
}

SECTIONS = {
    "Start, stop and the process itself": GATEWAY,
    "Workers": WORKERS,
    "Listeners that fetch messages": SOURCES,
    "TLS": TLS,
    "Peers": PEERS,
    "Silence of peers": SILENCE,
    "Messages and their answers": MESSAGES,
    "Deliveries and destinations": DELIVERIES,
    "The spool": SPOOL,
    "The journal": JOURNAL,
    "The admin port and the audit trail": ADMIN,
    "The embedded stores (`hilum sandbox`, `hilum demo`)": SANDBOX,
}
"""By headings of the page."""
EVENTS = {name: event for section in SECTIONS.values() for name, event in section.items()}

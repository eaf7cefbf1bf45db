"""Causes on our side: disk, spool, certificates, processes."""

from collections.abc import Mapping

from gateway.causes.rows import Deed, Row
from gateway.causes.table.deeds import DISCARD_PARKED, RETRY_PARKED, SHOW_PARKED, line
from gateway.contract.causes import Cause

HERE: Mapping[Cause, Row] = {
    Cause.DISK_FULL: Row(
        "stopped",
        "here",
        "Nobody may send: there is no room",
        (
            "{data_dir} has {free} left, and spool.min_free_bytes is {min_free}.",
            "The spool in {data_dir} holds {used}, and spool.max_bytes is {limit}.",
            "There is no room for further messages.",
        ),
        "Free space on that disk, or deliver, move or discard what is parked. Hilum takes messages again by itself.",
        "red",
        "Senders are told to send again later; nothing that was acknowledged is lost.",
        deeds=(Deed("show", "Show what is parked", {"link": "/spool?state=parked"}),),
        details=("data_dir", "free", "min_free", "used", "limit"),
    ),
    Cause.PARKED: Row(
        "parked",
        "here",
        "{messages} for {subject} parked",
        ("{reasons}.", "They were given up."),
        "Mend what the reason says and retry them, or discard them.",
        effect="They are safe here; {subject} does not have them.",
        deeds=(RETRY_PARKED, SHOW_PARKED, DISCARD_PARKED),
        details=("messages", "reasons"),
    ),
    Cause.SPOOL_DAMAGED: Row(
        "stopped",
        "here",
        "A part of the spool is damaged",
        "The spool {subject} cannot be read and was set aside; a new one takes its place.",
        "Repair it: hilum spool repair CONFIG. Check the disk (smartctl, dmesg).",
        "red",
        "What was in it is not delivered until it is repaired.",
        details=("spool",),
    ),
    Cause.UNDELIVERED: Row(
        "parked",
        "here",
        "{messages} for {subject}, which is not configured",
        "destinations.{subject} was removed or renamed while messages waited for it.",
        "Put {subject} back into the configuration, or: hilum spool move CONFIG --from {subject} --to NAME.",
        effect="They are safe here, and nobody delivers them.",
        deeds=(Deed("show", "Show them", {"link": "/spool?destination={subject_in_path}"}), line("destinations")),
        details=("messages",),
    ),
    Cause.CERTIFICATE_ENDS_SOON: Row(
        "ends_soon",
        "here",
        ("The certificate of {subject} ends in {ends_in}", "The certificate of {subject} has ended"),
        (
            "The certificate at {place}, {name} of {issuer}, ends in {ends_in}.",
            "The certificate at {place}, {name} of {issuer}, ended {ends_ago} ago.",
            "The certificate at {subject} ends soon or has ended.",
        ),
        "Put a new certificate into the file of {subject}; it is read again when it changes.",
        effect="Afterwards TLS connections that use it fail.",
        deeds=(line("{subject}"),),
        details=("place", "name", "issuer", "ends_at"),
    ),
    Cause.WORKER_MISSING: Row(
        "warned",
        "here",
        "Worker {subject} does not run",
        "Worker {subject} has ended or does not answer; Hilum starts it again.",
        "Look into the log for worker_died or worker_not_started.",
        effect="The others take over its peers and its messages; it is slower meanwhile.",
    ),
    Cause.TROUBLE: Row(
        "stopped",
        "here",
        "{subject} does not work",
        ("{reason}.", "A part of Hilum reports that it does not work."),
        "Look into the log of Hilum; restart it if it does not recover.",
        "red",
        "Until it works again, Hilum is not ready (/readyz).",
        details=("reason",),
    ),
    Cause.LOG_DROPPED: Row(
        "warned",
        "here",
        "Lines of the log are lost",
        "{count} lines of the log could not be written in time.",
        "Check who reads standard error of Hilum (journald, the container's log driver) and its disk.",
        effect="Messages are not affected.",
        details=("count",),
    ),
    Cause.JOURNAL_DROPPED: Row(
        "warned",
        "here",
        "Records of the journal are lost",
        "{count} records of the journal could not be written in time.",
        "Check the disk of data_dir: it is too slow or full.",
        effect="Messages are not affected; searches do not find these records.",
        details=("count",),
    ),
}

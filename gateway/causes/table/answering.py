"""Causes of a destination: it can be reached, and what it answers is the problem."""

from collections.abc import Mapping

from gateway.causes.rows import Deed, Row
from gateway.causes.table.deeds import (
    DISCARD_PARKED,
    RETRY_PARKED,
    SHOW_DESTINATION,
    TRY_NOW,
    line,
)
from gateway.causes.table.reaching import TITLE, URL
from gateway.contract.causes import Cause

SHOWN = (SHOW_DESTINATION, TRY_NOW)
CREDENTIALS = line("destinations.{subject}.credentials")

ANSWERING: Mapping[Cause, Row] = {
    Cause.CONNECTION_BROKE: Row(
        "stopped",
        "store",
        TITLE,
        "{subject} closes the connection before it has answered.",
        "Look into the log of {subject}, or call its owner; a proxy or firewall between may do it too. {afterwards}",
        "red",
        deeds=SHOWN,
    ),
    Cause.NO_ANSWER: Row(
        "stopped",
        "store",
        TITLE,
        (
            "{subject} takes what is sent and does not answer within {seconds}.",
            "{subject} takes what is sent and does not answer in time.",
        ),
        "Call the owner of {subject}: the service hangs or is overloaded. {afterwards}",
        "red",
        deeds=SHOWN,
    ),
    Cause.NOT_HTTP: Row(
        "stopped",
        "here",
        TITLE,
        "What answers at its address does not speak HTTP.",
        "Correct the host and port in destinations.{subject}.url. {afterwards}",
        "red",
        deeds=(URL, *SHOWN),
    ),
    Cause.CREDENTIALS_REFUSED: Row(
        "stopped",
        "here",
        TITLE,
        (
            "{subject} refuses our credentials (HTTP {status}): the token of {expired_path} has ended.",
            "{subject} refuses our credentials (HTTP {status}); {path} was changed {changed_ago} ago.",
            "{subject} refuses our credentials (HTTP {status}).",
            "{subject} refuses our credentials.",
        ),
        ("Renew {path}. {afterwards}", "Renew the credentials in destinations.{subject}.credentials. {afterwards}"),
        "red",
        deeds=(CREDENTIALS, *SHOWN),
    ),
    Cause.NOT_PERMITTED: Row(
        "stopped",
        "store",
        TITLE,
        (
            "Our account at {subject} lacks {permission}.",
            "{subject} knows our account and does not let it do this (HTTP {status}).",
            "{subject} knows our account and does not let it do this.",
        ),
        (
            "The owner of {subject} grants a role with {permission}. {afterwards}",
            "The owner of {subject} grants our account the right to store. {afterwards}",
        ),
        "red",
        deeds=SHOWN,
    ),
    Cause.CREDENTIALS_FILE: Row(
        "stopped",
        "here",
        TITLE,
        (
            "The file {path} of its credentials cannot be read.",
            "The file of its credentials cannot be read.",
        ),
        (
            "Put the secret into {path}, readable for Hilum. {afterwards}",
            "Put the secret into the file that destinations.{subject}.credentials names. {afterwards}",
        ),
        "red",
        deeds=(CREDENTIALS, *SHOWN),
    ),
    Cause.CREDENTIALS_ENDPOINT: Row(
        "stopped",
        "network",
        TITLE,
        (
            "The server that gives out tokens for it, {address}, does not give one.",
            "The server that gives out tokens for it does not give one.",
        ),
        "Check the network to that server and the credentials, or call its owner. {afterwards}",
        "red",
        deeds=(CREDENTIALS, *SHOWN),
    ),
    Cause.WRONG_ADDRESS: Row(
        "stopped",
        "here",
        TITLE,
        (
            "{subject} knows nothing at this address (HTTP {status}).",
            "{subject} knows nothing at this address.",
        ),
        "Correct the path in destinations.{subject}.url. {afterwards}",
        "red",
        deeds=(URL, *SHOWN),
    ),
    Cause.REDIRECTED: Row(
        "stopped",
        "here",
        TITLE,
        (
            "Its address sends us on to {host}: a login page, or it has moved.",
            "Its address sends us on to another one: a login page, or it has moved.",
        ),
        "Write the new address in destinations.{subject}.url, or take the login page out of the way. {afterwards}",
        "red",
        deeds=(URL, *SHOWN),
    ),
    Cause.OTHER_CONTENT: Row(
        "stopped",
        "here",
        TITLE,
        (
            "What answers is not {subject}: it sends {content_type}, as a login page or a proxy does.",
            "What answers is not {subject}: its reply cannot be read, as that of a login page or a proxy.",
        ),
        "Correct destinations.{subject}.url, or take the login page out of the way. {afterwards}",
        "red",
        deeds=(URL, *SHOWN),
    ),
    Cause.TOO_MANY_REQUESTS: Row(
        "slow",
        "store",
        "{subject} takes fewer messages than come",
        (
            "{subject} says that too many requests come (HTTP {status}): a quota is used up; next try in {due_in}.",
            "{subject} says that too many requests come: a quota is used up.",
        ),
        "Raise the quota of {subject}, or lower destinations.{subject}.max_connections. {afterwards}",
        deeds=(line("destinations.{subject}.max_connections"), *SHOWN),
    ),
    Cause.STORE_FAILED: Row(
        "stopped",
        "store",
        TITLE,
        ("{subject} fails by itself (HTTP {status}).", "{subject} fails by itself."),
        "Look into the log of {subject}, or call its owner. {afterwards}",
        "red",
        deeds=SHOWN,
    ),
    Cause.MESSAGE_REFUSED: Row(
        "parked",
        "peer",
        "{subject} refuses messages",
        "{subject} refused {what} with {code}, {times} in a row.",
        "Look at one of them, and ask its sender or the owner of {subject} about the content.",
        deeds=(SHOW_DESTINATION,),
        details=("what", "code", "times"),
    ),
    Cause.CLASS_REFUSED: Row(
        "parked",
        "store",
        "{subject} takes no {what}",
        ("{subject} refuses every {what} ({code}), {times} so far.", "{subject} refuses every {what}."),
        "Its owner allows {what}, or add a route that sends it elsewhere.",
        deeds=(RETRY_PARKED, SHOW_DESTINATION, DISCARD_PARKED),
        details=("what", "code", "times"),
    ),
    Cause.POISON: Row(
        "parked",
        "store",
        "One message fails at {subject}, others pass",
        "Message {message} has failed {times}; {passed} have passed since it failed first.",
        "Look at the message; if {subject} can never take it, discard it. It delays no message of other senders.",
        deeds=(
            Deed("show", "Show it", {"link": "/messages/{message}"}, helps=True),
            SHOW_DESTINATION,
        ),
        details=("message", "passed", "times"),
    ),
    Cause.SLOW: Row(
        "slow",
        "store",
        "{subject} is slow",
        (
            "Connecting to {subject} takes {slow_connect}: its network or its host is slow.",
            "{subject} needs {wait} to answer, usually {usual_wait}; connecting takes {connect}.",
            "{subject} needs {wait} to answer; connecting takes {connect}.",
            "{subject} is slower than usual.",
        ),
        "Call the owner of {subject}.",
        deeds=(SHOW_DESTINATION,),
        details=("wait", "usual_wait", "connect", "slow_connect"),
    ),
    Cause.CLOCK: Row(
        "warned",
        "here",
        "Our clock and that of {subject} differ",
        (
            "Our clock is {skew} {direction} that of {subject}.",
            "Our clock differs from that of {subject}.",
        ),
        "Check NTP on this machine first, then on {subject}. Tokens and certificates fail when a clock is wrong.",
        deeds=(SHOW_DESTINATION,),
        details=("skew", "direction"),
    ),
    Cause.UNKNOWN: Row(
        "stopped",
        "store",
        TITLE,
        ("Deliveries fail: {reason}.", "Deliveries fail."),
        "Look into the log of Hilum (delivery_failed, delivery_put_off) and of {subject}. {afterwards}",
        "red",
        deeds=SHOWN,
        details=("reason",),
    ),
}

"""Causes of a destination: there is no connection to it."""

from collections.abc import Mapping

from gateway.causes.rows import Row
from gateway.causes.table.deeds import SHOW_DESTINATION, TRY_NOW, line
from gateway.contract.causes import Cause

TITLE = "{things} do not reach {subject}"
URL = line("destinations.{subject}.url")

REACHING: Mapping[Cause, Row] = {
    Cause.CONNECTION_REFUSED: Row(
        "stopped",
        "store",
        TITLE,
        (
            "Nothing listens at {address}: its host answers, the service is down.",
            "Nothing listens at its port: its host answers, the service is down.",
        ),
        "Start the service of {subject}, or call its owner. {afterwards}",
        "red",
        deeds=(SHOW_DESTINATION, TRY_NOW),
    ),
    Cause.NO_CONNECTION: Row(
        "stopped",
        "network",
        TITLE,
        (
            "No answer from {address} for {seconds}: a firewall drops what is sent, or the host is off.",
            "No answer from {address}: a firewall drops what is sent, or the host is off.",
            "Its host does not answer: a firewall drops what is sent, or the host is off.",
        ),
        "Call the network's owner; ask whether the host of {subject} is on. {afterwards}",
        "red",
        deeds=(SHOW_DESTINATION, TRY_NOW),
    ),
    Cause.NO_ROUTE_TO_HOST: Row(
        "stopped",
        "network",
        TITLE,
        (
            "The network says that there is no way to {address}: a cable, a router or an interface is down.",
            "The network says that there is no way to its host: a cable, a router or an interface is down.",
        ),
        "Call the network's owner. {afterwards}",
        "red",
        deeds=(SHOW_DESTINATION, TRY_NOW),
    ),
    Cause.NAME_UNKNOWN: Row(
        "stopped",
        "network",
        TITLE,
        (
            "DNS does not answer when it is asked for {unanswered}.",
            "DNS has no address for {name}.",
            "DNS has no address for its host name.",
        ),
        (
            "Call the owner of DNS, or of the network to it; this machine cannot look up {unanswered}. {afterwards}",
            (
                "Check the name in destinations.{subject}.url for a typing error; if it is right, call the owner of "
                "DNS. {afterwards}"
            ),
        ),
        "red",
        deeds=(URL, SHOW_DESTINATION, TRY_NOW),
    ),
    Cause.PROXY_FAILED: Row(
        "stopped",
        "network",
        TITLE,
        ("The proxy {proxy} does not connect Hilum to it.", "The proxy does not connect Hilum to it."),
        "Call the owner of the proxy, or check destinations.{subject}.proxy. {afterwards}",
        "red",
        deeds=(line("destinations.{subject}.proxy"), SHOW_DESTINATION, TRY_NOW),
    ),
}

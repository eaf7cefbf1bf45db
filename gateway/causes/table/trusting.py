"""Causes of a destination: TLS with it fails."""

from collections.abc import Mapping

from gateway.causes.rows import Row
from gateway.causes.table.deeds import SHOW_DESTINATION, TRY_NOW, line
from gateway.causes.table.reaching import TITLE, URL
from gateway.contract.causes import Cause

SHOWN = (SHOW_DESTINATION, TRY_NOW)
OURS = line("destinations.{subject}.tls.certificate_file")

TRUSTING: Mapping[Cause, Row] = {
    Cause.CERTIFICATE_ENDED: Row(
        "stopped",
        "store",
        TITLE,
        ("The certificate of {subject} ended {ended_ago} ago.", "The certificate of {subject} has ended."),
        "Its owner renews the certificate. {afterwards}",
        "red",
        deeds=SHOWN,
    ),
    Cause.CERTIFICATE_NOT_YET_VALID: Row(
        "stopped",
        "store",
        TITLE,
        (
            "The certificate of {subject} is valid only in {begins_in}; or our clock is behind.",
            "The certificate of {subject} is not valid yet; or our clock is behind.",
        ),
        "Check the clock of this machine (NTP) first, then ask the owner for the certificate. {afterwards}",
        "red",
        deeds=SHOWN,
    ),
    Cause.CERTIFICATE_NAME: Row(
        "stopped",
        "store",
        TITLE,
        (
            "Its certificate is for {names}, we call {called}.",
            "Its certificate is for another name; we call {called}.",
            "Its certificate is for another name than the one in its address.",
        ),
        (
            "Write the name {names} in destinations.{subject}.url, or its owner makes a new certificate. {afterwards}",
            "Write the certificate's name in destinations.{subject}.url, or its owner makes a new one. {afterwards}",
        ),
        "red",
        deeds=(URL, *SHOWN),
    ),
    Cause.CERTIFICATE_ISSUER: Row(
        "stopped",
        "here",
        TITLE,
        (
            "The issuer of its certificate, {issuer}, is not among the CAs that Hilum trusts for it.",
            "The issuer of its certificate is not among the CAs that Hilum trusts for it.",
        ),
        "Add the CA to the file of destinations.{subject}.tls.ca_file. {afterwards}",
        "red",
        deeds=(line("destinations.{subject}.tls.ca_file"), *SHOWN),
    ),
    Cause.CERTIFICATE_WANTED: Row(
        "stopped",
        "here",
        TITLE,
        "{subject} asks for a client certificate, and Hilum has none for it.",
        "Set destinations.{subject}.tls.certificate_file and key_file. {afterwards}",
        "red",
        deeds=(OURS, *SHOWN),
    ),
    Cause.CERTIFICATE_REFUSED: Row(
        "stopped",
        "here",
        TITLE,
        (
            "{subject} refuses our certificate ({alert}).",
            "{subject} refuses our certificate.",
        ),
        "Ask its owner which CA it takes, and put such a certificate into destinations.{subject}.tls.certificate_file. "
        "{afterwards}",
        "red",
        deeds=(OURS, *SHOWN),
    ),
    Cause.TLS_FAILED: Row(
        "stopped",
        "store",
        TITLE,
        (
            "{subject} closes the connection {closing}: it may want a client certificate, or take only old versions.",
            "The TLS handshake with {subject} fails ({error}): it may take only old versions or ciphers.",
            "The TLS handshake with {subject} fails: it may take only old versions or ciphers.",
        ),
        (
            "Look into the log of {subject}, or ask its owner why it closes the connection {closing}. {afterwards}",
            "Its owner enables TLS 1.2 or 1.3 with ECDHE and AES-GCM. {afterwards}",
        ),
        "red",
        deeds=SHOWN,
    ),
    Cause.SPEAKS_TLS: Row(
        "stopped",
        "here",
        TITLE,
        ("{address} speaks TLS, and we do not.", "Its port speaks TLS, and we do not."),
        "Write https:// in destinations.{subject}.url, or add `tls:` for a destination without a URL. {afterwards}",
        "red",
        deeds=(URL, *SHOWN),
    ),
    Cause.SPEAKS_NO_TLS: Row(
        "stopped",
        "here",
        TITLE,
        ("{address} does not speak TLS, and we do.", "Its port does not speak TLS, and we do."),
        "Correct the port or the scheme in destinations.{subject}.url. Without TLS the messages are readable on the "
        "network. {afterwards}",
        "red",
        deeds=(URL, *SHOWN),
    ),
}

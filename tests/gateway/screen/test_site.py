"""What of the configuration the cases need."""

from pathlib import Path

import pytest

from gateway.causes.site import ListenerSite
from gateway.config import loading as config
from gateway.screen.site import certificate_files, name_of_class, site_of

TEXT = """
data_dir: /var/lib/hilum
listeners:
  lab: {kind: mllp, port: 2575, acknowledge: commit, tls: {certificate_file: /c/lab.pem, key_file: /c/lab.key}}
  modalities: {kind: dimse, port: 11112, ae_title: HILUM}
destinations:
  hl7: {kind: http, url: "http://127.0.0.1/", contact: "HIS, 4711"}
  images: {kind: dicomweb, url: "https://pacs/", tls: {certificate_file: /c/us.pem, key_file: /c/us.key}}
routes:
  - {from: lab, to: hl7}
  - {from: modalities, to: images}
peers: {LAB: {contact: "Laboratory, 4730"}, QUIET: {}}
admin: {port: 0, tls: {certificate_file: /c/admin.pem, key_file: /c/admin.key}}
"""


def test_site() -> None:
    """Listeners with their mode and destinations, which stores take images, and whom to call."""
    site = site_of(config.parse(TEXT))
    assert site.listeners == {
        "lab": ListenerSite("mllp", "commit", "", frozenset({"hl7"})),
        "modalities": ListenerSite("dimse", "relay", "HILUM", frozenset({"images"})),
    }
    assert (site.images, site.data_dir) == (frozenset({"images"}), "/var/lib/hilum")
    assert (site.destination_contacts, site.peer_contacts) == ({"hl7": "HIS, 4711"}, {"LAB": "Laboratory, 4730"})
    assert site.gateway


def test_certificate_files() -> None:
    """Each certificate that Hilum shows is found, wherever it is configured."""
    assert certificate_files(config.parse(TEXT)) == {
        "listeners.lab.tls": Path("/c/lab.pem"),
        "destinations.images.tls": Path("/c/us.pem"),
        "admin.tls": Path("/c/admin.pem"),
    }


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("1.2.840.10008.5.1.4.1.1.130", "Enhanced PET"),
        ("1.2.840.10008.5.1.4.1.1.2", "CT"),
        ("1.2.3", "1.2.3"),
        ("ADT^A01", "ADT^A01"),
    ],
)
def test_name_of_class(uid: str, name: str) -> None:
    """A SOP class has the name that people know; a private class and a message type stay as they are."""
    assert name_of_class(uid) == name

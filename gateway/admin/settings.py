"""The settings of the admin port."""

from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.admin.hosts import read_host
from gateway.contract.settings import Count, Host, Seconds, SecretFile, ServerTlsSettings, Settings

HostName = Annotated[str, AfterValidator(read_host)]


class AdminSettings(Settings):
    """The admin port: /livez, /readyz, /metrics, the pages for operators, and the spool.

    /livez and /readyz need no authentication. All other paths demand a token, such as that of ``token_file``, or a
    certificate, if configured. One of the two must be configured if other machines can reach the port. If neither is,
    /metrics demands nothing, and everything else demands a token that Hilum makes itself.
    """

    host: Host = "127.0.0.1"
    """Address to bind; `::` is every address of IPv6 and of IPv4. An address that other machines can reach needs
    ``token_file``, or ``tls`` with ``client_auth``."""
    port: int = Field(default=8080, ge=0, le=65535)
    """TCP port to bind; 0 chooses a free port."""
    token_file: SecretFile | None = None
    """File of the token that grants everything, of at least 16 characters; programs send it as a bearer token, people
    sign in with it. It is read again when it changes, and sessions that began with the old one end. Without a file of a
    token and without a required certificate, everything but /livez, /readyz and /metrics demands the token in the file
    `admin-token` in ``data_dir``. Hilum makes that file at the first start, and only its owner may read it."""
    viewer_token_file: SecretFile | None = None
    """File of a token that grants reading only: status, messages, spool, peers, destinations, metrics; no payload."""
    operator_token_file: SecretFile | None = None
    """File of a token that grants reading, and acting on the spool: retry, discard, move; no payload."""
    payload_token_file: SecretFile | None = None
    """File of a token that grants reading, and viewing the payloads of messages, which are patients' data."""
    max_viewers: Count = Field(default=60, ge=1)
    """Most browsers at once that show a page which follows what happens; further ones show how it was when the page
    was opened, and say so. They never take more than three quarters of ``max_connections``."""
    tls: ServerTlsSettings | None = None
    """TLS with certificates. With ``client_auth: optional`` a client certificate can replace the token; ``required``
    demands it in addition to the token, if there is one. /livez and /readyz demand neither."""
    hosts: tuple[HostName, ...] = ()
    """Host names that requests may have in the Host header, in addition to `localhost`, ``host`` and every IP address:
    for example, the name of a proxy in front of the port. Requests with other names, and those of web pages of another
    origin, get only the state from /livez and /readyz, unless they have the token."""
    max_connections: Count = Field(default=100, ge=2)
    """Most connections at once; a further connection replaces the one that has been idle for longest."""
    head_seconds: Seconds = Field(default=10, gt=0)
    """A connection is dropped if the head of its first request has not arrived after this time."""
    request_seconds: Seconds = Field(default=60, gt=0)
    """A connection is dropped if a request is not answered after this time."""
    idle_seconds: Seconds = Field(default=75, gt=0)
    """A connection is dropped if the client has not read the response and sent the next request after this time."""

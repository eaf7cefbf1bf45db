"""The settings of the admin port."""

from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.admin.hosts import read_host
from gateway.contract.settings import Count, Host, Seconds, SecretFile, ServerTlsSettings, Settings

HostName = Annotated[str, AfterValidator(read_host)]


class AdminSettings(Settings):
    """The admin port: /livez, /readyz, /metrics and the spool.

    Anybody may ask /livez and /readyz. For all else ``token_file`` or a certificate is demanded where it is configured,
    which it has to be beyond this machine. Where neither is, /metrics asks for nothing, and the spool for a token that
    Hilum makes by itself.
    """

    host: Host = "127.0.0.1"
    """Address to bind; `::` is every address of IPv6 and of IPv4. One that is not of this machine alone needs
    ``token_file``, or ``tls`` with ``client_auth``."""
    port: int = Field(default=8080, ge=0, le=65535)
    """TCP port to bind; 0 takes a free one."""
    token_file: SecretFile | None = None
    """File that holds the bearer token to be shown, of at least 16 characters; read again when it changes. Without it,
    and without a certificate that is required, the spool (/api/v1/spool) demands the token in `admin-token` under
    ``data_dir``, which is made at the first start and which only its owner may read."""
    tls: ServerTlsSettings | None = None
    """Encryption and certificates. ``client_auth: optional`` takes a certificate in place of the token, ``required``
    demands it beside the token if there is one; neither is asked for by /livez and /readyz."""
    hosts: tuple[HostName, ...] = ()
    """Names by which callers may address the port in the Host header, beside `localhost`, ``host`` and every IP
    address: those of a proxy in front, for example. Others, and web pages of another origin, get only the state from
    /livez and /readyz, unless they show the token."""
    max_connections: Count = Field(default=100, ge=2)
    """Callers at once; one more takes the place of the one that has been silent for longest."""
    head_seconds: Seconds = Field(default=10, gt=0)
    """Drop a caller whose first request has not come after so long."""
    request_seconds: Seconds = Field(default=60, gt=0)
    """Drop a caller whose request is not answered after so long."""
    idle_seconds: Seconds = Field(default=75, gt=0)
    """Drop a caller that has not read its response and sent the next request after so long."""

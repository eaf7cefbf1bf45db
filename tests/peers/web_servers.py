"""nginx in front of a store, and two HTTP proxies on the way to it; each a single process on a port of its own."""

import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.certificates import Pair
from tests.peers.programs import running, until_listening
from tests.ports import free_port

SYSTEM = "/usr/sbin:/usr/bin"
NGINX, TINYPROXY, SQUID = (shutil.which(name, path=SYSTEM) for name in ("nginx", "tinyproxy", "squid"))

needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: make peers")
needs_tinyproxy = pytest.mark.skipif(TINYPROXY is None, reason="Tinyproxy is not installed: make peers")
needs_squid = pytest.mark.skipif(SQUID is None, reason="Squid is not installed: make peers")

USER, PASSWORD = "hilum", "geheim"
HELPER = f"""
while read -r user password; do
  [ "$user $password" = "{USER} {PASSWORD}" ] && echo OK || echo ERR
done
"""
"""Squid asks it for each user and password."""
SQUID_CONF = """
http_port 127.0.0.1:{port}
auth_param basic program /bin/sh {helper}
auth_param basic children 1 startup=1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
cache_mem 8 MB
access_log none
cache_log /dev/null
cache_store_log none
pid_filename none
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
max_filedescriptors 1024
visible_hostname proxy.example
"""


@dataclass(frozen=True, slots=True)
class Front:
    """The addresses of nginx."""

    http: str
    https: str


@asynccontextmanager
async def running_nginx(folder: Path, store: str, pair: Pair, most: str = "1m") -> AsyncIterator[Front]:
    """Run nginx in front of *store*, with and without TLS, taking bodies up to *most*, compressing all replies."""
    plain, secured = free_port(), free_port()
    text = f"""
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;
events {{ worker_connections 64; }}
http {{
  access_log off; gzip on; gzip_min_length 1; gzip_proxied any; gzip_types *;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxied; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  client_max_body_size {most};
  ssl_certificate {pair.certificate}; ssl_certificate_key {pair.key};
  server {{
    listen 127.0.0.1:{plain}; listen 127.0.0.1:{secured} ssl;
    location / {{ proxy_pass {store}; }}
  }}
}}
"""
    (folder / "nginx.conf").write_text(text)
    async with running(str(NGINX), "-p", folder, "-c", folder / "nginx.conf", folder=folder):
        await until_listening(plain)
        await until_listening(secured)
        yield Front(f"http://127.0.0.1:{plain}", f"https://localhost:{secured}")


@asynccontextmanager
async def running_tinyproxy(folder: Path) -> AsyncIterator[str]:
    """Run Tinyproxy, which wants USER's PASSWORD; yield its URL."""
    port = free_port()
    text = f"Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nBasicAuth {USER} {PASSWORD}\n"
    (folder / "tinyproxy.conf").write_text(text)
    async with running(str(TINYPROXY), "-d", "-c", folder / "tinyproxy.conf", folder=folder):
        await until_listening(port)
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def running_squid(folder: Path) -> AsyncIterator[str]:
    """Run Squid, which wants USER's PASSWORD; yield its URL."""
    port = free_port()
    with TemporaryDirectory() as helpers:  # as root Squid becomes another user, who cannot read the test's own folder
        helper = Path(helpers) / "let_in.sh"
        helper.write_text(HELPER)
        Path(helpers).chmod(0o755)
        (folder / "squid.conf").write_text(SQUID_CONF.format(port=port, helper=helper))
        command = (str(SQUID), "-N", "-n", f"hilum{port}", "-f", folder / "squid.conf")
        # It removes its shared memory when it is asked to end; the name keeps it apart from others.
        async with running(*command, folder=folder, end=signal.SIGTERM):
            await until_listening(port)
            yield f"http://127.0.0.1:{port}"

"""Opens the bucket of S3 or GCS that settings describe, by obstore (the object_store of Apache Arrow, in Rust).

obstore tries a request again at once, a few times and for seconds only: longer pauses are the caller's. The library is
imported here, when the first bucket is opened.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.objects.keys import read_key
from adapters.objects.remote import Remote
from adapters.objects.settings import GcsBucketSettings, RemoteBucketSettings, S3BucketSettings
from gateway.contract.errors import ConfigError
from gateway.contract.small_file import read_small_file

if TYPE_CHECKING:
    from obstore.store import S3Credential

KEY_SECONDS = 60
"""How long a key is used before its file is read again."""
UPLOAD_SECONDS = 300
"""Longest time for one request that sends: a part of an object at most."""
DOWNLOAD_SECONDS = 86400
"""Longest time for one request that reads a whole object; a server that is silent is noticed by ``read_seconds``."""
TRIES: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
NO_OAUTH = {"private_key": "", "private_key_id": "", "client_email": "", "disable_oauth": True}


def open_s3(place: str, settings: S3BucketSettings) -> Remote:
    """Return the bucket; raises ConfigError if a file cannot be used. *place* is ``buckets.NAME``."""
    from obstore.store import S3Store  # noqa: PLC0415  see the module's docstring

    bucket, prefix = _parts(settings.url)
    config: Any = {"region": settings.region, "endpoint": settings.endpoint}
    if settings.endpoint is None:  # a bucket whose name has a dot has no certificate for a host of its own
        is_host = "." not in bucket
        host = f"{bucket}.s3" if is_host else "s3"
        config["endpoint"] = f"https://{host}.{settings.region}.amazonaws.com"
        config["virtual_hosted_style_request"] = is_host
    provider = None
    match settings.credentials.kind:
        case "none":
            config["skip_signature"] = True
        case "s3" if settings.credentials.key_file is not None:
            provider = partial(_key, settings.credentials.key_file, f"{place}.credentials.key_file")
            provider()
    make: Any = partial(S3Store, bucket, prefix=prefix, config=config, retry_config=TRIES, credential_provider=provider)
    return _remote(make, place, settings)


def open_gcs(place: str, settings: GcsBucketSettings) -> Remote:
    """Return the bucket; raises ConfigError if a file cannot be used. *place* is ``buckets.NAME``."""
    from obstore.store import GCSStore  # noqa: PLC0415  likewise

    bucket, prefix = _parts(settings.url)
    config: Any = {}
    if settings.credentials.kind == "none":
        config["skip_signature"] = True
        if settings.endpoint is not None:
            config["service_account_key"] = dumps({"gcs_base_url": settings.endpoint.rstrip("/"), **NO_OAUTH})
    else:
        if (path := settings.credentials.service_account_file) is not None:
            config["service_account_key"] = _text(path, f"{place}.credentials.service_account_file")
        if settings.endpoint is not None:
            config["base_url"] = settings.endpoint.rstrip("/")
    make: Any = partial(GCSStore, bucket, prefix=prefix, config=config, retry_config=TRIES)
    return _remote(make, place, settings)


def _remote(make: Any, place: str, settings: RemoteBucketSettings) -> Remote:
    options = _options(place, settings)
    try:
        return Remote(
            make(client_options=options | {"timeout": timedelta(seconds=UPLOAD_SECONDS)}),
            make(client_options=options | {"timeout": timedelta(seconds=DOWNLOAD_SECONDS)}),
        )
    except Exception as error:  # noqa: BLE001  its errors have no common base but Exception, and may repeat a key
        raise ConfigError(
            f"{place}: cannot be opened ({type(error).__name__}); correct its address and the files that it names"
        ) from None


def _options(place: str, settings: RemoteBucketSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "allow_http": (settings.endpoint or "").startswith("http://"),
        "connect_timeout": timedelta(seconds=settings.connect_seconds),
        "read_timeout": timedelta(seconds=settings.read_seconds),
        "user_agent": "hilum",
    }
    if settings.ca_file is not None:
        options["root_certificate"] = _text(settings.ca_file, f"{place}.ca_file")
    if settings.proxy is not None:
        options["proxy_url"] = settings.proxy
    return options


def _parts(url: str) -> tuple[str, str | None]:
    """Return the name of the bucket, and the folder in it if there is one."""
    bucket, _, prefix = url.partition("://")[2].partition("/")
    return bucket, prefix.strip("/") or None


def _key(path: Path, place: str) -> "S3Credential":
    return {**read_key(path, place), "expires_at": datetime.now(UTC) + timedelta(seconds=KEY_SECONDS)}


def _text(path: Path, place: str) -> str:
    try:
        return read_small_file(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no short text"
        raise ConfigError(f"{place}: {path}: cannot be read: {reason}; name a readable file") from None

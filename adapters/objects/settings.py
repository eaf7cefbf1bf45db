"""Settings of buckets, and of the credentials for them."""

from importlib.util import find_spec
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.contract.addresses import is_loopback
from gateway.contract.forms import Form
from gateway.contract.settings import File, Seconds, SecretFile, Settings

NEEDS = "needs obstore; install Hilum with its extra objects"
S3Url = Annotated[str, Form(r"s3://[A-Za-z0-9._-]+(?:/[^?#]*)?", "is no address of a bucket; write s3://NAME")]
GcsUrl = Annotated[str, Form(r"gs://[A-Za-z0-9._-]+(?:/[^?#]*)?", "is no address of a bucket; write gs://NAME")]
Endpoint = Annotated[
    str,
    Form(
        r"https?://[^\s/@?#]+(?:/[^\s@?#]*)?",
        "is no address; write https:// and a host, without credentials, query or fragment",
    ),
]
Proxy = Annotated[
    str, Form(r"http://[^\s/@?#]+/?", "is no address of a proxy; write http://, a host and a port, no credentials")
]
PLAIN = "http://"


class NoBucketCredentials(Settings):
    """The bucket asks for no credentials."""

    kind: Literal["none"] = "none"
    """No credentials: requests are not signed."""


class S3Credentials(Settings):
    """A key of S3, by which requests are signed."""

    kind: Literal["s3"]
    """Access key."""
    key_file: SecretFile | None = None
    """File with the lines `aws_access_key_id = …` and `aws_secret_access_key = …`, and `aws_session_token = …` where
    there is one, as AWS's own tools write it; with one section at most. It is read again while it is used. By default
    the environment of the process (`AWS_ACCESS_KEY_ID`), or the role of the container or machine, gives the key."""


class GoogleBucketCredentials(Settings):
    """A service account of Google Cloud."""

    kind: Literal["google"]
    """Token of a service account."""
    service_account_file: SecretFile | None = None
    """The service account's key as JSON, read when the bucket is opened; by default the metadata server of the machine
    gives the tokens."""


class FolderBucketSettings(Settings):
    """A folder of this machine, or one that is mounted."""

    kind: Literal["folder"]
    """Files below ``url``. The file system must have hard links."""
    url: File
    """The folder. A key is the path below it, with `/`. Symbolic links below it are no objects."""


class RemoteBucketSettings(Settings):
    """What buckets have in common that are reached over HTTP."""

    endpoint: Endpoint | None = None
    """Address of the server; by default that of the cloud."""
    ca_file: File | None = None
    """CA certificates in PEM that are trusted for the server, besides those of the system."""
    proxy: Proxy | None = None
    """Proxy on the way to the server; by default what the environment of the process says (`HTTPS_PROXY`)."""
    connect_seconds: Seconds = Field(default=5, gt=0)
    """Longest wait for a connection."""
    read_seconds: Seconds = Field(default=60, gt=0)
    """Longest silence of the server while octets are awaited from it."""

    @model_validator(mode="after")
    def _library_is_there(self) -> Self:
        if find_spec("obstore") is None:
            raise ValueError(NEEDS)
        return self

    @model_validator(mode="after")
    def _ca_has_an_effect(self) -> Self:
        if self.ca_file is not None and (self.endpoint or "").startswith(PLAIN):
            raise ValueError("ca_file has no effect with http://; change endpoint to https:// or remove ca_file")
        return self

    @property
    def host_in_the_clear(self) -> str | None:
        """The host, other than this machine, to which objects go in the clear, or None."""
        if self.endpoint is None or not self.endpoint.startswith(PLAIN):
            return None
        host = self.endpoint.removeprefix(PLAIN).partition("/")[0]
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return None if is_loopback(name.strip("[]")) else name


class S3BucketSettings(RemoteBucketSettings):
    """A bucket of S3, or of a server that speaks like it."""

    kind: Literal["s3"]
    """S3 of AWS, or a server with the same interface: MinIO, Ceph, SeaweedFS."""
    url: S3Url
    """`s3://NAME`; with `s3://NAME/some/folder` keys are below that folder."""
    region: str = "us-east-1"
    """Region of the bucket; servers other than AWS mostly take any."""
    credentials: Annotated[S3Credentials | NoBucketCredentials, Field(discriminator="kind")] = NoBucketCredentials()
    """How Hilum authenticates to the server."""


class GcsBucketSettings(RemoteBucketSettings):
    """A bucket of Google Cloud Storage."""

    kind: Literal["gcs"]
    """Google Cloud Storage."""
    url: GcsUrl
    """`gs://NAME`; with `gs://NAME/some/folder` keys are below that folder."""
    credentials: Annotated[GoogleBucketCredentials | NoBucketCredentials, Field(discriminator="kind")] = (
        NoBucketCredentials()
    )
    """How Hilum authenticates to Google."""

    @model_validator(mode="after")
    def _tokens_are_not_sent_in_the_clear(self) -> Self:
        if self.credentials.kind != "none" and (host := self.host_in_the_clear) is not None:
            raise ValueError(f"credentials would go to {host} in the clear; change endpoint to https://")
        return self

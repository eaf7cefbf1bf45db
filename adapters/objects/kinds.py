"""The kinds of bucket, and the destination that writes into one.

What speaks S3 and GCS is imported when the first such bucket is opened.
"""

from collections.abc import Iterator

from adapters.objects.destination_settings import BucketDestinationSettings
from adapters.objects.folder import Folder
from adapters.objects.settings import (
    FolderBucketSettings,
    GcsBucketSettings,
    GoogleBucketCredentials,
    NoBucketCredentials,
    RemoteBucketSettings,
    S3BucketSettings,
    S3Credentials,
)
from gateway.contract.kind import BucketKind, DestinationKind, Store, Tools
from gateway.contract.objects import Bucket

IN_THE_CLEAR = (
    "patients' data goes to {host} in the clear, where everybody on the way can read it; change it to https:// unless "
    "that network is protected in another way"
)


def _open_folder(_: str, settings: FolderBucketSettings) -> Bucket:
    return Folder(settings.url)


def _open_s3(place: str, settings: S3BucketSettings) -> Bucket:
    from adapters.objects.stores import open_s3  # noqa: PLC0415  only who uses it needs the library

    return open_s3(place, settings)


def _open_gcs(place: str, settings: GcsBucketSettings) -> Bucket:
    from adapters.objects.stores import open_gcs  # noqa: PLC0415  likewise

    return open_gcs(place, settings)


def _notices(settings: RemoteBucketSettings) -> Iterator[tuple[str, str]]:
    if (host := settings.host_in_the_clear) is not None:
        yield "endpoint", IN_THE_CLEAR.format(host=host)


def _of_folder(settings: FolderBucketSettings) -> Iterator[tuple[str, str]]:
    if not settings.url.is_dir():
        yield "url", "there is no such folder; it is made when the first object is written, and cannot be read before"


def _open_destination(name: str, settings: BucketDestinationSettings, tools: Tools) -> Store:
    from adapters.objects.destination import BucketDestination  # noqa: PLC0415  only who has one needs it

    return BucketDestination(name, settings, tools.bucket(settings.bucket))


NONE = {"`credentials` of a bucket, kind `none`": NoBucketCredentials}
BUCKETS = (
    BucketKind("folder", FolderBucketSettings, _open_folder, _of_folder),
    BucketKind(
        "s3", S3BucketSettings, _open_s3, _notices, {"`credentials` of a bucket, kind `s3`": S3Credentials, **NONE}
    ),
    BucketKind(
        "gcs",
        GcsBucketSettings,
        _open_gcs,
        _notices,
        {"`credentials` of a bucket, kind `google`": GoogleBucketCredentials, **NONE},
    ),
)
BUCKET = DestinationKind("bucket", BucketDestinationSettings, frozenset({"dicom", "hl7v2"}), _open_destination)

"""What the kinds of destination, and of listener that fetches, are given when they are opened."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from gateway.config.buckets import opener_of
from gateway.config.models import AnyBucket
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.kind import Tools
from gateway.contract.once import OnePerGateway
from gateway.kinds import KINDS
from gateway.telemetry.metrics import Metrics
from gateway.tls.opening import client_contexts, store_contexts


def tools_of(
    data_dir: Path,
    read_stores: frozenset[str],
    metrics: Metrics,
    acknowledgements: Acknowledgements,
    buckets: Mapping[str, AnyBucket],
) -> Tools:
    """Return what a kind is given when it opens a destination or a listener that fetches."""
    return Tools(
        partial(store_contexts, metrics=metrics),
        KINDS.credentials,
        partial(client_contexts, metrics=metrics),
        partial(OnePerGateway, data_dir),
        metrics.exchanges,
        acknowledgements,
        data_dir,
        read_stores,
        bucket=opener_of(buckets),
    )

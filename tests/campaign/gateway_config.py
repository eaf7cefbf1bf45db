"""The configuration of the gateway in a campaign."""

from collections.abc import Mapping
from pathlib import Path

from adapters.rest.settings import RestSettings
from tests.campaign.promises import STORE_PATIENCE

CAP = ", max_retry_after_seconds: 5" if "max_retry_after_seconds" in RestSettings.model_fields else ""
"""What a store asks for in its worst moods is longer than any campaign."""
PATIENT = ", max_unreadable: 10000, max_own_failures: null" if "max_unreadable" in RestSettings.model_fields else ""
"""A store that answers with a page, or fails, is well again before the end: nothing may be parked for that."""
LISTENERS = ("adt", "orders", "results", "referrals", "ct", "annex", "live")
WARD = f"answer_seconds: {STORE_PATIENCE:g}, max_retries: 10000, max_unanswered: 10000"
"""A receiver that refuses everything, or answers nothing, is well again before the end, too."""
LISTENER_OF = {"HILUM": "ct", "ARCHIVE": "ct", "BACKUP": "ct", "ANNEX": "annex", "LIVE": "live"}
"""Where each called AE title is."""


def configuration(data_dir: Path, host: str, ports: Mapping[str, int], stores: Mapping[str, str], workers: int) -> str:
    """Return the YAML text for listeners at *ports* and stores at the base addresses *stores*."""
    store = f"read_seconds: {STORE_PATIENCE:g}{CAP}{PATIENT}"
    ward_host, _, ward_port = stores["ward"].rpartition("/")[0].rpartition("/")[2].partition(":")
    # A destination over MLLP is for one process of a gateway only.
    referrals = f"referrals: {{kind: mllp, host: {host}, port: {ports['referrals']}, acknowledge: commit}}"
    ward = f"ward: {{kind: mllp, host: {ward_host}, port: {ward_port}, connections: 4, {WARD}}}"
    listener, destination, route = (
        (f"\n  {referrals}", f"\n  {ward}", "\n  - {from: referrals, to: ward}") if workers == 1 else ("", "", "")
    )
    at = {name: f"host: {host}, port: {ports[name]}" for name in LISTENERS}
    return f"""
listeners:
  adt: {{kind: mllp, {at["adt"]}, acknowledge: commit, order_by: patient}}
  orders: {{kind: mllp, {at["orders"]}, acknowledge: commit, order_by: peer}}
  results: {{kind: mllp, {at["results"]}}}{listener}
  ct: {{kind: dimse, {at["ct"]}, acknowledge: commit, called_ae_titles: [HILUM, ARCHIVE, BACKUP]}}
  annex: {{kind: dimse, {at["annex"]}, acknowledge: commit, ae_title: ANNEX}}
  live: {{kind: dimse, {at["live"]}, ae_title: LIVE}}
destinations:
  messages-a: {{kind: http, url: "{stores["messages-a"]}", {store}}}
  messages-b: {{kind: hl7v2_store, url: "{stores["messages-b"]}", {store}}}
  messages-c: {{kind: http, url: "{stores["messages-c"]}", {store}}}{destination}
  images-a: {{kind: dicomweb, url: "{stores["images-a"]}", {store}, batch: {{instances: 10}}}}
  images-b: {{kind: dicomweb, url: "{stores["images-b"]}", {store}, on_conflict: overwrite}}
  images-c: {{kind: dicomweb, url: "{stores["images-c"]}", {store}}}
routes:
  - {{from: adt, to: [messages-a, messages-b]}}
  - {{from: orders, to: messages-a}}
  - {{from: results, to: messages-c}}{route}
  - {{from: ct, when: {{called_ae_title: ARCHIVE}}, to: images-a}}
  - {{from: ct, when: {{called_ae_title: BACKUP}}, to: images-b}}
  - {{from: ct, to: [images-a, images-b]}}
  - {{from: annex, to: images-b}}
  - {{from: live, to: images-c}}
admin: {{port: 0}}
data_dir: {data_dir}
spool: {{min_free_bytes: 0, inline_bytes: 4096}}
drain_seconds: 5
workers: {workers}
"""

"""Writes docs/configuration.md from the settings classes; a test checks that the page is up to date."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from adapters.events.buckets.settings import BucketNotificationsSettings
from adapters.pipeline.reports.settings import ReportColumns
from adapters.pipeline.settings import GateSettings, HospitalSettings, PipelineSettings, PublicSettings
from gateway.admin.settings import AdminSettings
from gateway.audit.settings import AuditSettings, SyslogSettings
from gateway.config.descriptions import descriptions
from gateway.config.known_peers import KnownPeer
from gateway.config.loading import Config, RouteSettings
from gateway.contract.settings import ClientTlsSettings, ServerTlsSettings
from gateway.kinds import KINDS
from gateway.silence.settings import QuietTime, SilenceSettings
from gateway.spool.settings import SpoolSettings

PAGE = Path(__file__).parent / "configuration.md"
SECTIONS: dict[str, type[BaseModel]] = {
    "The file": Config,
    **{f"`listeners.NAME`, kind `{each.name}`": each.settings for each in KINDS.listeners.values()},
    **{title: model for each in KINDS.listeners.values() for title, model in each.parts.items()},
    **{f"`destinations.NAME`, kind `{each.name}`": each.settings for each in KINDS.destinations.values()},
    **{title: model for each in KINDS.destinations.values() for title, model in each.parts.items()},
    **{f"`credentials`, kind `{each.name}`": each.settings for each in KINDS.credentials.values()},
    **{f"`buckets.NAME`, kind `{each.name}`": each.settings for each in KINDS.buckets.values()},
    **{title: model for each in KINDS.buckets.values() for title, model in each.parts.items()},
    **{f"`steps.NAME`, kind `{each.name}`": each.settings for each in KINDS.steps.values()},
    **{title: model for each in KINDS.steps.values() for title, model in each.parts.items()},
    "`tls` of a listener or of `admin`": ServerTlsSettings,
    "`tls` of a destination or of its `credentials`": ClientTlsSettings,
    "`routes`": RouteSettings,
    "`pipeline`": PipelineSettings,
    "`pipeline.hospitals.NAME`": HospitalSettings,
    "`pipeline.hospitals.NAME.columns`": ReportColumns,
    "`pipeline.public`": PublicSettings,
    "`pipeline.gate`": GateSettings,
    "`pipeline.notifications`": BucketNotificationsSettings,
    "`peers.NAME`": KnownPeer,
    "`silence`": SilenceSettings,
    "`silence.quiet`": QuietTime,
    "`spool`": SpoolSettings,
    "`admin`": AdminSettings,
    "`audit`": AuditSettings,
    "`audit.syslog`": SyslogSettings,
}
HEAD = """# Configuration

Every key of the YAML file, generated from the settings classes (`hilum schema` prints the same as JSON Schema).
An unknown key is an error. `${NAME}` in a value is replaced by the environment variable. Units are part of key names.
Secrets are never in the file: `*_file` keys name files. Top-level keys that begin with `x-` are ignored: a place for
YAML anchors.

Editors can complete and check the file with its schema: `hilum schema > hilum.schema.json`, in the folder of the file.

- VS Code, with the extension `redhat.vscode-yaml`: this as the first line of the file,
  `# yaml-language-server: $schema=hilum.schema.json`
- Helix and Neovim: install `yaml-language-server`, in Neovim with `vim.lsp.enable("yamlls")` (nvim-lspconfig);
  Helix starts it by itself. Both read the same first line.
"""


def render() -> str:
    """Return the page."""
    return HEAD + "".join(f"\n## {title}\n\n{_table(model)}" for title, model in SECTIONS.items())


def _table(model: type[BaseModel]) -> str:
    rows = "".join(_rows(model))
    return f"| key | default | meaning |\n|---|---|---|\n{rows}"


def _rows(model: type[BaseModel]) -> Iterator[str]:
    meanings = descriptions(model)
    for name, field in model.model_fields.items():
        text = " ".join(meanings.get(name, "").replace("``", "`").replace("|", "\\|").split())
        yield f"| `{field.alias or name}` | {_default(field)} | {text} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "see below"
    if value is None or value is PydanticUndefined or value in ((), {}, [], ""):
        return "none"
    shown = f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
    choices = get_args(field.annotation)
    return (
        shown
        if len(choices) < 2 or not all(isinstance(each, str) for each in choices)
        else f"{shown} of {', '.join(f'`{each}`' for each in choices)}"
    )


if __name__ == "__main__":
    PAGE.write_text(render())

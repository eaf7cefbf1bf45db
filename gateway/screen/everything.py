"""The whole screen of a gateway: its pages, and the API of what they show."""

from functools import partial

from aiohttp import web

from gateway.admin.access import Access
from gateway.admin.spool_acts import SpoolActs
from gateway.config.destinations import destinations_of
from gateway.config.loading import Config
from gateway.config.origin import Origin
from gateway.contract.acts import TellAct
from gateway.screen.further_pages import add_further_pages
from gateway.screen.imports_api import add_imports_api
from gateway.screen.messages_api import add_messages_api
from gateway.screen.pages import add_pages
from gateway.screen.pipeline_api import add_pipeline_api
from gateway.screen.pipeline_progress import read_noted
from gateway.screen.site import site_of
from gateway.screen.status_api import add_status_api
from gateway.screen.status_source import StatusSource
from gateway.spool import Operations


def add_screen(
    application: web.Application,
    source: StatusSource,
    access: Access,
    config: Config,
    *,
    tell: TellAct,
    spool: Operations | None = None,
    origin: Origin | None = None,
) -> None:
    """Add what operators see. It names peers and messages, so the access of the port must demand authentication."""
    add_status_api(application, source)
    add_messages_api(application, config.data_dir)
    add_imports_api(application, config.data_dir)
    tables = None if config.pipeline is None else config.pipeline.tables
    add_pipeline_api(application, tables)
    read_pipeline = None if tables is None else partial(read_noted, tables)
    acts = None if spool is None else SpoolActs(spool, destinations_of(config), config.listeners, tell)
    renderer = add_pages(application, source, access, config.admin, tell=tell, read_pipeline=read_pipeline)
    add_further_pages(application, renderer, source, site_of(config), config, acts=acts, origin=origin)

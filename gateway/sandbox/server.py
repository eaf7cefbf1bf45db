"""The sandbox: stores as in the Cloud Healthcare API (HL7v2, DICOM, FHIR) and Pub/Sub, in one process on one port."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.sandbox.bigquery.routes import bigquery_routes, opened_bigquery
from gateway.sandbox.bigquery.writing import CatalogTables
from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.database import Database
from gateway.sandbox.deidentifying.api import DeidentifyApi
from gateway.sandbox.dicom.managing.api import DicomManagingApi
from gateway.sandbox.dicom.pixels.api import PixelsApi
from gateway.sandbox.dicom.qido import QidoApi
from gateway.sandbox.dicom.stow import StowApi, incoming_folder
from gateway.sandbox.dicom.wado import WadoApi
from gateway.sandbox.faults import Faults
from gateway.sandbox.fhir.http import Listener
from gateway.sandbox.fhir.routes import fhir_routes
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.google_error import ApiError, error_response
from gateway.sandbox.hl7v2.api import Hl7v2Api
from gateway.sandbox.hl7v2.managing.api import Hl7v2ManagingApi
from gateway.sandbox.iam.api import IamApi
from gateway.sandbox.iam.enforcing import Enforcer
from gateway.sandbox.iam.projects_api import ProjectsApi
from gateway.sandbox.names import in_both_versions
from gateway.sandbox.notifications import Notifier
from gateway.sandbox.operations.api import OperationsApi
from gateway.sandbox.operations.running import Running
from gateway.sandbox.overview.api import OverviewApi
from gateway.sandbox.place import Place
from gateway.sandbox.private import make_private
from gateway.sandbox.pubsub.api import PubsubApi
from gateway.sandbox.pubsub.broker import Broker
from gateway.sandbox.pubsub.push import Pusher
from gateway.sandbox.resources.datasets_api import DatasetsApi
from gateway.sandbox.resources.existing import Strictness
from gateway.sandbox.resources.locations_api import LocationsApi
from gateway.sandbox.resources.stores_api import StoresApi
from gateway.sandbox.resources.unserved import unserved_routes
from gateway.sandbox.storage.routes import opened_storage, storage_routes
from gateway.sandbox.tables.target import Tables
from gateway.sandbox.worker import Worker

# Enough for an HL7v2 message of 16 MiB in base64. DICOM instances are not read into memory and not limited.
MAX_BODY = 32 * 1024 * 1024
READ_BUFFER = 512 * 1024
"""Octets of a body that are read ahead, for each connection."""
SHUTDOWN_SECONDS = 2.0
UNKNOWN = {
    404: "the sandbox has no such path: docs/reference/sandbox-methods.md lists its methods, GET / its stores",
    405: "the sandbox has this path for other methods of HTTP",
}
DATABASE = "sandbox.sqlite3"
DATASET = "v1/projects/p/locations/l/datasets/d"

log = structlog.get_logger()


class Sandbox:
    """Serves inside ``async with``; all data is below *data_dir*, which only one process may use at a time.

    Stores need no set-up: any project, location, dataset and store that a request names exists, but for *strict*. With
    an *owner*, policies are enforced; the owner may do everything. *buckets* are the folders of ``gs://`` buckets by
    name; others are below *data_dir*. Topics and subscriptions are created by requests, and kept in memory only.
    Entering raises ``OSError`` if the port is in use or *data_dir* cannot be used.
    """

    def __init__(
        self,
        data_dir: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Faults | None = None,
        buckets: Mapping[str, Path] | None = None,
        strict: bool = False,
        owner: str | None = None,
    ) -> None:
        self.faults = faults or Faults()
        self.fhir_options = FhirOptions()
        """How awkward the FHIR stores are; may be changed while the sandbox runs."""
        self.fhir_listeners: list[Listener] = []
        """What is told of every change of a FHIR store after its commit, besides the topics of the store."""
        self.tables: Tables | None = None
        """Where stores are exported to with ``bigqueryDestination``: the sandbox's own tables, or others."""
        self._root = data_dir
        self._named = buckets or {}
        self._buckets = Buckets(data_dir / "buckets", self._named)
        self._strict = strict
        self._owner = owner
        self._host = host
        self._port = port
        self._exit = AsyncExitStack()
        self.broker = Broker(time.time)
        """The topics and subscriptions."""

    @property
    def port(self) -> int:
        """The bound TCP port, even if 0 was requested."""
        return self._port

    @property
    def url(self) -> str:
        """The URL of the sandbox, without a slash at the end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def hl7v2_store_url(self, store: str = "s") -> str:
        """Return the address of an HL7v2 store."""
        return f"{self.url}/{DATASET}/hl7V2Stores/{store}"

    def dicom_web_url(self, store: str = "d") -> str:
        """Return the DICOMweb root of a DICOM store."""
        return f"{self.url}/{DATASET}/dicomStores/{store}/dicomWeb"

    def fhir_url(self, store: str = "f") -> str:
        """Return the root of the resources of a FHIR store."""
        return f"{self.url}/{DATASET}/fhirStores/{store}/fhir"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            worker = Worker("sandbox-files")
            stack.callback(worker.close)
            await worker.run(self._prepare_folders)
            database = await stack.enter_async_context(Database(self._root / DATABASE))
            pusher = await stack.enter_async_context(Pusher(self.broker))
            running = await stack.enter_async_context(Running(database))
            catalog = await stack.enter_async_context(opened_bigquery(self._root / "bigquery"))
            self.tables = self.tables or CatalogTables(catalog)
            application = self._application(database, worker, pusher, running)
            store = await stack.enter_async_context(opened_storage(database, self._root / "buckets", self._named))
            application.add_routes(bigquery_routes(catalog, self._buckets))
            application.add_routes(storage_routes(store))  # the last ones: a bucket may have almost any name
            self._port = await stack.enter_async_context(_serving(application, self._host, self._port))
            self._exit = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    def _prepare_folders(self) -> None:
        incoming = incoming_folder(self._root)
        make_private(
            self._root,
            incoming,
            self._root / "dicom",
            self._root / "buckets",
            self._root / "bigquery",
            database=self._root / DATABASE,
        )
        # Files that an earlier process was receiving when it was killed.
        for path in incoming.glob("*.part"):
            path.unlink()

    def _application(self, database: Database, worker: Worker, pusher: Pusher, running: Running) -> web.Application:
        enforcer = None if self._owner is None else Enforcer(database, self._owner)
        checks = [] if enforcer is None else [enforcer.middleware]
        checks += [Strictness(database).middleware] if self._strict else []
        application = web.Application(
            middlewares=[self.faults.middleware, _report_errors, *checks], client_max_size=MAX_BODY
        )
        notifier = Notifier(self.broker, self.faults.notifications)
        place = Place(database, worker, self._root, notifier, self.fhir_options, self._buckets, running, self.tables)
        pubsub = PubsubApi(self.broker, pusher.changed)
        application.add_routes(OverviewApi(database, self._named, strict=self._strict).routes())
        iam = IamApi(database, enforcer)
        application.add_routes(
            in_both_versions([*_healthcare_routes(place, self.fhir_listeners), *iam.routes(), *unserved_routes()])
        )
        application.add_routes(ProjectsApi(database, iam).routes())
        application.add_routes(pubsub.routes())
        application.on_shutdown.append(pubsub.end_pulls)
        application.add_routes(pusher.routes())
        return application


def _healthcare_routes(place: Place, listeners: list[Listener]) -> list[web.RouteDef]:
    """Return the routes of the Cloud Healthcare API in its version v1."""
    return [
        *LocationsApi(place.database).routes(),
        *DatasetsApi(place).routes(),
        *StoresApi(place).routes(),
        *Hl7v2Api(place.database, place.notifier).routes(),
        *Hl7v2ManagingApi(place).routes(),
        *StowApi(place.database, place.worker, place.root, place.notifier, place.streams).routes(),
        *QidoApi(place.database).routes(),
        *WadoApi(place.database, place.worker, place.root).routes(),
        *PixelsApi(place.database, place.worker, place.root).routes(),
        *DicomManagingApi(place).routes(),
        *fhir_routes(place, listeners),
        *DeidentifyApi(place).routes(),
        *OperationsApi(place.database, place.running).routes(),
    ]


@asynccontextmanager
async def _serving(application: web.Application, host: str, port: int) -> AsyncIterator[int]:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, read_bufsize=READ_BUFFER)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@web.middleware
async def _report_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Convert every error to Google's format; of an unexpected exception, log its type only."""
    try:
        return await handler(request)
    except ApiError as error:
        return error_response(error)
    except web.HTTPException as error:
        return error_response(ApiError(error.status, UNKNOWN.get(error.status, error.reason)))
    except web.RequestPayloadError:
        return error_response(ApiError(400, "the body of the request is not encoded as its header says"))
    except ConnectionError:
        log.info("sandbox_client_left", method=request.method)
        raise
    except Exception as error:  # noqa: BLE001 - its text may quote a patient's data
        log.error("sandbox_request_failed", method=request.method, error=type(error).__name__)
        return error_response(ApiError(500, "the sandbox failed"))

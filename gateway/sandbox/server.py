"""The sandbox: stores as in the Cloud Healthcare API (HL7v2, DICOM, FHIR) and Pub/Sub, in one process on one port."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.sandbox.database import Database
from gateway.sandbox.deidentifying.api import DeidentifyApi
from gateway.sandbox.deidentifying.work import Place
from gateway.sandbox.dicom.qido import QidoApi
from gateway.sandbox.dicom.stow import StowApi, incoming_folder
from gateway.sandbox.dicom.wado import WadoApi
from gateway.sandbox.faults import Faults
from gateway.sandbox.fhir.http import Listener
from gateway.sandbox.fhir.routes import fhir_routes
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.google_error import ApiError, error_response
from gateway.sandbox.hl7v2.api import Hl7v2Api
from gateway.sandbox.notifications import Notifier
from gateway.sandbox.operations_api import OperationsApi
from gateway.sandbox.overview import OverviewApi
from gateway.sandbox.private import make_private
from gateway.sandbox.pubsub.api import PubsubApi
from gateway.sandbox.pubsub.broker import Broker
from gateway.sandbox.pubsub.push import Pusher
from gateway.sandbox.running import Running
from gateway.sandbox.stores import StoresApi
from gateway.sandbox.worker import Worker

# Enough for an HL7v2 message of 16 MiB in base64. DICOM instances are not read into memory and not limited.
MAX_BODY = 32 * 1024 * 1024
SHUTDOWN_SECONDS = 2.0
DATABASE = "sandbox.sqlite3"
DATASET = "v1/projects/p/locations/l/datasets/d"

log = structlog.get_logger()


class Sandbox:
    """Serves inside ``async with``; all data is below *data_dir*, which only one process may use at a time.

    Stores need no set-up: any project, location, dataset and store that a request names exists. Topics and
    subscriptions are created by requests, and kept in memory only. Entering raises
    ``OSError`` if the port is in use or *data_dir* cannot be used.
    """

    def __init__(self, data_dir: Path, host: str = "127.0.0.1", port: int = 0, faults: Faults | None = None) -> None:
        self.faults = faults or Faults()
        self.fhir_options = FhirOptions()
        """How awkward the FHIR stores are; may be changed while the sandbox runs."""
        self.fhir_listeners: list[Listener] = []
        """What is told of every change of a FHIR store after its commit, besides the topics of the store."""
        self._root = data_dir
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
            application = self._application(database, worker, pusher, running)
            self._port = await stack.enter_async_context(_serving(application, self._host, self._port))
            self._exit = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    def _prepare_folders(self) -> None:
        incoming = incoming_folder(self._root)
        make_private(self._root, incoming, self._root / "dicom", self._root / "buckets", database=self._root / DATABASE)
        # Files that an earlier process was receiving when it was killed.
        for path in incoming.glob("*.part"):
            path.unlink()

    def _application(self, database: Database, worker: Worker, pusher: Pusher, running: Running) -> web.Application:
        application = web.Application(middlewares=[self.faults.middleware, _report_errors], client_max_size=MAX_BODY)
        notifier = Notifier(self.broker, self.faults.notifications)
        application.add_routes(OverviewApi(database).routes())
        application.add_routes(StoresApi(database).routes())
        application.add_routes(Hl7v2Api(database, notifier).routes())
        application.add_routes(StowApi(database, worker, self._root, notifier).routes())
        application.add_routes(QidoApi(database).routes())
        application.add_routes(WadoApi(database, worker, self._root).routes())
        fhir = fhir_routes(database, self.fhir_options, self.fhir_listeners, notifier, self._root / "buckets")
        application.add_routes(fhir)
        place = Place(database, worker, self._root, notifier, self.fhir_options)
        application.add_routes(DeidentifyApi(place, running).routes())
        application.add_routes(OperationsApi(database, running).routes())
        pubsub = PubsubApi(self.broker, pusher.changed)
        application.add_routes(pubsub.routes())
        application.on_shutdown.append(pubsub.end_pulls)
        application.add_routes(pusher.routes())
        return application


@asynccontextmanager
async def _serving(application: web.Application, host: str, port: int) -> AsyncIterator[int]:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
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
        return error_response(ApiError(error.status, error.reason))
    except web.RequestPayloadError:
        return error_response(ApiError(400, "the body of the request is not encoded as its header says"))
    except ConnectionError:
        log.info("sandbox_client_left", method=request.method)
        raise
    except Exception as error:  # noqa: BLE001 - its text may quote a patient's data
        log.error("sandbox_request_failed", method=request.method, error=type(error).__name__)
        return error_response(ApiError(500, "the sandbox failed"))

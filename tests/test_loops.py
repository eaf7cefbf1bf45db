"""The tests run on the loop that ships, and those of the network on asyncio's too (``make test-asyncio``)."""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from gateway.process.loop import new_event_loop
from tests.openers import on_one_loop

ROOT = Path(__file__).parent.parent
ON_ONE_LOOP = {
    "browser": "drives a browser against what ships",
    "campaign": "kills whole gateways; a gateway without uvloop differs in nothing that it judges",
    "corpus": "other data for the listeners and destinations of tests/adapters",
    "faults": "kills, fills and damages what ships",
    "hostile": "measures what ships",
    "incidents": "reads the first screen and `hilum status` of what ships",
    "phi": "looks for names in what ships",
}
"""The rings that the second pass leaves out, each with its reason."""
SLOW_ON_ONE_LOOP = {
    "tests/gateway/test_deidentified_study.py",  # two workers and a restart; test_deidentified.py runs on both loops
    "tests/gateway/journal/test_workers.py",  # processes, one killed; the other tests of the journal run on both loops
    "tests/gateway/limits/test_descriptors.py",  # a process of its own for each test, for a limit of the system
    "tests/gateway/process/test_supervisor.py",  # processes and their ends; test_worker.py tests each worker's loop
    "tests/peers/test_foreign_dicom.py",  # these seven: further peers and stores for what test_dcmtk.py,
    "tests/peers/test_foreign_hl7.py",  # test_pynetdicom.py, test_python_hl7.py and test_dicomweb_client.py
    "tests/peers/test_mllp_receivers.py",  # try on both loops, and tests/adapters/mllp/client for receivers
    "tests/peers/test_orthanc.py",
    "tests/peers/test_static_dicomweb.py",
    "tests/peers/test_stow_batch.py",
    "tests/peers/test_web_servers.py",
    "tests/adapters/rest/fhir/test_stories.py",  # what stores end with; test_store.py runs on both loops
    "tests/peers/test_medplum_store.py",
    "tests/gateway/cli/importing/test_kills.py",  # kills whole processes; the other tests of imports run on both loops
    "tests/pipeline/test_notifications.py",  # the whole program; tests/adapters/events has its listener on both loops
    "tests/pipeline/test_s3.py",  # a real S3 server; tests/adapters/objects has its buckets on both loops
    "tests/peers/test_gcloud.py",  # Google's programs in processes of their own, against a sandbox in another one;
    "tests/peers/test_google_bigquery.py",  # tests/gateway/sandbox tries its handlers on both loops
    "tests/peers/test_google_storage.py",
    "tests/test_how_to_fill_a_store.py",  # these six: what pages say, of what ships
    "tests/test_how_to_fhir.py",
    "tests/test_how_to_prepared_fhir_files.py",
    "tests/test_how_to_route_hl7.py",
    "tests/test_how_to_tables.py",
    "tests/test_sandbox_mistakes.py",
}
OWN_LOOP = re.compile(
    r"asyncio\.(run|new_event_loop)\(|asyncio\.Runner\((?!loop_factory=new_event_loop\))"
    r"|import uvloop|uvloop\.\w|set_event_loop_policy|pytest_asyncio_loop_factories|loop_factories="
)


async def test_loop(pytestconfig: pytest.Config) -> None:
    """A test runs on the loop that --loop names, and where it is not given, as in ``make test``, on uvloop."""
    given = any(each.startswith("--loop") for each in pytestconfig.invocation_params.args)
    expected = pytestconfig.getoption("--loop") if given else "uvloop"
    assert expected == type(asyncio.get_running_loop()).__module__.split(".")[0]


async def test_loop_of_the_gateway() -> None:
    """The gateway, in this process and in one of its own, runs on the loop that the tests run on."""
    here = type(asyncio.get_running_loop())
    loop = new_event_loop()
    loop.close()
    assert here is type(loop)
    program = "from gateway.process.loop import new_event_loop; print(type(new_event_loop()).__module__)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert f"{here.__module__}\n".encode() == (await process.communicate())[0]


def test_passes() -> None:
    """CI runs the first pass, what it leaves out, and the second; only the second names a loop."""
    makefile, ci = (ROOT / "Makefile").read_text(), (ROOT / ".ci/run").read_text()
    assert {"make test", "make test-slow", "make test-asyncio"} <= set(ci.splitlines())
    pattern = r"^test-asyncio:.*\n\t.* --loop asyncio \$\(AT_ONCE\) -m .asyncio[a-z ]*. \$\(NETWORK_RINGS\)$"
    assert re.search(pattern, makefile, re.MULTILINE)
    assert 1 == makefile.count("--loop ")


@pytest.mark.slow
def test_every_module_of_the_network_is_in_both_passes() -> None:
    """A test module that opens a listener or a connection, itself or by what it uses, runs on asyncio's loop too."""
    rings = re.search(r"^NETWORK_RINGS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert rings
    found = on_one_loop(ROOT, rings[1].split())
    unknown = [path for path in found if Path(path).parts[1] not in ON_ONE_LOOP and path not in SLOW_ON_ONE_LOOP]
    assert [] == unknown, "put it below NETWORK_RINGS (Makefile), with a test that is not slow, or say why not above"


BROKEN = {
    "a listener, outside": ("tests/new/test_a.py", "from gateway.b import listen\nasync def test_a(): ..."),
    "through a helper": ("tests/new/test_a.py", "import tests.helper\nasync def test_a(): ..."),
    "its own socket": ("tests/new/test_a.py", "async def test_a(): await asyncio.start_server(f, port=0)"),
    "slow": ("tests/gateway/test_a.py", "import gateway.b\npytestmark = pytest.mark.slow\nasync def test_a(): ..."),
    "slow among others": (
        "tests/gateway/test_a.py",
        "import gateway.b\npytestmark = [pytest.mark.slow, 1]\nasync def test_a(): ...",
    ),
    "each slow": ("tests/gateway/test_a.py", "import gateway.b\n@pytest.mark.slow\nasync def test_a(): ..."),
}


@pytest.mark.parametrize(("name", "text"), BROKEN.values(), ids=BROKEN)
def test_modules_on_one_loop_are_found(tmp_path: Path, name: str, text: str) -> None:
    """The rule above finds who breaks it, by place and by mark."""
    sources = {
        name: text,
        "gateway/b.py": "async def listen(): await loop.create_server(f)",
        "tests/helper.py": "import gateway.b",
    }
    for path, source in sources.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    assert [name] == on_one_loop(tmp_path, ["tests/gateway"])


def test_no_loop_of_its_own() -> None:
    """No test chooses its event loop: ``asyncio.run`` is for programs, a Runner is given the gateway's."""
    tests = [path for path in sorted(ROOT.glob("tests/*/**/*.py")) if path.name.startswith(("test_", "conftest"))]
    assert [] == [str(path.relative_to(ROOT)) for path in tests if OWN_LOOP.search(path.read_text())]

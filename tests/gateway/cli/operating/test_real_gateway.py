"""``hilum status`` and ``hilum explain`` against a real gateway."""

import asyncio
from pathlib import Path

import pytest
from pynetdicom import AE

from gateway.cli.main import main
from tests.mllp_client import adt, code_of, mllp_client
from tests.ports import free_port
from tests.running import running_gateway

CT, ENHANCED_PET, FIND = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.130", "1.2.840.10008.5.1.4.1.2.2.1"
EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"


def text_of(tmp_path: Path) -> str:
    """Return the configuration of a gateway with two stores, behind whose ports nobody is."""
    return f"""
listeners:
  lab: {{kind: mllp, port: 0}}
  modalities: {{kind: dimse, port: 0, sop_classes: [{CT}]}}
destinations:
  results: {{kind: http, url: "http://127.0.0.1:{free_port()}/", contact: "Records on-call, 4411"}}
  images: {{kind: dicomweb, url: "http://127.0.0.1:{free_port()}/"}}
routes: [{{from: lab, to: results, attempts: 1}}, {{from: modalities, to: images}}]
admin: {{port: {free_port()}}}
data_dir: {tmp_path}
drain_seconds: 1
"""


async def hilum(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run a command in a thread, as this process also runs the gateway; return exit status and output."""
    capfd.readouterr()
    status = await asyncio.to_thread(main, list(words))
    printed = capfd.readouterr()
    return status, printed.out + printed.err


async def test_store_is_down(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The text of the status names cause, side and mend; that of the explanation names the failure, too."""
    path = tmp_path / "hilum.yaml"
    path.write_text(text_of(tmp_path))
    async with running_gateway(path.read_text()) as gateway, mllp_client(gateway.ports["lab"]) as client:
        for number in range(3):
            assert "AR" == code_of(await client.ask(adt(f"C{number}")))
        async with asyncio.timeout(30):  # a failure that passes within seconds is none that needs somebody
            while (found := await hilum(capfd, "status", str(path)))[0] == 0:
                await asyncio.sleep(0.2)
        status, said = found
        explained = await hilum(capfd, "explain", str(path), "--destination", "results")
        message = await hilum(capfd, "explain", str(path), "--message", "C1")
    assert (1, True) == (status, "■ STOPPED   results" in said), said + explained[1]
    assert "store side" in said
    assert "Nothing listens at 127.0.0.1:" in said
    assert "→ Call Records on-call, 4411." in said
    assert 0 == explained[0]
    assert "It has failed since " in explained[1]
    assert "→ Call Records on-call, 4411." in explained[1]
    assert (0, True) == (message[0], "NOT DELIVERED for results (" in " ".join(message[1].split())), message[1]
    assert "Hilum does not have it: its sender was told to send it again." in message[1]


async def test_context_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The explanation of a modality has the answer to each context that it proposed, and the line to change."""
    path = tmp_path / "hilum.yaml"
    path.write_text(text_of(tmp_path))
    async with running_gateway(path.read_text()) as gateway:
        await asyncio.to_thread(associate, gateway.ports["modalities"])
        status, said = await hilum(capfd, "explain", str(path), "--peer", "PET1")
        rejected = await hilum(capfd, "explain", str(path), "--peer", "MR3")
        unknown = await hilum(capfd, "explain", str(path), "--peer", "CT9")
    assert 0 == status, said
    assert "PET1 (127.0.0.1:" in said
    lines = [" ".join(each.split()) for each in said.splitlines()]
    assert "1 CT Image Storage Explicit VR LE, Implicit VR LE taken: Explicit VR LE" in lines
    assert any(each.startswith("3 Enhanced PET Image Storage Explicit VR LE REFUSED: not in") for each in lines), said
    joined = " ".join(lines)
    assert "REFUSED: this listener stores, and offers no other service" in joined
    assert "It stored nothing; it released the association at " in joined
    assert f"→ Add {ENHANCED_PET} (Enhanced PET Image Storage) to listeners.modalities.sop_classes, or" in joined
    joined = " ".join(rejected[1].split())
    assert "was rejected: it calls AE title HILUM1, and this listener is HILUM." in joined
    assert "On MR3 set the called AE title to HILUM, or add HILUM1 to listeners.modalities.called_ae_titles." in joined
    assert (1, True) == (unknown[0], "Nothing is known of this peer since the start." in unknown[1])


def associate(port: int) -> None:
    """Ask for associations as two modalities do."""
    pet = AE("PET1")
    pet.add_requested_context(CT, [EXPLICIT, IMPLICIT])
    pet.add_requested_context(ENHANCED_PET, [EXPLICIT])
    pet.add_requested_context(FIND, [IMPLICIT])
    association = pet.associate("127.0.0.1", port, ae_title="HILUM")
    assert association.is_established
    association.release()
    mr = AE("MR3")
    mr.add_requested_context(CT)
    # Where pynetdicom's own thread wakes only after the answer and the end, it takes the rejection for a failed
    # connection: the answer is not lost on the way, it is not read. It asks again then.
    for _ in range(50):
        association = mr.associate("127.0.0.1", port, ae_title="HILUM1")
        if association.acceptor.primitive is not None:
            break
    assert association.is_rejected

"""Every attack by its name."""

from collections.abc import Awaitable, Callable, Mapping

from tests.hostile import dimse_attacks, http_attacks, mllp_attacks, socket_attacks
from tests.hostile.ward import Ports

Attack = Callable[[Ports], Awaitable[None]]


def _on_hl7(act: Callable[[int], Awaitable[None]]) -> Attack:
    return lambda ports: act(ports.hl7)


def _on_dicom(act: Callable[[int], Awaitable[None]]) -> Attack:
    return lambda ports: act(ports.dicom)


def _on_fhir(act: Callable[[int], Awaitable[None]]) -> Attack:
    return lambda ports: act(ports.fhir)


ATTACKS: Mapping[str, Attack] = {
    **{f"hl7-{name}": _on_hl7(act) for name, act in mllp_attacks.ATTACKS.items()},
    **{f"hl7-{name}": _on_hl7(act) for name, act in socket_attacks.ATTACKS.items()},
    **{f"dicom-{name}": _on_dicom(act) for name, act in dimse_attacks.ATTACKS.items()},
    **{f"dicom-{name}": _on_dicom(act) for name, act in socket_attacks.ATTACKS.items()},
    **{f"http-{name}": _on_fhir(act) for name, act in http_attacks.ATTACKS.items()},
    **{f"http-{name}": _on_fhir(act) for name, act in socket_attacks.ATTACKS.items()},
}

"""Defined terms of elements that say how the object is read: such a value is never an identifier."""

MODALITIES = (
    "AR ASMT AU BDUS BI BMD CR CT CTPROTOCOL DG DMS DOC DX ECG EPS ES FID GM HC HD IO IOL IVOCT IVUS KER KO LEN LS M3D "
    "MG MR NM OAM OCT OP OPM OPT OPTBSV OPTENF OPV OSS OT PA PLAN POS PR PT PX REG RESP RF RG RTDOSE RTIMAGE RTINTENT "
    "RTPLAN RTRAD RTRECORD RTSEGANN RTSTRUCT RWV SEG SM SMR SR SRF STAIN TEXTUREMAP TG US VA XA XC SC XAPROTOCOL"
)
"""PS3.3 C.7.3.1.1.1."""
PHOTOMETRICS = (
    "MONOCHROME1 MONOCHROME2 RGB YBR_FULL YBR_FULL_422 YBR_PARTIAL_420 YBR_PARTIAL_422 YBR_ICT YBR_RCT XYB HSV ARGB"
)
"""PS3.3 C.7.6.3.1.2."""
RELATIONSHIPS = (
    "CONTAINS",
    "HAS OBS CONTEXT",
    "HAS ACQ CONTEXT",
    "HAS CONCEPT MOD",
    "HAS PROPERTIES",
    "INFERRED FROM",
    "SELECTED FROM",
)
"""PS3.3 table C.17.3.2.1, of a structured report."""
VALUE_TYPES = (
    "CONTAINER TEXT NUM CODE DATE TIME DATETIME UIDREF PNAME COMPOSITE IMAGE WAVEFORM SCOORD SCOORD3D TCOORD TABLE"
)
"""PS3.3 table C.17.3.2.1, likewise."""
CHARACTER_SETS = (6, 100, 101, 109, 110, 144, 127, 126, 138, 148, 203, 166, 13, 192, 87, 159, 149, 58)
"""PS3.3 C.12.1.1.2."""


def _padded(values: list[str]) -> frozenset[bytes]:
    return frozenset(padded for each in values for padded in (each.encode(), f"{each} ".encode()))


TERMS = {
    0x00080005: _padded(
        [f"{form} {each}" for form in ("ISO_IR", "ISO 2022 IR") for each in CHARACTER_SETS] + ["GB18030", "GBK"]
    ),
    0x00080060: _padded(MODALITIES.split()),
    0x0040A010: _padded([*RELATIONSHIPS]),
    0x0040A040: _padded(VALUE_TYPES.split()),
    0x00280004: _padded([*PHOTOMETRICS.split(), "PALETTE COLOR"]),
}

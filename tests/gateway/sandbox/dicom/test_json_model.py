"""DICOM JSON as the handlers write it."""

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.sandbox.dicom.json_model import element, json_response, require_json, tag
from gateway.sandbox.google_error import ApiError


def test_element() -> None:
    """An element has its values, or none."""
    assert element("UI", "1.2") == {"vr": "UI", "Value": ["1.2"]}
    assert element("UI", None) == element("UI") == {"vr": "UI"}


def test_tag() -> None:
    """A keyword becomes the eight digits of PS3.18 F.2.2."""
    assert tag("SOPInstanceUID") == "00080018"


def test_media_type() -> None:
    """The media type has no charset: clients compare it as a whole."""
    assert json_response([]).headers["Content-Type"] == "application/dicom+json"


@pytest.mark.parametrize("accept", ["", "*/*", "application/dicom+json", "text/html, application/json;q=0.5"])
def test_acceptable(accept: str) -> None:
    """A request that accepts JSON passes."""
    require_json(make_mocked_request("GET", "/", headers={"Accept": accept}))


@pytest.mark.parametrize("accept", ["application/dicom+xml", "application/dicom+json; q=0", "text/html"])
def test_not_acceptable(accept: str) -> None:
    """A request that accepts only other formats gets 406."""
    with pytest.raises(ApiError, match="only application/dicom"):
        require_json(make_mocked_request("GET", "/", headers={"Accept": accept}))

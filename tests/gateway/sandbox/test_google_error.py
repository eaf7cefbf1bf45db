"""Errors in Google's shape."""

import json

from gateway.sandbox.google_error import ApiError, error_response


def test_shape() -> None:
    """Code, message, status and details are where Google's clients look for them, as JSON without a charset."""
    response = error_response(ApiError(400, "not so", [{"@type": "t", "hl7Nack": "bnVsbA=="}]))
    assert isinstance(response.body, bytes)
    assert (response.status, response.headers["Content-Type"]) == (400, "application/json")
    assert json.loads(response.body) == {
        "error": {
            "code": 400,
            "message": "not so",
            "status": "INVALID_ARGUMENT",
            "details": [{"@type": "t", "hl7Nack": "bnVsbA=="}],
        }
    }


def test_status_without_a_name() -> None:
    """A status that Google has no name for still has one; details are left out where there are none."""
    response = error_response(ApiError(415, "not so"))
    assert isinstance(response.body, bytes)
    assert json.loads(response.body) == {
        "error": {"code": 415, "message": "not so", "status": "FAILED_PRECONDITION"},
    }

"""The codes of stores that may be repeated wherever they are: they are words of standards, never payload."""

_CODES = """
CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED
FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED
invalid_request invalid_client invalid_grant unauthorized_client invalid_scope invalid_token insufficient_scope
invalid structure required value invariant security login unknown expired forbidden suppressed processing not-supported
duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict transient
lock-error no-store exception timeout incomplete throttled
"""
CODES = frozenset(_CODES.split())
"""google.rpc.Code; RFC 6749 5.2 and RFC 6750 3.1; FHIR IssueType."""

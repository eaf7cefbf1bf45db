"""Raises an error at a chosen place of the engines, whatever it is: a function, a resumed generator, a line."""

import inspect
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import adapters.deidentify

ENGINES = str(Path(adapters.deidentify.__file__).parent)
ADAPTERS = Path(ENGINES).parent
STEP = f"{ENGINES}/step.py"
"""The boundary: it turns what the engines raise into a refusal."""
Place = tuple[CodeType, int]
"""A function, and the number of a line of it; 0 for its calls. A generator counts at each of its lines instead: the
interpreter also tells of a call when it closes one, and what is raised then is nobody's."""
Trace = Callable[[FrameType, str, Any], Any]


def name_of(place: Place) -> str:
    """Return the place for a report."""
    code, line = place
    return f"{Path(code.co_filename).relative_to(ADAPTERS)}:{line or code.co_firstlineno} {code.co_qualname}"


@contextmanager
def traced(trace: Trace) -> Iterator[None]:
    """Trace what runs here, in this thread and in those that begin meanwhile."""
    before = sys.gettrace()
    threading.settrace(trace)
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
        threading.settrace(before)


@contextmanager
def recorded(*, lines: bool, folder: str = ENGINES, boundary: str = STEP) -> Iterator[Mapping[Place, int]]:
    """Yield the places through which the engines go here, or what is in another *folder*, and how often."""
    found: Counter[Place] = Counter()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(folder) or code.co_filename == boundary:
            return None
        if event == _begins(code):
            found[code, 0] += 1
        if event == "line" and lines:
            found[code, frame.f_lineno] += 1
        return trace if lines or _begins(code) == "line" else None

    with traced(trace):
        yield found


@contextmanager
def failing(place: Place, error: BaseException, at: int = 1) -> Iterator[None]:
    """Raise *error* when the engines come to *place*, at the first time or a later one."""
    wanted, line = place
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if frame.f_code is not wanted:
            return None
        if event == ("line" if line else _begins(wanted)) and line in {0, frame.f_lineno}:
            count += 1
            if count == at:
                raise error
        return trace if line or _begins(wanted) == "line" else None

    with traced(trace):
        yield


def _begins(code: CodeType) -> str:
    return "line" if code.co_flags & inspect.CO_GENERATOR else "call"

"""A store that answers what a test has written down."""

from collections.abc import Mapping, Sequence
from typing import cast

from adapters.rest.http.client import Client
from adapters.rest.http.http1 import Sink
from adapters.rest.http.reply import Reply
from gateway.contract.outcome import Unavailable

ROOT = "http://store.example/fhir"
Answer = tuple[int, bytes] | Unavailable


class Store:
    """Answers by path; the last answer of a path comes again and again."""

    def __init__(self, answers: Mapping[str, Answer | Sequence[Answer]]) -> None:
        self._answers = {path: list(each) if isinstance(each, list) else [each] for path, each in answers.items()}
        self.asked: list[str] = []

    async def request(
        self, _: str, url: str, headers: Mapping[str, str], *, sink: Sink | None = None
    ) -> Reply | Unavailable:
        """Answer."""
        path = url.removeprefix(ROOT)
        self.asked.append(path)
        answers = self._answers.get(path, [(404, b"")])
        answer = cast("Answer", answers.pop(0) if len(answers) > 1 else answers[0])
        if isinstance(answer, Unavailable):
            return answer
        status, body = answer
        if status == 200 and sink is not None:
            sink(body)
            body = b""
        return Reply(status, {}, body)


def client(store: Store) -> Client:
    """Return it as the client that it stands for."""
    return cast("Client", store)

"""One thread does all the work."""

import threading

from gateway.sandbox.worker import Worker


async def test_one_thread() -> None:
    """All work is done in the one thread, which is gone after closing."""
    worker = Worker("test-worker")
    threads = {await worker.run(threading.current_thread) for _ in range(3)}
    worker.close()
    assert [False] == [thread.is_alive() for thread in threads]

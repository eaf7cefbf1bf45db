"""The bare cost of making things durable: groups of records in one file, or files of their own."""

import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def append_groups(path: Path, size: int, committers: int, seconds: float) -> float:
    """Return records per second when *committers* always wait, so that each fsync is for that many records."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    group = bytes(size) * committers
    groups, begin = 0, time.perf_counter()
    while time.perf_counter() < begin + seconds:
        os.write(file, group)
        os.fsync(file)
        groups += 1
    elapsed = time.perf_counter() - begin
    os.close(file)
    return groups * committers / elapsed


def write_files(folder: Path, size: int, writers: int, count: int) -> float:
    """Return files per second when *writers* write *count* files and make each durable, its directory entry too."""
    content = bytes(size)

    def write(number: int) -> None:
        path = folder / str(number)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(file, content)
        os.fsync(file)
        os.close(file)
        entry = os.open(folder, os.O_RDONLY)
        os.fsync(entry)
        os.close(entry)

    begin = time.perf_counter()
    with ThreadPoolExecutor(writers) as threads:
        list(threads.map(write, range(count)))
    elapsed = time.perf_counter() - begin
    for number in range(count):
        (folder / str(number)).unlink()
    return count / elapsed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("size", type=int)
    parser.add_argument("committers", type=int)
    parser.add_argument("--files", type=int, metavar="COUNT")
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.files:
        rate = write_files(options.folder, options.size, options.committers, options.files)
    else:
        rate = append_groups(options.folder / "journal", options.size, options.committers, options.seconds)
    json.dump({"rate": rate}, sys.stdout)

"""Checks that the identified and the public side of a pipeline share nothing: no bucket, no folder, no credential.

Each problem has the path of the setting, the reason and the mend. The sections come as they are written in the file,
and may be malformed: what is wrong with one alone is told elsewhere.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.pipeline.step_problems import step_problems

SECRETS = {"s3": "key_file", "google": "service_account_file"}
"""The setting that names the file of a credential, by its kind."""


@dataclass(frozen=True, slots=True)
class Used:
    """A place that the pipeline uses."""

    path: str
    """Its setting."""
    name: str
    """The name of its bucket; empty if it is a folder of its own."""
    bucket: Mapping[str, Any]


def pipeline_problems(raw: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong between the section ``pipeline`` and the others of a configuration."""
    pipeline = raw.get("pipeline")
    if not isinstance(pipeline, Mapping):
        return
    buckets = _mapping(raw.get("buckets"))
    identified, public = [*_identified(pipeline)], [*_public(pipeline)]
    for path, name in (*identified, *public):
        if name not in buckets:
            known = ", ".join(sorted(map(str, buckets))) or "none"
            yield f"{path}: there is no bucket {name!r}; there is {known}"
    inside = [Used(path, name, _mapping(buckets[name])) for path, name in identified if name in buckets]
    folders = {"pipeline.tables": pipeline.get("tables"), "data_dir": raw.get("data_dir")}
    inside += [Used(path, "", {"kind": "folder", "url": each}) for path, each in folders.items() if each]
    inside.append(Used("pipeline.notifications", "", _mapping(pipeline.get("notifications"))))  # they name objects
    outside = [Used(path, name, _mapping(buckets[name])) for path, name in public if name in buckets]
    for each in outside:
        yield from _shared(each, inside)
    if len(outside) == 2 and (problem := _place_shared(outside[1], outside[0])):
        yield f"{outside[1].path}: {problem}; name another bucket: thumbnails have one of their own"
    yield from step_problems(pipeline, _mapping(raw.get("steps")))
    yield from _columns(_mapping(pipeline.get("public")).get("columns"))


def _columns(names: object) -> Iterator[str]:
    if not isinstance(names, list | tuple):
        return
    from adapters.pipeline.stages.public_columns import column_problems  # noqa: PLC0415  only where there is a pipeline

    for problem in column_problems(each for each in names if isinstance(each, str)):
        yield f"pipeline.public.columns: {problem}"


def _identified(pipeline: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for hospital, each in _mapping(pipeline.get("hospitals")).items():
        for what in ("images", "reports"):
            place = _mapping(each).get(what)
            if isinstance(place, str):
                yield f"pipeline.hospitals.{hospital}.{what}", place.partition(":")[0]


def _public(pipeline: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for what in ("tables", "thumbnails"):
        place = _mapping(pipeline.get("public")).get(what)
        if isinstance(place, str):
            yield f"pipeline.public.{what}", place.partition(":")[0]


def _shared(public: Used, identified: list[Used]) -> Iterator[str]:
    """Yield what a public place shares with the identified side, the first of each sort."""
    places = ((each, _place_shared(public, each)) for each in identified)
    for each, problem in places:
        if problem:
            yield f"{public.path}: {problem}, which {each.path} uses; name a bucket that only the public side uses"
            break
    for each in identified:
        if problem := _credential_shared(public, each):
            yield f"{public.path}: {problem}, which {each.path} uses; give the public side a credential of its own"
            break


def _place_shared(one: Used, other: Used) -> str:
    if one.name and one.name == other.name:
        return f"is in the bucket {one.name!r}"
    kinds = {one.bucket.get("kind"), other.bucket.get("kind")}
    if kinds == {"folder"}:
        mine, theirs = _folder(one), _folder(other)
        if mine == theirs:
            return "is the same folder as that"
        if _is_within(mine, theirs):
            return "is inside of the folder"
        return "holds the folder" if _is_within(theirs, mine) else ""
    same = len(kinds) == 1 and all(_remote(one)) and _remote(one) == _remote(other)
    return "is the same bucket as that" if same else ""


def _folder(used: Used) -> str:
    return os.path.realpath(str(used.bucket.get("url")))


def _is_within(folder: str, other: str) -> bool:
    return folder.startswith(other.rstrip("/") + "/")


def _remote(used: Used) -> tuple[str, str]:
    """Return the server and the name of the bucket: folders within one bucket have the same rights and logs."""
    url = str(used.bucket.get("url") or "")
    endpoint = str(used.bucket.get("endpoint") or f"default of {used.bucket.get('kind')}")
    return endpoint.rstrip("/").lower(), url.partition("://")[2].partition("/")[0]


def _credential_shared(one: Used, other: Used) -> str:
    mine, theirs = _mapping(one.bucket.get("credentials")), _mapping(other.bucket.get("credentials"))
    kind = str(mine.get("kind"))
    setting = SECRETS.get(kind)
    if setting is None or theirs.get("kind") != kind:
        return ""
    if mine.get(setting) and theirs.get(setting):
        same = os.path.realpath(str(mine[setting])) == os.path.realpath(str(theirs[setting]))
        return f"has the credential of the same {setting}" if same else ""
    # Without a file both are what the environment or the machine gives: one identity.
    return "" if mine.get(setting) or theirs.get(setting) else "has the credential that this machine gives to processes"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

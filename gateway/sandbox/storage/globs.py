"""``matchGlob`` of a listing: which names of objects fit.

``*`` and ``?`` do not mean ``/``, ``**`` does; ``[abc]``, ``[a-z]`` and ``[!a]`` mean one character, ``{a,b}`` one of
several words. Source: https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob
"""

import re

from gateway.sandbox.reasoned_error import ReasonedError

MOST_CHARACTERS, MOST_WILDCARDS = 1024, 32
TOKEN = re.compile(
    r"\*\*|[*?{},]|\[(?P<not>[!^])?(?P<set>[^\[\]/]+)\]|\\(?P<escaped>.)|(?P<literal>[^\[\]])", re.DOTALL
)


def glob_prefix(glob: str) -> str:
    """Return how all names that fit begin."""
    return re.split(r"[*?\[{\\]", glob, maxsplit=1)[0]


def compile_glob(glob: str) -> re.Pattern[str]:
    """Return what *glob* means; raises a 400."""
    if len(glob) > MOST_CHARACTERS or len(re.findall(r"[*?\[{]", glob)) > MOST_WILDCARDS:
        raise ReasonedError(400, f"matchGlob has at most {MOST_CHARACTERS} characters and {MOST_WILDCARDS} wildcards")
    parts, depth, end = [], 0, 0
    for token in TOKEN.finditer(glob):
        if token.start() != end:
            break
        end = token.end()
        part, depth = _part(token, depth)
        parts.append(part)
    if end != len(glob) or depth:
        raise ReasonedError(400, "matchGlob is not valid: a bracket or a brace is not closed, or stands alone")
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:
        raise ReasonedError(400, "matchGlob is not valid: a range in brackets is the wrong way round") from None


def _part(token: re.Match[str], depth: int) -> tuple[str, int]:
    text = token.group()
    simple = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    if text in simple:
        return simple[text], depth
    if text == "{":
        return "(?:", depth + 1
    if text == "}" and depth:
        return ")", depth - 1
    if text == "," and depth:
        return "|", depth
    if token["set"]:
        inside = re.sub(r"([\\\]^&~|])", r"\\\1", token["set"])
        return f"(?!/)[{'^' if token['not'] else ''}{inside}]", depth
    return re.escape(token["escaped"] or text), depth

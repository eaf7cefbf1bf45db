"""Writes docs/reference/sandbox-methods.md from the list of Google's methods and the table of those that are absent."""

from pathlib import Path

from gateway.sandbox.resources.unserved import methods

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "sandbox-methods.md"
METHODS = ROOT / "tests" / "gateway" / "sandbox" / "methods.txt"
HEAD = """# Methods of the Cloud Healthcare API in the sandbox

Every method of the discovery document of v1 (revision 20261013), without `projects.locations.` before its name, and
those that only v1beta1 has (revision 20260924). What is served is served in both versions. What is not there answers
501 with its name.
"""


def render() -> str:
    """Return the page."""
    absent = {each.name for each in methods()}
    rows = [line.split("\t") for line in METHODS.read_text().splitlines() if not line.startswith("#")]
    served = sum(name not in absent for _, _, name in rows)
    lines = [HEAD, f"\n{served} of {len(rows)} are served.\n\n| method | HTTP | served |\n|---|---|---|\n"]
    lines += [f"| `{name}` | {verb} | {'no' if name in absent else 'yes'} |\n" for verb, _, name in rows]
    beta = [each for each in methods() if each.is_beta]
    lines += [f"| `{each.name}` (v1beta1) | {each.verb} | no |\n" for each in beta]
    return "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(render())

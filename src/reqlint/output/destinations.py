"""Where a report goes, and in which format: to the standard streams, as who reads them there wants it, and to files."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Standard output and standard error, beside the paths of files.
OUT, ERR = 1, 2

#: What the name of a file tells of its format, the more precise first: a pattern, and the formats that it fits. The first
#: of these is meant when none of them was asked for.
_NAMES = (
    (r"code[-_]?quality.*\.json", ("gitlab",)),
    (r"\.sarif(\.json)?", ("sarif",)),
    (r"\.rdjson(\.json)?", ("rdjson",)),
    (r"\.json", ("json", "gitlab", "sarif", "rdjson")),
    (r"\.(jsonl|ndjson)", ("json-lines",)),
    (r"\.xml", ("junit",)),
    (r"\.(md|markdown)", ("markdown",)),
    (r"\.(txt|log)", ("concise", "full")),
)


def format_of_file(path: str, asked: str | None) -> str:
    """The format of a report in this file: the one that was asked for if the name fits it or tells none, else the name's.

    >>> format_of_file("reqlint.sarif", "github"), format_of_file("report.json", "sarif"), format_of_file("report", None)
    ('sarif', 'sarif', 'concise')
    """
    name = os.path.basename(path).lower()
    for pattern, formats in _NAMES:
        if re.search(pattern + r"\Z", name):
            return asked if asked is not None and asked in formats else formats[0]
    return asked or "concise"


def destinations(
    files: Sequence[str], asked: str | None, *, stream: int = OUT, terminal: bool = False
) -> list[tuple[str | int, str]]:
    """Each place that a report goes to, OUT, ERR or the path of a file, with its format.

    ``asked``: the format that was asked for, if any; ``stream``: where the report for the log goes, which is ERR when
    standard output is taken; ``terminal``: whether somebody looks at it there. What a file holds does not go to the
    stream as well. In GitLab CI, the report for Code Quality takes standard output, from where it can be sent to a file,
    only if no file is named, and people find the findings on standard error.
    """
    found: list[tuple[str | int, str]] = [(path, format_of_file(path, asked)) for path in files]
    native = "" if asked else _native()
    if native == "gitlab" and not found and stream == OUT and not os.environ.get("PRE_COMMIT"):
        return [(OUT, "gitlab"), (ERR, "concise")]
    if native == "gitlab":
        native = ""  # its report is a file: in a log it is of use to nobody
    logged = asked or native or ("full" if terminal else "concise")
    if all(name != logged for _, name in found):
        found.append((stream, logged))
    return found


def wanting_json(files: Sequence[str], asked: str | None, *, stream: int = OUT) -> list[tuple[str | int, bool]]:
    """The same for what is written as a text or as JSON only: each place, and whether it is to be JSON."""
    logged = asked == "json"
    found: list[tuple[str | int, bool]] = [(path, format_of_file(path, asked) == "json") for path in files]
    if all(json != logged for _, json in found):
        found.append((stream, logged))
    return found


def in_github() -> bool:
    """Whether GitHub Actions runs us."""
    return os.environ.get("GITHUB_ACTIONS", "").lower() == "true"


def in_azure() -> bool:
    """Whether Azure Pipelines runs us."""
    return os.environ.get("TF_BUILD", "").lower() == "true"


def _native() -> str:
    """The format of the system that runs us, by the variables that it sets; empty elsewhere."""
    if in_github():
        return "github"
    if in_azure():
        return "azure"
    return "gitlab" if os.environ.get("GITLAB_CI", "").lower() == "true" else ""

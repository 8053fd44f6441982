"""JUnit's XML, as Jenkins, GitLab and most other systems read it: one suite a file, one failed case a finding.

A file without findings has one case that passes, so that it shows up as checked. What XML 1.0 cannot hold is replaced.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from reqlint.output import visible
from reqlint.output._ci import Paths, told, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqlint.diagnostic import Diagnostic
    from reqlint.output import Report
    from reqlint.redaction import Redactor


def render(report: Report) -> str:
    """The document, in ASCII, so that it is valid in any encoding; with one passed case when no file was checked."""
    redact = report.redact
    paths = Paths(redact)
    by_path: dict[str, list[Diagnostic]] = {manifest.path: [] for manifest in report.manifests}
    for item in report.diagnostics:
        by_path.setdefault(item.source.path, []).append(item)
    root = Element(
        "testsuites", {"name": "reqlint"} | _counts(report.diagnostics, max(1, sum(map(_cases, by_path.values()))))
    )
    for path, items in by_path.items():
        _suite(root, _legal(visible(paths(path))), items, redact)
    if not by_path:
        _suite(root, "reqlint", [], redact)
    text: str = tostring(root, encoding="us-ascii", xml_declaration=True).decode("ascii")
    return text.replace("##[", "#&#35;[").replace("##vso[", "#&#35;vso[") + "\n"  # commands in the logs of CI systems


def _cases(items: list[Diagnostic]) -> int:
    return len(items) or 1


def _suite(root: Element, name: str, items: list[Diagnostic], redact: Redactor) -> None:
    suite = SubElement(root, "testsuite", {"name": name} | _counts(items, _cases(items)))
    if not items:
        SubElement(suite, "testcase", {"name": "no findings", "classname": name})
    seen: dict[str, int] = {}
    for item in items:
        subject = f": {redact.word(item.dependency)}" if item.dependency else ""
        title = _legal(f"{item.code} {item.name}{subject}")
        seen[title] = number = seen.get(title, 0) + 1  # of cases with one name, systems show the last
        row = item.source.row(item.span[0])
        case = SubElement(
            suite,
            "testcase",
            {
                "name": title if number == 1 else f"{title} ({number})",
                "classname": name,
                "file": name,
                "line": str(row),
            },
        )
        outcome = SubElement(
            case,
            "error" if item.code == "RQ999" else "failure",  # a fault of ours is none of the file's
            {"type": item.severity, "message": _legal(words(item.message, redact))},
        )
        outcome.text = _legal(told(item, redact) + (f"\n  help: {words(item.help, redact)}" if item.help else ""))


def _counts(items: Sequence[Diagnostic], cases: int) -> dict[str, str]:
    errors = sum(item.code == "RQ999" for item in items)
    return {"tests": str(cases), "failures": str(len(items) - errors), "errors": str(errors), "skipped": "0"}


def _legal(text: str) -> str:
    """A text of the characters that XML 1.0 allows (its production 2)."""
    return "".join(letter if _is_legal(ord(letter)) else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _is_legal(code: int) -> bool:
    return code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code >= 0x10000

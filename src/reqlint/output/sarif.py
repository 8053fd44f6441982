"""SARIF 2.1.0 (OASIS), with what GitHub's code scanning asks for besides.

Regions count code points from 1, and ends are exclusive. A finding is known again by ``primaryLocationLineHash``, which is
left out where a secret takes part in it: whoever knows the rest of the line could work a short one out of the hash. GitHub's
own action then fills it in. A replacement that would show a secret is left out with its fix. A fault of reqlint's own is a
notification of the tool, and no result.
"""

from __future__ import annotations

import os
from urllib.parse import quote

from reqlint import __version__
from reqlint.output import shortened
from reqlint.output._ci import Paths, fingerprints, words
from reqlint.output._line_hash import line_hashes
from reqlint.output.json import as_text
from reqlint.output.rules import documentation, summary
from reqlint.registry import rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reqlint.diagnostic import Diagnostic
    from reqlint.fixes import Fix
    from reqlint.output import Report
    from reqlint.registry import Rule
    from reqlint.source import Source, Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_PROBLEMS = {"error": "error", "warning": "warning", "info": "recommendation"}
#: What makes a rule one about security, by its family and severity, on the scale of CVSS: 9.0 and above is critical, 7.0 high.
_SECURITY = {
    "credentials": {"error": "9.1", "warning": "7.5", "info": "3.9"},
    "indexes": {"error": "8.1", "warning": "6.5", "info": "3.9"},
}
_MOST_DESCRIPTION = 1024  # characters that GitHub takes


def render(report: Report) -> str:
    """The whole log, with no results when there is nothing to report."""
    return as_text(_Run(report).log())


class _Run:
    """One report on its way to a SARIF log: its paths, and the hashes of the lines of each source."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.redact = report.redact
        self.paths = Paths(self.redact)
        self._hashes: dict[int, dict[int, str]] = {}

    def log(self) -> dict[str, Any]:
        """The log with its one run."""
        every = rules()
        pairs = list(zip(self.report.diagnostics, fingerprints(self.report, self.paths), strict=True))
        faults = [item for item, _ in pairs if item.code == "RQ999"]
        results = [pair for pair in pairs if pair[0].code != "RQ999"]
        codes = sorted({item.code for item, _ in results})
        run = {
            "tool": {
                "driver": {
                    "name": "reqlint",
                    "version": __version__,
                    "rules": [_rule(every[code]) for code in codes],
                }
            },
            "invocations": [
                {
                    "executionSuccessful": not faults,
                    "toolExecutionNotifications": [self._notification(item) for item in faults],
                }
            ],
            "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
            "columnKind": "unicodeCodePoints",
            "newlineSequences": ["\r\n", "\n", "\r"],
            "results": [self._result(item, codes.index(item.code), own) for item, own in results],
        }
        return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}

    def _result(self, item: Diagnostic, index: int, fingerprint: str) -> dict[str, Any]:
        """One finding."""
        known = {"reqlint/v1": fingerprint}
        line_hash = self._line_hash(item.source, item.source.row(item.span[0]))
        if line_hash is not None:
            known["primaryLocationLineHash"] = line_hash
        result: dict[str, Any] = {
            "ruleId": item.code,
            "ruleIndex": index,
            "level": _LEVELS[item.severity],
            "message": {"text": self._message(item)},
            "locations": [{"physicalLocation": self._place(item.source, item.span)}],
            "partialFingerprints": known,
        }
        if item.related:
            result["relatedLocations"] = [
                {
                    "id": number,
                    "message": {"text": self._text(label.message)},
                    "physicalLocation": self._place(label.source, label.span),
                }
                for number, label in enumerate(item.related)
            ]
        fix = self._fix(item.fix, item.source) if item.fix is not None else None
        if fix is not None:
            result["fixes"] = [fix]
        return result

    def _notification(self, item: Diagnostic) -> dict[str, Any]:
        """A fault of reqlint's own."""
        return {
            "descriptor": {"id": item.code},
            "level": "error",
            "message": {"text": self._message(item)},
            "locations": [{"physicalLocation": self._place(item.source, item.span)}],
        }

    def _message(self, item: Diagnostic) -> str:
        """What is wrong as a first sentence, which GitHub makes the title, and what to do as a second one."""
        text = _sentence(self._text(item.message))
        return f"{text} {_sentence(self._text(item.help))}" if item.help else text

    def _text(self, text: str) -> str:
        """A text without secrets, in which nothing is taken for a link to another location (``[text](1)``)."""
        return words(text, self.redact).replace("](", "\\](")

    def _place(self, source: Source, span: Span) -> dict[str, Any]:
        return {"artifactLocation": self._artifact(source), "region": _region(source, span)}

    def _artifact(self, source: Source) -> dict[str, str]:
        path = self.paths(source.path)
        if not os.path.isabs(path):
            return {"uri": quote(os.fsencode(path), safe="/"), "uriBaseId": _ROOT}
        root = "file://" if path.startswith("/") else "file:///"  # a path of Windows begins with its drive
        return {"uri": root + quote(os.fsencode(path), safe="/:")}

    def _fix(self, fix: Fix, source: Source) -> dict[str, Any] | None:
        if fix.encoding is not None or any(self.redact.holds_secret(edit.content) for edit in fix.edits):
            return None
        replacements = []
        for edit in fix.edits:
            replacement: dict[str, Any] = {"deletedRegion": _region(source, (edit.start, edit.end))}
            if edit.content:
                replacement["insertedContent"] = {"text": edit.content}
            replacements.append(replacement)
        unsafe = " (unsafe: it may change what is installed)" if fix.applicability == "unsafe" else ""
        return {
            "description": {"text": self._text(fix.message) + unsafe},
            "artifactChanges": [{"artifactLocation": self._artifact(source), "replacements": replacements}],
        }

    def _line_hash(self, source: Source, row: int) -> str | None:
        """The hash of a line as GitHub's action computes it; None where a secret would take part, or where it reads UTF-8 in vain."""
        if source.encoding != "utf-8" or source.fault is not None:
            return None
        hashes = self._hashes.get(id(source))
        if hashes is None:
            mark = "\ufeff" if source.bom else ""  # which the action takes for a part of the first line
            text, masked = mark + source.text, mark + self.redact.text_of(source)
            hashes = self._hashes[id(source)] = {
                number: value
                for number, (value, start, end) in enumerate(line_hashes(text), 1)
                if text[start:end] == masked[start:end]
            }
        return hashes.get(row)


def _region(source: Source, span: Span) -> dict[str, int]:
    row, column = source.position(span[0])
    end_row, end_column = source.position(span[1])
    return {"startLine": row, "startColumn": column, "endLine": end_row, "endColumn": end_column}


def _rule(rule: Rule) -> dict[str, Any]:
    """What a rule is about, with its whole documentation."""
    text = documentation(rule)
    why = " ".join(text.partition("## Why is this bad?\n")[2].partition("\n## ")[0].split())
    properties: dict[str, Any] = {
        "tags": ["dependencies", rule.family],
        "precision": "high",
        "problem.severity": _PROBLEMS[rule.severity],
    }
    if rule.family in _SECURITY:
        properties["tags"].append("security")
        properties["security-severity"] = _SECURITY[rule.family][rule.severity]
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary(rule)},
        "fullDescription": {"text": shortened(f"{summary(rule)} {why}".strip(), _MOST_DESCRIPTION)},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity], "enabled": rule.default},
        "properties": properties,
    }


def _sentence(text: str) -> str:
    """A text as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"

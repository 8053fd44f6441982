"""``--list-rules`` and ``--explain``."""

from __future__ import annotations

import inspect

from reqlint.registry import matching, nearest
from reqlint.registry import rules as all_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reqlint.registry import Rule


def summary(rule: Rule) -> str:
    """The first line of a rule's documentation."""
    return documentation(rule).partition("\n")[0]


def documentation(rule: Rule) -> str:
    """A rule's documentation, as Markdown without its indentation."""
    return inspect.getdoc(rule.check) or ""


def fix_words(rule: Rule) -> str:
    """What fixes a rule offers, in words."""
    return {"": "none", "safe": "safe", "unsafe": "some of its fixes are unsafe"}[rule.fix]


def as_object(rule: Rule) -> dict[str, Any]:
    """A rule as a JSON object."""
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": summary(rule),
        "severity": rule.severity,
        "default": rule.default,
        "fix": rule.fix or None,
        "explanation": documentation(rule),
    }


def rules(selector: str | None, *, json: bool, color: bool, width: int) -> str:
    """The text for one rule (by code or name), or a table of all; raises ConfigurationError for an unknown rule."""
    chosen = list(all_rules().values()) if selector is None else matching(selector)
    if not chosen:
        from reqlint.config import ConfigurationError

        guess = nearest(selector or "")
        raise ConfigurationError(f"unknown rule `{selector}`" + (f"; did you mean `{guess}`?" if guess else ""))
    if json:
        from reqlint.output.json import as_text

        return as_text([as_object(rule) for rule in chosen])
    if selector is not None:
        return "\n".join(_explain(rule, color=color, width=width) for rule in chosen)
    name_width = max(len(rule.name) for rule in chosen)
    lines = []
    for rule in chosen:
        default = rule.severity if rule.default else "off"
        fix = {"": "", "safe": "fix", "unsafe": "unsafe fix"}[rule.fix]
        lines.append(f"{rule.code}  {rule.name:<{name_width}}  {default:<7}  {fix:<10}  {summary(rule)}\n")
    return "".join(lines)


def _explain(rule: Rule, *, color: bool, width: int) -> str:
    """One rule's page; rendered by rich on a terminal, else the Markdown itself."""
    state = (
        f"on by default, as {rule.severity}" if rule.default else f"off by default; as {rule.severity} when selected"
    )
    text = f"# {rule.name} ({rule.code})\n\n{state}; fix: {fix_words(rule)}\n\n{documentation(rule)}\n"
    if not color:
        return text
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown

    stream = StringIO()
    Console(file=stream, force_terminal=True, width=min(width, 100)).print(Markdown(text))
    return stream.getvalue()

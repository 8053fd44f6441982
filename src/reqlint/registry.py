"""The rules there are, and the formats: how each is declared and looked up."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType
    from typing import Any, Literal

    from reqlint.diagnostic import Diagnostic, Severity

    Target = Literal["dependency", "manifest", "ignores"]
    Check = Callable[[Any, Any], Iterator[Diagnostic]]

ALL_KINDS = ("name", "url", "path", "scp")


class Rule:
    """One rule: its stable code and name, its defaults, and the generator that finds its faults.

    ``severity``: its default; ``default``: whether it is on without being selected; ``fix``: whether its fixes are all
    ``safe``, or some of them ``unsafe``; "" when it has none; ``target``: what ``check`` is called with
    (a Dependency, a Manifest, or the Ignores of a file, once all else is known); ``kinds``: of which dependencies;
    ``online``: whether `--online` may find a fix, which may be unsafe, where there is none without it.
    """

    __slots__ = ("check", "code", "default", "fix", "kinds", "name", "online", "severity", "target")

    def __init__(
        self,
        code: str,
        name: str,
        severity: Severity,
        target: Target,
        check: Check,
        *,
        fix: str,
        default: bool,
        kinds: tuple[str, ...],
        online: bool = False,
    ) -> None:
        """Keep what the decorator was told."""
        self.code = code
        self.name = name
        self.severity: Severity = severity
        self.target = target
        self.check = check
        self.fix = fix
        self.default = default
        self.kinds = kinds
        self.online = online

    @property
    def family(self) -> str:
        """The module that it lives in, which names its family."""
        return self.check.__module__.rpartition(".")[2]

    def __repr__(self) -> str:
        """Show code and name."""
        return f"<Rule {self.code} {self.name}>"


_rules: dict[str, Rule] = {}
_families: list[ModuleType] = []


def rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    on: Target = "dependency",
    fix: Literal["", "safe", "unsafe"] = "",
    default: bool = True,
    kinds: tuple[str, ...] = ALL_KINDS,
    online: bool = False,
) -> Callable[[Check], Check]:
    """Declare a rule: the function is a generator of diagnostics, called as ``check(target, project)``.

    Its docstring is the rule's documentation: a first line that says what is wrong, then Markdown with the headings
    "Why is this bad?", "Not reported", "Fix safety" and "Example" (see docs/contributing.md).
    """

    def declare(check: Check) -> Check:
        if code in _rules:
            message = f"two rules have the code {code}"
            raise ValueError(message)
        _rules[code] = Rule(code, name, severity, on, check, fix=fix, default=default, kinds=kinds, online=online)
        return check

    return declare


def rules() -> dict[str, Rule]:
    """All rules by code, in the order of their codes."""
    if not _families:
        from importlib import import_module

        _families.append(import_module("reqlint.rules"))  # which declares them
        ordered = sorted(_rules.items())
        _rules.clear()
        _rules.update(ordered)
    return _rules


def matching(selector: str) -> list[Rule]:
    """The rules that a selector names: ``ALL``, a code, a prefix of codes (``RQ1``), or a name; none when it is unknown."""
    every = rules()
    if selector == "ALL":
        return list(every.values())
    upper = selector.upper()
    if upper.startswith("RQ"):
        return [rule for code, rule in every.items() if code.startswith(upper)]
    return [rule for rule in every.values() if rule.name == selector.lower()]


def nearest(selector: str) -> str | None:
    """The known code or name most like an unknown one, for messages."""
    from difflib import get_close_matches

    known = [text for rule in rules().values() for text in (rule.code, rule.name)]
    found = get_close_matches(selector.upper() if selector[:2].upper() == "RQ" else selector.lower(), known, n=1)
    return found[0] if found else None

"""The configuration: ``reqlint.toml``, ``.reqlint.toml`` or ``[tool.reqlint]``, found, read, checked and resolved.

Unknown keys, unknown rules and wrong types are errors that name the file, the line and the nearest known name. What is
said on the command line wins over what a file says.
"""

from __future__ import annotations

import os

from reqlint.registry import matching, nearest, rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from reqlint.diagnostic import Severity
    from reqlint.files import Files
    from reqlint.registry import Rule

FILE_NAMES = (".reqlint.toml", "reqlint.toml", "pyproject.toml")
ROLES = ("application", "library", "development", "build", "input", "constraint")
PINS = ("exact", "compatible", "lower-bound", "any")
OUTPUT_FORMATS = ("full", "concise", "json", "github")

_DEFAULT_PIN = {
    "application": "exact",
    "constraint": "exact",
    "library": "lower-bound",
    "development": "any",
    "build": "any",
    "input": "any",
}

_STRINGS = "a list of strings"
_TABLE_OF_STRINGS = "a table of strings"
_TABLE_OF_LISTS = "a table of lists of strings"
_KEYS: dict[str, object] = {
    "select": _STRINGS,
    "ignore": _STRINGS,
    "extend-select": _STRINGS,
    "per-file-ignores": _TABLE_OF_LISTS,
    "exclude": _STRINGS,
    "extend-include": _TABLE_OF_STRINGS,
    "pin": _TABLE_OF_STRINGS,
    "vcs-ref": ("tag", "commit"),
    "severity": _TABLE_OF_STRINGS,
    "allow": _TABLE_OF_LISTS,
    "python": "a string",
    "fail-on": ("error", "warning", "info"),
    "output-format": OUTPUT_FORMATS,
}


class ConfigurationError(Exception):
    """A configuration that cannot be used: the message names the file, the line, what is wrong and what to do."""


class Configuration:
    """What is wanted, resolved: the same for all files below ``directory`` (where patterns start)."""

    __slots__ = (
        "_cache",
        "allow",
        "directory",
        "exclude",
        "extend_include",
        "fail_on",
        "output_format",
        "path",
        "per_file_ignores",
        "pin",
        "python",
        "selected",
        "severities",
        "vcs_ref",
    )

    def __init__(self, values: Mapping[str, Any], path: str | None = None, directory: str = "") -> None:
        """``values``: checked keys and values (see ``check``); ``path``: the file they came from, if any."""
        self.path = path
        self.directory = os.path.abspath(directory)
        self.selected = _select(values)
        self.severities: dict[str, Severity] = {
            rule.code: severity for selector, severity in values.get("severity", {}).items() for rule in matching(selector)
        }
        self.per_file_ignores: list[tuple[str, frozenset[str]]] = [
            (pattern, frozenset(rule.code for selector in selectors for rule in matching(selector)))
            for pattern, selectors in values.get("per-file-ignores", {}).items()
        ]
        self.exclude: Sequence[str] = values.get("exclude", ())
        self.extend_include: Mapping[str, str] = values.get("extend-include", {})
        self.pin: dict[str, str] = {**_DEFAULT_PIN, **values.get("pin", {})}
        self.vcs_ref: str = values.get("vcs-ref", "tag")
        self.allow: dict[str, frozenset[str]] = _allowed(values.get("allow", {}))
        self.python: str | None = values.get("python")
        self.fail_on: str = values.get("fail-on", "warning")
        self.output_format: str | None = values.get("output-format")
        self._cache: dict[frozenset[str], list[Rule]] = {}

    def rules_for(self, path: str) -> list[Rule]:
        """The selected rules that count for this file, in the order of their codes."""
        ignored: frozenset[str] = frozenset()
        if self.per_file_ignores:
            for pattern, codes in self.per_file_ignores:
                if matches(pattern, path, self.directory):
                    ignored |= codes
        chosen = self._cache.get(ignored)
        if chosen is None:
            every = rules()
            chosen = self._cache[ignored] = [every[code] for code in self.selected if code not in ignored]
        return chosen

    def severity(self, rule: Rule) -> Severity:
        """The configured severity of a rule, else its own."""
        return self.severities.get(rule.code, rule.severity)

    def allows(self, code: str, *values: str | None) -> bool:
        """Whether ``allow`` names one of these values (a package, a host, an index URL) for the rule of this code."""
        allowed = self.allow.get(code)
        return bool(allowed) and any(value is not None and value.lower() in allowed for value in values)


def _select(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes that are on. The more precise selector wins, so that ``ignore RQ1`` and ``select RQ101`` leave RQ101 on."""
    weights: dict[str, tuple[int, bool]] = {}
    on = [("", rule) for rule in rules().values() if rule.default]
    if "select" in values:
        on = [(selector, rule) for selector in values["select"] for rule in matching(selector)]
    on += [(selector, rule) for selector in values.get("extend-select", ()) for rule in matching(selector)]
    off = [(selector, rule) for selector in values.get("ignore", ()) for rule in matching(selector)]
    for wanted, pairs in ((True, on), (False, off)):
        for selector, rule in pairs:
            weight = precision(selector)
            if rule.code not in weights or weight >= weights[rule.code][0]:
                weights[rule.code] = (weight, wanted)
    return tuple(sorted(code for code, (_, wanted) in weights.items() if wanted))


def precision(selector: str) -> int:
    """How precise a selector is: none or ALL, then a prefix by its length, then a whole code or a name."""
    if selector in ("", "ALL"):
        return 0
    return len(selector) if selector.upper().startswith("RQ") else len("RQ101")


def _allowed(values: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Allowed values by code, in lower case."""
    allowed: dict[str, frozenset[str]] = {}
    for selector, names in values.items():
        for rule in matching(selector):
            allowed[rule.code] = allowed.get(rule.code, frozenset()).union(name.lower() for name in names)
    return allowed


def matches(pattern: str, path: str, directory: str) -> bool:
    """Whether a path matches a glob, as ruff does: against the file's name, its path below ``directory``, or a parent's."""
    from fnmatch import fnmatch

    absolute = os.path.abspath(path)
    relative = os.path.relpath(absolute, directory).replace(os.sep, "/")
    pattern = pattern.rstrip("/")
    parts = relative.split("/")
    if any(fnmatch(part, pattern) for part in parts):
        return True
    heads = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    return any(fnmatch(head, pattern) or fnmatch(head, f"{pattern}/*") for head in heads) or fnmatch(absolute, pattern)


class Configurations:
    """Finds the configuration of each file: the nearest one above it, or the one that the command line names."""

    def __init__(self, files: Files, overrides: Mapping[str, Any], explicit: str | None = None, *, isolated: bool = False):
        """``overrides``: checked values of the command line; ``explicit``: ``--config``; ``isolated``: read no file."""
        self._files = files
        self._overrides = overrides
        self._by_directory: dict[str, Configuration] = {}
        self._fixed: Configuration | None = None
        if explicit is not None:
            self._fixed = self._read(explicit, required=True)
        elif isolated:
            self._fixed = Configuration(overrides)

    def of(self, path: str) -> Configuration:
        """The configuration that counts for a file; raises ConfigurationError."""
        return self.of_directory(os.path.dirname(os.path.abspath(path)))

    def of_directory(self, directory: str) -> Configuration:
        """The configuration that counts in a directory; raises ConfigurationError."""
        if self._fixed is not None:
            return self._fixed
        directory = os.path.abspath(directory)
        found = self._by_directory.get(directory)
        if found is None:
            found = self._search(directory)
            self._by_directory[directory] = found
        return found

    def _search(self, directory: str) -> Configuration:
        for name in FILE_NAMES:
            path = os.path.join(directory, name)
            if self._files.is_file(path):
                configuration = self._read(path, required=False)
                if configuration is not None:
                    return configuration
        parent = os.path.dirname(directory)
        return Configuration(self._overrides) if parent == directory else self.of_directory(parent)

    def _read(self, path: str, *, required: bool) -> Configuration | None:
        """The configuration in a file; None when it is a pyproject.toml that says nothing of reqlint."""
        shown = os.path.relpath(path)
        try:
            data = self._files.read(path)
        except OSError as error:
            if not required:
                return None
            message = f"{shown}: cannot read the configuration: {error.strerror}"
            raise ConfigurationError(message) from None
        shared = os.path.basename(path) == "pyproject.toml"
        if shared and b"reqlint" not in data:
            return Configuration(self._overrides, path, os.path.dirname(path)) if required else None
        values = parse(data, shown, shared=shared)
        if values is None:
            return None
        return Configuration({**values, **self._merged(values)}, path, os.path.dirname(os.path.abspath(path)))

    def _merged(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The command line's values; what extends a list is added to the file's."""
        merged = dict(self._overrides)
        if "extend-select" in merged:
            merged["extend-select"] = [*values.get("extend-select", ()), *merged["extend-select"]]
        return merged


def parse(data: bytes, path: str, *, shared: bool) -> dict[str, Any] | None:
    """Checked values of a configuration file; ``shared``: a pyproject.toml, of which only ``[tool.reqlint]`` counts.

    Returns None for a shared file without that table; raises ConfigurationError.
    """
    import tomllib

    try:
        text = data.decode("utf-8-sig")
        document = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        if shared:
            return None  # the file's own linter says so; it is not a fault of our table
        message = f"{path}: not valid TOML: {error}"
        raise ConfigurationError(message) from None
    if shared:
        tool = document.get("tool")
        document = tool.get("reqlint") if isinstance(tool, dict) else None  # type: ignore[assignment]
        if document is None:
            return None
        if not isinstance(document, dict):
            raise ConfigurationError(_at(path, text, "reqlint") + "`tool.reqlint` must be a table")
    check(document, path, text)
    return document


def check(values: Mapping[str, Any], path: str, text: str = "") -> None:
    """Raise ConfigurationError at the first unknown key, wrong type or unknown rule."""
    for key, value in values.items():
        expected = _KEYS.get(key)
        where = _at(path, text, key)
        if expected is None:
            raise ConfigurationError(f"{where}unknown key `{key}`{_suggest(key, _KEYS)}")
        if not _fits(value, expected):
            words = expected if isinstance(expected, str) else "one of " + ", ".join(map(repr, expected))  # type: ignore[call-overload]
            raise ConfigurationError(f"{where}`{key}` must be {words}")
        if key in ("select", "ignore", "extend-select"):
            _check_selectors(value, where)
        elif key in ("severity", "allow"):
            _check_selectors(value, where)
            if key == "severity":
                _check_choices(value, ("error", "warning", "info"), where)
        elif key == "per-file-ignores":
            for selectors in value.values():
                _check_selectors(selectors, where)
        elif key == "pin":
            for role in value:
                if role not in ROLES:
                    raise ConfigurationError(f"{where}unknown role `{role}` in `pin`{_suggest(role, ROLES)}")
            _check_choices(value, PINS, where)
        elif key == "extend-include":
            from reqlint.formats import FORMATS

            _check_choices(value, tuple(FORMATS), where)


def _fits(value: object, expected: object) -> bool:
    if isinstance(expected, tuple):
        return value in expected
    if expected == _STRINGS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if expected == _TABLE_OF_STRINGS:
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    if expected == _TABLE_OF_LISTS:
        return isinstance(value, dict) and all(_fits(item, _STRINGS) for item in value.values())
    return isinstance(value, str)


def _check_selectors(selectors: Sequence[str] | Mapping[str, object], where: str) -> None:
    for selector in selectors:
        if not matching(selector):
            guess = nearest(selector)
            raise ConfigurationError(f"{where}unknown rule `{selector}`" + (f"; did you mean `{guess}`?" if guess else ""))


def _check_choices(values: Mapping[str, Any], choices: Sequence[str], where: str) -> None:
    for value in values.values():
        if value not in choices:
            raise ConfigurationError(f"{where}`{value}` is not one of {', '.join(choices)}{_suggest(value, choices)}")


def _suggest(word: str, known: Sequence[str] | Mapping[str, object]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), n=1)
    return f"; did you mean `{found[0]}`?" if found else ""


def _at(path: str, text: str, key: str) -> str:
    """``file:line: `` of a key, as far as it can be found (tomllib tells no places)."""
    if not text:
        return f"{path}: "
    import re

    pattern = rf"^[ \t]*(?:\[[^\]\n]*?)?[\"']?{re.escape(key)}[\"']?[ \t]*(?:[=.\]]|$)"
    match = re.search(pattern, text, re.MULTILINE)
    return f"{path}:{text.count(chr(10), 0, match.start()) + 1}: " if match else f"{path}: "

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
PIN_SOURCES = ("lock", "environment", "index")
ROLES = ("application", "library", "development", "build", "input", "constraint")
PINS = ("exact", "compatible", "lower-bound", "any")
OUTPUT_FORMATS = (
    "full",
    "concise",
    "json",
    "json-lines",
    "github",
    "gitlab",
    "azure",
    "sarif",
    "junit",
    "rdjson",
    "markdown",
)

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
    "kind": ("application", "library"),
    "pin": _TABLE_OF_STRINGS,
    "vcs-ref": ("tag", "commit"),
    "severity": _TABLE_OF_STRINGS,
    "allow": _TABLE_OF_LISTS,
    "pin-from": _STRINGS,
    "python": "a string",
    "conda-names": "a string",
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
        "conda_names",
        "directory",
        "exclude",
        "extend_include",
        "fail_on",
        "kind",
        "output_format",
        "path",
        "per_file_ignores",
        "pin",
        "pin_from",
        "python",
        "selected",
        "severities",
        "vcs_ref",
    )

    def __init__(
        self,
        values: Mapping[str, Any],
        overrides: Mapping[str, Any] | None = None,
        path: str | None = None,
        directory: str = "",
    ) -> None:
        """``values``: checked keys and values (see ``check``) of the file ``path``, if any; ``overrides``: what wins over them."""
        overrides = overrides or {}
        self.path = path
        self.directory = os.path.abspath(directory)
        self.selected = _select(values, overrides)
        values = {**values, **overrides}
        self.severities: dict[str, Severity] = {
            rule.code: severity
            for selector, severity in sorted(values.get("severity", {}).items(), key=lambda item: precision(item[0]))
            for rule in matching(selector)
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
        self.kind: str | None = values.get("kind")
        self.pin_from: Sequence[str] = values.get("pin-from", PIN_SOURCES[:2])
        self.python: str | None = values.get("python")
        self.conda_names: str | None = values.get("conda-names")
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
        return allowed is not None and any(value is not None and value.lower() in allowed for value in values)


def _select(*layers: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes that are on, as ruff finds them, layer by layer: the file first, then the command line.

    In a layer the more precise selector wins, so that ``ignore RQ1`` and ``select RQ101`` leave RQ101 on, and ``ignore``
    wins over an equally precise one. A ``select`` forgets the layers below; without one, a layer adds and takes away.
    """
    chosen = {rule.code for rule in rules().values() if rule.default}
    for layer in layers:
        if "select" in layer:
            chosen.clear()
        verdicts: dict[str, tuple[int, bool]] = {}
        for key, wanted in (("select", True), ("extend-select", True), ("ignore", False)):
            for selector in layer.get(key, ()):
                weight = precision(selector)
                for rule in matching(selector):
                    if rule.code not in verdicts or weight >= verdicts[rule.code][0]:
                        verdicts[rule.code] = (weight, wanted)
        chosen |= {code for code, (_, wanted) in verdicts.items() if wanted}
        chosen -= {code for code, (_, wanted) in verdicts.items() if not wanted}
    return tuple(sorted(chosen))


def precision(selector: str) -> int:
    """How precise a selector is: none or ALL, then a prefix by its length, then a whole code or a name."""
    if selector in ("", "ALL"):
        return 0
    return len(selector) if selector.upper().startswith("RQ") else len("RQ101")


def _allowed(values: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Allowed values by code, in lower case; a name of a package also in its normalized form."""
    from reqlint.requirement import normalize

    allowed: dict[str, frozenset[str]] = {}
    for selector, names in values.items():
        for rule in matching(selector):
            spellings = {form for name in names for form in (name.lower(), normalize(name))}
            allowed[rule.code] = allowed.get(rule.code, frozenset()) | spellings
    return allowed


def matches(pattern: str, path: str, directory: str) -> bool:
    """Whether a path matches a glob, as ruff does: by the file's name, by its path below ``directory``, or by a parent's."""
    from fnmatch import fnmatch

    absolute = os.path.abspath(path)
    try:
        relative = os.path.relpath(absolute, directory)
    except ValueError:  # on another drive
        relative = absolute
    pattern = pattern.removeprefix("./").rstrip("/")
    parts = [part for part in relative.replace(os.sep, "/").split("/") if part not in ("", ".", "..")]
    if any(fnmatch(part, pattern) for part in parts):
        return True
    heads = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    if os.path.isabs(pattern):
        return fnmatch(absolute, pattern) or fnmatch(absolute, f"{pattern}/*")
    return any(fnmatch(head, pattern) for head in heads)


class Configurations:
    """Finds the configuration of each file: the nearest one above it, or the one that the command line names."""

    def __init__(
        self, files: Files, overrides: Mapping[str, Any], explicit: str | None = None, *, isolated: bool = False
    ) -> None:
        """``overrides``: checked values of the command line; ``explicit``: ``--config``; ``isolated``: read no file."""
        self._files = files
        self._overrides = overrides
        self._by_directory: dict[str, Configuration] = {}
        self._fixed: Configuration | None = None
        if explicit is not None:
            self._fixed = self._read(explicit, explicit=True)
        elif isolated:
            self._fixed = Configuration({}, overrides)

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
                configuration = self._read(path, explicit=False)
                if configuration is not None:
                    return configuration
        parent = os.path.dirname(directory)
        return Configuration({}, self._overrides) if parent == directory else self.of_directory(parent)

    def _read(self, path: str, *, explicit: bool) -> Configuration | None:
        """The configuration in a file; None when it is a pyproject.toml, come across, that says nothing of reqlint.

        What is relative in it (patterns, ``python``) starts where it lies, or, when it is named, where reqlint is run.
        """
        shown = path if explicit else _shown(path)
        try:
            data = self._files.read(path)
        except OSError as error:
            advice = "" if explicit else "; mend that, or leave configuration files out with --isolated"
            message = f"{shown}: the configuration cannot be read: {(error.strerror or str(error)).lower()}{advice}"
            raise ConfigurationError(message) from None
        directory = os.getcwd() if explicit else os.path.dirname(path)
        shared = os.path.basename(path) == "pyproject.toml"
        values = parse(data, shown, shared=shared) if b"reqlint" in data or not shared else None
        if values is None:
            return Configuration({}, self._overrides, path, directory) if explicit else None
        for key in ("python", "conda-names"):
            if key in values:
                values[key] = os.path.join(directory, os.path.expanduser(values[key]))
        return Configuration(values, self._overrides, path, directory)


def _shown(path: str) -> str:
    """A path for messages: relative where that is shorter."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # on another drive
        return path
    return min(path, relative, key=len)


def parse(data: bytes, path: str, *, shared: bool) -> dict[str, Any] | None:
    """Checked values of a configuration file; ``shared``: a pyproject.toml, of which only ``[tool.reqlint]`` counts.

    Returns None for a shared file without that table; raises ConfigurationError.
    """
    import tomllib

    text = data.decode("utf-8-sig", "replace")
    try:
        document = tomllib.loads(text)
        if "\N{REPLACEMENT CHARACTER}" in text:
            data.decode("utf-8-sig")
    except (ValueError, RecursionError) as error:
        if shared and not _has_table(text):
            return None  # whoever wrote it configured other tools
        raise ConfigurationError(_not_toml(path, text, error)) from None
    place = _Places(path, text, shared=shared)
    if shared:
        tool = document.get("tool")
        document = tool.get("reqlint") if isinstance(tool, dict) else None  # type: ignore[assignment]
        if document is None:
            return None
        if not isinstance(document, dict):
            raise ConfigurationError(f"{place.of()}`tool.reqlint` must be a table")
    _check(document, place)
    return document


def _has_table(text: str) -> bool:
    """Whether a text that is no TOML was meant to configure reqlint."""
    import re

    return re.search(r"^[ \t]*\[+[ \t]*[\"']?tool[\"']?[ \t]*\.[ \t]*[\"']?reqlint\b", text, re.MULTILINE) is not None


def _not_toml(path: str, text: str, error: Exception) -> str:
    """Where a file stops being TOML, and why."""
    if isinstance(error, UnicodeDecodeError):
        row = text.count("\n", 0, text.index("\N{REPLACEMENT CHARACTER}")) + 1
        return f"{path}:{row}: not valid TOML: it is not UTF-8"
    if isinstance(error, RecursionError):
        return f"{path}: not valid TOML: it is nested too deeply"
    import re

    reason, _, place = str(error).rpartition(" (at ")
    found = re.fullmatch(r"line (\d+), column (\d+)\)", place)
    if found:
        return f"{path}:{found[1]}:{found[2]}: not valid TOML: {reason}"
    end = text.count("\n") + 1
    return f"{path}:{end}: not valid TOML: {reason or error}{' (at the end)' if reason else ''}"


def check(values: Mapping[str, Any], origin: str) -> None:
    """Raise ConfigurationError at the first unknown key, wrong type or unknown rule; ``origin``: who says so."""
    _check(values, _Places(origin, "", shared=False))


def _check(values: Mapping[str, Any], place: _Places) -> None:
    for key, value in values.items():
        expected = _KEYS.get(key)
        where = place.of(key)
        if expected is None:
            raise ConfigurationError(f"{where}unknown key `{key}`{_suggest(key, _KEYS)}")
        if not _fits(value, expected):
            words = expected if isinstance(expected, str) else "one of " + ", ".join(f"`{item}`" for item in expected)  # type: ignore[attr-defined]
            guess = _suggest(value, expected) if isinstance(value, str) and isinstance(expected, tuple) else ""
            raise ConfigurationError(f"{where}`{key}` must be {words}{guess}")
        if key in ("select", "ignore", "extend-select"):
            _check_selectors(value, key, place)
        elif key in ("severity", "allow"):
            _check_selectors(value, key, place)
            if key == "severity":
                _check_choices(value, ("error", "warning", "info"), key, place)
        elif key == "per-file-ignores":
            for selectors in value.values():
                _check_selectors(selectors, key, place)
        elif key == "pin":
            for role in value:
                if role not in ROLES:
                    raise ConfigurationError(
                        f"{place.of(key, role)}unknown role `{role}` in `pin`{_suggest(role, ROLES)}"
                    )
            _check_choices(value, PINS, key, place)
        elif key == "pin-from":
            _check_choices(dict(zip(value, value, strict=True)), PIN_SOURCES, key, place)
        elif key == "extend-include":
            from reqlint.formats import FORMATS

            _check_choices(value, tuple(FORMATS), key, place)


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


def _check_selectors(selectors: Sequence[str] | Mapping[str, object], key: str, place: _Places) -> None:
    for selector in selectors:
        if not matching(selector):
            guess = nearest(selector)
            hint = f"; did you mean `{guess}`?" if guess else "; `reqlint --list-rules` lists them"
            raise ConfigurationError(f"{place.of(key, selector)}unknown rule `{selector}`{hint}")


def _check_choices(values: Mapping[str, Any], choices: Sequence[str], key: str, place: _Places) -> None:
    for value in values.values():
        if value not in choices:
            names = ", ".join(f"`{choice}`" for choice in choices)
            raise ConfigurationError(
                f"{place.of(key, value)}`{value}` in `{key}` is not one of {names}{_suggest(value, choices)}"
            )


def _suggest(word: str, known: Sequence[str] | Mapping[str, object]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), n=1)
    return f"; did you mean `{found[0]}`?" if found else ""


class _Places:
    """Where keys and values stand in a configuration file, as far as a search can tell (tomllib tells no places)."""

    def __init__(self, path: str, text: str, *, shared: bool) -> None:
        """``text``: "" when there is no file; ``shared``: whether only the tables of ``tool.reqlint`` are ours."""
        self.path = path
        self.text = text
        self.shared = shared

    def of(self, key: str = "", value: str | None = None) -> str:
        """``file:line: `` of a key, or of a value (or inner key) that stands in it; ``file: `` when it is not found."""
        import re

        row = None
        ours = not self.shared
        name = re.compile(rf"[ \t]*(?:[\w.\"' \t-]*[.\s])?[\"']?{re.escape(key)}[\"']?[ \t]*[=.]")
        inner = re.compile(rf"(?<![\w-])[\"']?{re.escape(value or '')}[\"']?(?![\w-])")
        for number, line in enumerate(self.text.splitlines(), 1):
            head = re.match(r"[ \t]*\[+([^\[\]]+)\]+[ \t]*(?:#.*)?$", line)
            if head:
                parts = [part.strip(" \t\"'") for part in head[1].split(".")]
                ours = not self.shared or parts[:2] == ["tool", "reqlint"]
                if ours and (not key or key in parts):
                    row = row or number
                continue
            if row is None and (
                (ours and name.match(line)) or (self.shared and "reqlint" in line and name.search(line))
            ):
                row = number
            if (
                row is not None
                and value is not None
                and inner.search(line.partition("=")[2] if number == row else line)
            ):
                return f"{self.path}:{number}: "
        return f"{self.path}:{row}: " if row is not None else f"{self.path}: "

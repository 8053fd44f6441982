"""``--show-files`` and ``--show-settings``."""

from __future__ import annotations

import os

from reqlint.credentials import mask
from reqlint.output import shown_path
from reqlint.registry import rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from reqlint.config import Configuration, Configurations
    from reqlint.discovery import Found


def files(found: Sequence[Found], *, json: bool) -> str:
    """Each file with its format, or why it is left out."""
    if json:
        from json import dumps

        rows = [
            {"filename": os.path.abspath(item.path), "format": item.format.name if item.format else None, "reason": item.reason}
            for item in found
        ]
        return dumps(rows, indent=2, ensure_ascii=False) + "\n"
    return "".join(
        f"{shown_path(item.path)}: {item.format.name if item.format else 'left out'} ({item.reason})\n" for item in found
    )


def settings(found: Sequence[Found], configurations: Configurations, *, json: bool) -> str:
    """The configuration that counts, once for all files that share it."""
    by_identity: dict[int, tuple[Configuration, list[str]]] = {}
    for item in found:
        if item.format is not None:
            configuration = configurations.of(item.path)
            by_identity.setdefault(id(configuration), (configuration, []))[1].append(item.path)
    if json:
        from json import dumps

        rows = [
            {**_values(configuration), "files": [os.path.abspath(path) for path in paths]}
            for configuration, paths in by_identity.values()
        ]
        return dumps(rows, indent=2, ensure_ascii=False) + "\n"
    blocks = []
    for configuration, paths in by_identity.values():
        lines = [f"# {', '.join(shown_path(path) for path in paths)}\n"]
        for key, value in _values(configuration).items():
            lines.append(f"{key} = {_toml(value)}\n")
        blocks.append("".join(lines))
    return "\n".join(blocks)


def _values(configuration: Configuration) -> dict[str, Any]:
    every = rules()
    return {
        "configuration": shown_path(configuration.path) if configuration.path else None,
        "rules": list(configuration.selected),
        "severity": {code: configuration.severity(every[code]) for code in configuration.selected},
        "per-file-ignores": {pattern: sorted(codes) for pattern, codes in configuration.per_file_ignores},
        "exclude": list(configuration.exclude),
        "extend-include": dict(configuration.extend_include),
        "pin": configuration.pin,
        "vcs-ref": configuration.vcs_ref,
        "allow": {code: sorted(names) for code, names in configuration.allow.items()},
        "python": configuration.python,
        "fail-on": configuration.fail_on,
        "output-format": configuration.output_format,
    }


def _toml(value: object) -> str:
    """A value in TOML's notation, close enough to be read."""
    if value is None:
        return '""'
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {_toml(item)}' for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'

"""``--show-files`` and ``--show-settings``."""

from __future__ import annotations

import os

from reqlint.credentials import mask
from reqlint.output import shown_path, visible
from reqlint.redaction import whole_path
from reqlint.registry import rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from reqlint.config import Configuration, Configurations
    from reqlint.discovery import Found
    from reqlint.roles import Verdict


def files(found: Sequence[Found], *, json: bool) -> str:
    """Each file with its format, or why it is left out."""
    if json:
        from reqlint.output.json import as_text

        return as_text(
            [
                {
                    "filename": whole_path(item.path, mask),
                    "format": item.format.name if item.format else None,
                    "reason": mask(item.reason),
                }
                for item in found
            ]
        )
    return "".join(
        f"{shown_path(mask(item.path))}: {item.format.name if item.format else 'left out'} ({visible(mask(item.reason))})\n"
        for item in found
    )


def settings(
    found: Sequence[Found], configurations: Configurations, verdicts: Mapping[str, Verdict], *, json: bool
) -> str:
    """The configuration that counts, once for all files that share it; ``verdicts``: their roles, and why, by path."""
    by_identity: dict[int, tuple[Configuration, list[str]]] = {}
    for item in found:
        if item.format is not None:
            configuration = configurations.of(item.path)
            by_identity.setdefault(id(configuration), (configuration, []))[1].append(item.path)
    if json:
        from reqlint.output.json import as_text

        return as_text(
            [
                _masked(
                    {
                        **_values(configuration),
                        "files": [whole_path(path, mask) for path in paths],
                        "roles": {
                            os.path.abspath(path): {"role": verdicts[path].role, "reason": verdicts[path].reason}
                            for path in paths
                            if path in verdicts
                        },
                    }
                )
                for configuration, paths in by_identity.values()
            ]
        )
    blocks = []
    for configuration, paths in by_identity.values():
        lines = [f"# {', '.join(shown_path(mask(path)) for path in paths)}\n"]
        lines += [
            f"# {shown_path(mask(path))}: {verdicts[path].role}, as {visible(mask(verdicts[path].reason))}\n"
            for path in paths
            if path in verdicts
        ]
        lines += [f"{key} = {_toml(value)}\n" for key, value in _masked(_values(configuration)).items()]
        blocks.append("".join(lines))
    return "\n".join(blocks)


def _values(configuration: Configuration) -> dict[str, Any]:
    every = rules()
    return {
        "configuration": configuration.path,
        "rules": list(configuration.selected),
        "severity": {code: configuration.severity(every[code]) for code in configuration.selected},
        "per-file-ignores": {pattern: sorted(codes) for pattern, codes in configuration.per_file_ignores},
        "exclude": list(configuration.exclude),
        "extend-include": dict(configuration.extend_include),
        "kind": configuration.kind,
        "pin": configuration.pin,
        "vcs-ref": configuration.vcs_ref,
        "allow": {code: sorted(names) for code, names in configuration.allow.items()},
        "pin-from": list(configuration.pin_from),
        "python": configuration.python,
        "conda-names": configuration.conda_names,
        "fail-on": configuration.fail_on,
        "output-format": configuration.output_format,
    }


def _masked(value: Any) -> Any:
    """A value, all texts in it without what looks like a secret."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask(key): _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def _toml(value: object) -> str:
    """A value in TOML's notation, close enough to be read."""
    if value is None:
        return '""'
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return '"' + visible(str(value)).replace("\\", "\\\\").replace('"', '\\"') + '"'

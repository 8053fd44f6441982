"""What a file says besides its comments: two texts with equal content are the same to the tool that reads them."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.model import Dependency, Manifest

_TOML_LOCK = re.compile(r"(?:(?:^|[/\\])(?:poetry|uv|pdm(?:\.[^/\\]+)?)\.lock|\.toml)$")
_YAML_LOCK = re.compile(r"(?:(?:^|[/\\])pixi\.lock|\.ya?ml)$")
_BY_NAME = {"requirements.txt": "requirements", "conda-packages.txt": "list", "Pipfile": "toml"}
_BY_ENDING = {
    ".toml": "toml",
    ".yml": "yaml",
    ".yaml": "yaml",
    ".cfg": "ini",
    ".ini": "ini",
    ".py": "python",
}


def notation(manifest: Manifest) -> str:
    """How a file is written: ``requirements``, ``toml``, ``yaml``, ``ini``, ``python``, ``json``.

    Or ``list``, for all in which a comment has its line to itself, such as conda's lists.
    """
    path = manifest.path
    if manifest.format == "lock file":
        if path.endswith("Pipfile.lock"):
            return "json"
        return "toml" if _TOML_LOCK.search(path) else "yaml" if _YAML_LOCK.search(path) else "list"
    if manifest.format in _BY_NAME:
        return _BY_NAME[manifest.format]
    endings = (os.path.splitext(name)[1] for name in (manifest.format, path))
    return next((_BY_ENDING[ending] for ending in endings if ending in _BY_ENDING), "list")


def content(manifest: Manifest) -> object:
    """What a file says, as something that can be compared; None when it cannot be read, or has no comments (JSON)."""
    says = _read(notation(manifest), manifest.source.text)
    if says is None:
        return None
    # Requirements may stand in comments themselves: those of a script (PEP 723).
    return says, [(item.text, _label(item)) for item in manifest.dependencies]


def _label(item: Dependency) -> str:
    """The group of a dependency; that of a command tells its place too, which a comment may well move."""
    return re.sub(r"\d+", "", item.group.label) if item.inline else item.group.label


def _read(written: str, text: str) -> object:
    match written:
        case "requirements":
            return _requirements(text)
        case "toml":
            return _toml(text)
        case "yaml":
            return _yaml(text)
        case "ini":
            return _ini(text)
        case "python":
            return _python(text)
        case "list":
            return _list(text)
    return None


def _requirements(text: str) -> object:
    from reqlint.formats.requirements_txt import logical_lines

    return [line.text for line in logical_lines(text) if line.text]


def _toml(text: str) -> object:
    import tomllib

    try:
        return repr(tomllib.loads(text))  # NaN is not equal to itself, its name is
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _yaml(text: str) -> object:
    from reqlint.formats._yaml import YamlError, parse

    try:
        return repr([value.data for value in parse(text)])
    except YamlError:
        return None


def _ini(text: str) -> object:
    from reqlint.formats._ini import scan

    document = scan(text)
    sections = [document.defaults, *document.sections.values()]
    options = [
        (section.name, option.key, [line.text for line in option.lines])
        for section in sections
        for option in section.options
    ]
    return options, [fault.reason for fault in document.faults]


def _python(text: str) -> object:
    import ast

    try:
        return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _list(text: str) -> object:
    """Lists of conda: lines, and comments that have one to themselves."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]

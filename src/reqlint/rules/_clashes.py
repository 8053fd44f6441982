"""What two requirements of one distribution come to together: whether both can be had, in the notations of pip and of conda.

PyPI's versions are those of PEP 440; conda has an order of its own, and where PEP 440 cannot say what a spec of conda's means
nothing is said of it.
"""

from __future__ import annotations

import os
import re
import sys
from functools import lru_cache

from reqlint.requirement import Constraint

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from reqlint.model import Dependency

    Wishes = Sequence[Sequence[Constraint]]

_THREE_NUMBERS = r"[0-9]+\.[0-9]+\.[0-9]+"


def contradict(one: Dependency, other: Dependency) -> bool:
    """Whether surely no version satisfies what both ask for; False where that cannot be told.

    Of what comes by URL, a wheel and a package of conda's tell their version. A requirement that contradicts itself
    contradicts nothing else.
    """
    if one.redirected or other.redirected:
        return False
    from reqlint.versions import satisfiable

    left, right = _comparable(one, other), _comparable(other, one)
    left = [group for group in left if satisfiable(group)]
    right = [group for group in right if satisfiable(group)]
    return bool(left and right) and not any(satisfiable(mine, yours) for mine in left for yours in right)


def _comparable(dependency: Dependency, other: Dependency) -> Wishes:
    """What is asked of the version, in terms that the other requirement has too."""
    if dependency.ecosystem == other.ecosystem or dependency.ecosystem != "conda":
        return wishes(dependency)
    return by_pypi(dependency, is_renumbered=_is_renumbered(other))


def wishes(dependency: Dependency) -> Wishes:
    """What is asked of the version: groups of clauses, of which one must hold; none at all where that cannot be told."""
    if dependency.kind == "name":
        return dependency.parts.alternatives or (dependency.constraints,)
    version = version_of_file(dependency)
    return () if version is None else ((Constraint("===", version, dependency.span, dependency.span),),)


def by_pypi(dependency: Dependency, *, is_renumbered: bool = False) -> Wishes:
    """What a spec of conda's asks for, in PyPI's versions.

    ``is_renumbered``: whether who packs it for PyPI may have put a number of their own behind conda's three, as
    opencv-python does (4.10.0.84 is OpenCV 4.10.0) and faiss-cpu (1.8.0.post1 is Faiss 1.8.0).
    """
    return [list(_by_pypi(group, is_renumbered=is_renumbered)) for group in wishes(dependency)]


def _by_pypi(group: Sequence[Constraint], *, is_renumbered: bool) -> Iterator[Constraint]:
    """One clause of PEP 440 at a time, or what stands for one that cannot be said."""
    for constraint in group:
        for operator, version in constraint.clauses or (("", ""),):
            pair: tuple[str, str] | None = (operator, version)
            if operator in ("===", ""):
                pair = ("==", version) if _is_pypi(version) else None
            elif operator == "==" and is_renumbered and re.fullmatch(_THREE_NUMBERS, version):
                pair = ("==", f"{version}.*")
            yield Constraint(
                pair[0] if pair else constraint.operator,
                pair[1] if pair else constraint.version,
                constraint.span,
                constraint.version_span,
                clauses=None if pair is None else (pair,),
            )


def _is_pypi(version: str) -> bool:
    """Whether PEP 440 reads a version as conda does: not 2024a, an alpha to PEP 440 alone."""
    from packaging.version import InvalidVersion, Version

    try:
        read = str(Version(version))
    except InvalidVersion:
        return False
    return re.sub("[._-]", "", version.lower()) == re.sub("[._-]", "", read)


def _is_renumbered(dependency: Dependency) -> bool:
    """Whether a version with four numbers is asked for, or a post-release."""
    versions = [version for clause in dependency.constraints for _, version in clause.clauses or ()]
    return any(version.count(".") > 2 or "post" in version for version in versions)


def version_of_file(dependency: Dependency) -> str | None:
    """The version that the file name of a wheel tells, or that of a package of conda's; None where there is none."""
    file = (dependency.url or "").partition("#")[0].partition("?")[0].replace("\\", "/").rpartition("/")[2]
    if dependency.ecosystem == "conda":
        parts = file.rsplit("-", 2)
        return parts[1] if len(parts) == 3 else None
    if not file.lower().endswith(".whl") or file.count("-") < 4 or "$" in file:
        return None
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        return str(parse_wheel_filename(file.replace("%2B", "+").replace("%2b", "+"))[1])
    except InvalidWheelFilename:
        return None


def options_of(dependency: Dependency) -> list[str]:
    """The words behind a requirement in its entry (a hash, an option), without comments and joints."""
    rest = dependency.source.text[dependency.span[1] : dependency.entry[1]]
    words: list[str] = []
    for line in rest.splitlines():
        for word in line.split():
            if word.startswith("#"):
                break
            if word.strip("\\\"',"):  # neither the joint of two lines nor what ends a string in YAML
                words.append(word)
    return words


def is_conditional(dependency: Dependency) -> bool:
    """Whether it stands in a branch of a setup.py, which may exclude the branch that another one stands in."""
    source = dependency.source
    if os.path.basename(source.path) != "setup.py":
        return False
    row = source.row(dependency.span[0])
    return any(first <= row <= last for first, last in _branches(source.text))


@lru_cache(maxsize=8)
def _branches(text: str) -> tuple[tuple[int, int], ...]:
    """The rows (1-based, the last one included) of what Python runs under a condition; all, where that cannot be told."""
    import ast

    kinds = (ast.If, ast.IfExp, ast.BoolOp, ast.Try, ast.For, ast.While, ast.Match)
    try:
        nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ((0, sys.maxsize),)
    return tuple((node.lineno, node.end_lineno or node.lineno) for node in nodes if not _is_main(node))


def _is_main(node: ast.AST) -> bool:
    """Whether this is the usual ``if __name__ == "__main__"``."""
    import ast

    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)

"""What a specifier comes to: how firmly it pins, and whether any version can satisfy it.

packaging does the arithmetic (PEP 440), and is imported only when a specifier needs it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal

    from reqlint.model import Dependency
    from reqlint.requirement import Constraint

    Firmness = Literal["exact", "compatible", "lower-bound", "other", "none"]

#: How firm each kind is, for comparing with what a role asks for.
_RANK = {"none": 0, "other": 0, "lower-bound": 1, "compatible": 2, "exact": 3}
_ASKED = {"any": 0, "lower-bound": 1, "compatible": 2, "exact": 3}


def firmness(dependency: Dependency) -> Firmness:
    """How firmly a dependency is pinned: by its specifier, or by what its URL points to.

    ``exact``: one version (``==``, ``===``), a commit, a tag, an archive; ``compatible``: bounded on both sides
    (``~=``, ``==1.*``, ``>=1,<2``); ``lower-bound``: ``>=`` or ``>``; ``other``: only ``<``, ``<=``, ``!=``, a variable, a
    ref of unknown kind; ``none``: nothing at all. Of alternatives (``>=1,<2 || >=3``) the weakest counts, and two exact
    versions are no exact one.
    """
    if dependency.kind == "name":
        alternatives = dependency.parts.alternatives
        if not alternatives:
            return firmness_of(dependency.constraints)
        weakest = min((firmness_of(group) for group in alternatives), key=_RANK.__getitem__)
        return "compatible" if weakest == "exact" else weakest
    vcs = dependency.vcs
    if vcs is None:
        return "none" if dependency.kind == "path" and dependency.name is None else "exact"
    if vcs.ref is None or vcs.ref_kind == "branch":
        return "none"
    return "other" if vcs.ref_kind == "unknown" else "exact"


def firmness_of(constraints: Sequence[Constraint]) -> Firmness:
    """How firmly the clauses of a specifier pin, when all of them must hold."""
    if not constraints:
        return "none"
    lower = upper = False
    for constraint in constraints:
        if constraint.templated:
            continue
        clauses = constraint.clauses
        for operator, version in _by_operator(constraint) if clauses is None else clauses:
            if operator == "===" or (operator == "==" and not version.endswith(".*")):
                return "exact"
            lower = lower or operator in (">=", ">", "~=", "==")
            upper = upper or operator in ("<", "<=", "~=", "==")
    if lower:
        return "compatible" if upper else "lower-bound"
    return "other"


def _by_operator(constraint: Constraint) -> tuple[tuple[str, str], ...]:
    """What a clause comes to whose version PEP 440 does not know, as far as its operator tells (``=1.1.1w``, conda's)."""
    operator, version = constraint.operator, constraint.version
    if version.startswith("^"):
        return ()  # a regular expression
    if operator in ("", "=", "==") and (operator == "=" or "*" in version):
        operator = "~="
    return ((operator or "===", version),)


def is_firm_enough(found: Firmness, asked: str) -> bool:
    """Whether a firmness satisfies what ``pin`` asks: ``exact``, ``compatible``, ``lower-bound`` or ``any``."""
    return _RANK[found] >= _ASKED[asked]


def satisfiable(*specifiers: Iterable[Constraint]) -> bool:
    """Whether some version satisfies all the clauses together (True when one of them is beyond PEP 440, as a variable is)."""
    clauses = _pairs(constraint for constraints in specifiers for constraint in constraints)
    if clauses is None or len(clauses) < 2:
        return True
    arbitrary = [version for operator, version in clauses if operator == "==="]
    if arbitrary:
        return _allow(clauses, arbitrary[0])
    from packaging.specifiers import SpecifierSet

    return not SpecifierSet(",".join(map("".join, clauses))).is_unsatisfiable()


def allows(constraints: Iterable[Constraint], version: str) -> bool:
    """Whether a version satisfies the clauses, pre-releases included; False when they are beyond PEP 440."""
    clauses = _pairs(constraints)
    return clauses is not None and _allow(clauses, version)


def permits(dependency: Dependency, version: str) -> bool:
    """Whether a version satisfies the specifier of a dependency: one of its alternatives, where it has some."""
    groups = dependency.parts.alternatives or (dependency.constraints,)
    return any(allows(group, version) for group in groups)


def implies(strong: Sequence[Constraint], weak: Sequence[Constraint]) -> bool:
    """Whether what satisfies the first specifier surely satisfies the second, as far as it is plain to see.

    True when each clause of the second is one of the first, or follows from the one version that the first pins, or from a
    tighter bound of the first on the same side.
    """
    written = {(clause.operator, clause.version) for clause in strong}
    if all((clause.operator, clause.version) in written for clause in weak):
        return True
    inner, outer = _pairs(strong), _pairs(weak)
    if inner is None or outer is None:
        return False
    others = outer - inner
    # A version with a local label satisfies `==1.0` too, so a clause that tells labels apart does not follow from it.
    if any(operator == "===" or "+" in version for operator, version in others):
        return False
    pinned = _pinned(inner)
    if pinned:
        return _allow(outer, pinned[0]) and _allow(inner, pinned[0])
    return all(any(_tightens(bound, other) for bound in inner) for other in others)


def _pairs(constraints: Iterable[Constraint]) -> set[tuple[str, str]] | None:
    """The clauses as pairs of operator and version by PEP 440; None when one of them cannot be said so."""
    pairs: set[tuple[str, str]] = set()
    for constraint in constraints:
        clauses = constraint.clauses
        if clauses is None or constraint.templated or "$" in constraint.version:
            return None
        pairs.update(clauses)
    return pairs


def _pinned(clauses: Iterable[tuple[str, str]]) -> list[str]:
    """The versions that `===` and `==` pin, `===` first: nothing else can satisfy the clauses, but for local labels."""
    clauses = sorted(clauses, reverse=True)
    return [version for operator, version in clauses if operator in ("==", "===") and not version.endswith(".*")]


def _allow(clauses: Iterable[tuple[str, str]], version: str) -> bool:
    """Whether a version satisfies the clauses, pre-releases included; what is no version by PEP 440 satisfies only `===`."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    ordered = [operator + text for operator, text in clauses if operator != "==="]
    if any(text.lower() != version.lower() for operator, text in clauses if operator == "==="):
        return False
    try:
        parsed = Version(version)
    except InvalidVersion:
        return not ordered
    return SpecifierSet(",".join(ordered)).contains(parsed, prereleases=True)


def _tightens(strong: tuple[str, str], weak: tuple[str, str]) -> bool:
    """Whether one bound lies within another one on the same side.

    Not with pre-releases (one in a specifier lets pre-releases in) nor post-releases (`>1.0` leaves out `1.0.post1`).
    """
    if weak[0] not in (">=", ">", "<", "<=") or strong[1].endswith(".*"):
        return False
    from packaging.version import Version

    inner, outer = Version(strong[1]), Version(weak[1])
    if any(version.is_prerelease or version.is_postrelease for version in (inner, outer)):
        return False
    if weak[0][0] == ">":
        if strong[0] not in (">=", ">", "~="):
            return False
        return inner > outer or (inner == outer and (weak[0] == ">=" or strong[0] == ">"))
    if strong[0] not in ("<=", "<"):
        return False
    return inner < outer or (inner == outer and (weak[0] == "<=" or strong[0] == "<"))

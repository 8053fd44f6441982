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
    ref of unknown kind; ``none``: nothing at all.
    """
    if dependency.kind == "name":
        return firmness_of(dependency.constraints)
    vcs = dependency.vcs
    if vcs is None:
        return "none" if dependency.kind == "path" and dependency.name is None else "exact"
    if vcs.ref is None or vcs.ref_kind == "branch":
        return "none"
    return "other" if vcs.ref_kind == "unknown" else "exact"


def firmness_of(constraints: Sequence[Constraint]) -> Firmness:
    """How firmly the clauses of a specifier (PEP 440) pin."""
    if not constraints:
        return "none"
    lower = upper = False
    for constraint in constraints:
        operator = constraint.operator
        if constraint.templated:
            continue
        if operator == "===" or (operator == "==" and not constraint.version.endswith(".*")):
            return "exact"
        if operator in ("==", "~="):
            lower = upper = True
        elif operator in (">=", ">"):
            lower = True
        elif operator in ("<", "<="):
            upper = True
    if lower:
        return "compatible" if upper else "lower-bound"
    return "other"


def is_firm_enough(found: Firmness, asked: str) -> bool:
    """Whether a firmness satisfies what ``pin`` asks: ``exact``, ``compatible``, ``lower-bound`` or ``any``."""
    return _RANK[found] >= _ASKED[asked]


def satisfiable(*specifiers: Iterable[Constraint]) -> bool:
    """Whether some version satisfies all the clauses together (True when one of them is a variable)."""
    clauses = [constraint for constraints in specifiers for constraint in constraints]
    if any(clause.templated or "$" in clause.version for clause in clauses):
        return True
    texts = {clause.operator + clause.version for clause in clauses}
    if len(texts) < 2:
        return True
    from packaging.specifiers import SpecifierSet

    return not SpecifierSet(",".join(sorted(texts))).is_unsatisfiable()


def allows(constraints: Iterable[Constraint], version: str) -> bool:
    """Whether a version satisfies the clauses, pre-releases included; False for what is no version by PEP 440."""
    clauses = list(constraints)
    if any(clause.templated for clause in clauses):
        return False
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        parsed = Version(version)
    except InvalidVersion:
        return any(clause.operator == "===" and clause.version == version for clause in clauses)
    return SpecifierSet(",".join(clause.operator + clause.version for clause in clauses)).contains(parsed, prereleases=True)


def implies(strong: Sequence[Constraint], weak: Sequence[Constraint]) -> bool:
    """Whether what satisfies the first specifier surely satisfies the second, as far as it is plain to see.

    True when the second has no clause, has no clause that the first lacks, or allows the one version that the first pins.
    """
    clauses = {(clause.operator, clause.version) for clause in strong}
    if all((clause.operator, clause.version) in clauses for clause in weak):
        return True
    if firmness_of(strong) != "exact" or any(clause.templated for clause in (*strong, *weak)):
        return False
    pinned = [clause.version for clause in strong if clause.operator in ("==", "===") and not clause.version.endswith(".*")]
    return allows(weak, pinned[0]) and allows(strong, pinned[0])

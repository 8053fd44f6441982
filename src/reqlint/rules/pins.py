"""RQ1: versions."""

from __future__ import annotations

import re

from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Fix
from reqlint.registry import rule
from reqlint.rewrite import add_hashes, bound, exactly, pin, specify, split, uncap
from reqlint.rules._evidence import locked_versions, meant_hashes, meant_version, option_of
from reqlint.versions import firmness, is_firm_enough, satisfiable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reqlint.lock import Locked
    from reqlint.model import Dependency, Manifest
    from reqlint.project import Project


def _pin_fix(dependency: Dependency, project: Project) -> tuple[Fix | None, str]:
    """The fix that pins a dependency to what the evidence says, and the help that tells of it."""
    found = meant_version(dependency, project) if not dependency.hashes else None
    if found is None:
        return _split_fix(dependency, project)
    manifest = project.manifest(dependency.source.path)
    edits = pin(dependency, found.version, manifest)
    if edits is None:
        return None, f"write `{exactly(dependency, found.version, manifest)}`, {found.told}"
    fix = Fix(f"Pin `{dependency.raw_name}` to {found.version}", edits, found.applicability)
    return fix, f"`{option_of(found.applicability)}` pins it to {found.version}, {found.told}"


def _split_fix(dependency: Dependency, project: Project) -> tuple[Fix | None, str]:
    """The fix that writes a line for each version of a lock that has several, told apart by their markers."""
    found = locked_versions(dependency, project) if not dependency.hashes else None
    if found is None or len(found[0]) < 2:
        in_dictionary = dependency.dialect == "metaflow"
        notation = f'"{dependency.raw_name}": "…"' if in_dictionary else f"{dependency.raw_name}==…"
        return None, f"write the version: `{notation}`"
    packages, where = found
    told = " and ".join(packages)
    markers = {version: _one_marker(items) for version, items in packages.items()}
    edits = split(dependency, markers) if all(markers.values()) else None
    if edits is None:
        return None, f"write the version; {where} has {told}, each for other environments"
    fix = Fix(f"Pin `{dependency.raw_name}` to {told}, by marker", edits, "unsafe")
    return fix, f"`--fix --unsafe-fixes` writes a line for each of {told}, the versions in {where}"


def _one_marker(items: Sequence[Locked]) -> str | None:
    """The marker that holds where one of these packages is meant; None where one of them has none."""
    markers = list(dict.fromkeys(item.marker for item in items))
    if None in markers:
        return None
    return markers[0] if len(markers) == 1 else " or ".join(f"({marker})" for marker in markers)


@rule("RQ101", "unpinned", "error", fix="unsafe", kinds=("name",), online=True)
def unpinned(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """The requirement has no version at all.

    ## Why is this bad?
    Tomorrow's build is not today's: whatever is newest when it runs is installed, and a bad release of somebody else breaks
    a deployment that nobody touched.

    ## Not reported
    A requirement that a pinned constraint covers (`-c constraints.txt`, or a constraints.txt beside the file), one that a lock
    made from this file fixes (`poetry.lock`, `uv.lock`, `Pipfile.lock`, `conda-lock.yml` and so on), one in an input file
    (`requirements.in`), a URL, a path, and names in `allow`. What is asked of a file depends on its role, which
    `reqlint --show-settings` explains; see `pin` and `kind` in the configuration.

    ## Fix safety
    The fix pins to the version that the project's own lock or environment has, so what is installed stays what it is. Where
    the lock has several, for other Pythons or platforms, the unsafe fix writes a line with a marker for each. With
    `--online --pin-from index`, the newest release that fits is written: unsafe, as nobody may have tried it here.

    ## Example
    ```requirements.txt
    requests
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    if dependency.constraints or dependency.redirected or dependency.group.role not in ("application", "constraint"):
        return
    configuration = project.configurations.of(dependency.source.path)
    if configuration.allows("RQ101", dependency.name) or project.is_covered(dependency):
        return
    role = project.role(dependency)
    if role not in ("application", "constraint") or configuration.pin[role] == "any":
        return
    fix, help_ = _pin_fix(dependency, project)
    yield Diagnostic.of(
        dependency,
        f"{dependency.shown} has no version",
        span=_name_span(dependency),
        label="any release may be installed tomorrow",
        help=help_,
        fix=fix,
    )


@rule("RQ102", "loosely-pinned", "warning", fix="unsafe", kinds=("name",), online=True)
def loosely_pinned(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """The specifier allows more versions than the role of this file should.

    ## Why is this bad?
    A range is right for a library. In a file that an application is installed from, it lets the next build differ from the
    last one.

    ## Not reported
    What a pinned constraint or a lock made from this file covers, `===`, input files, names in `allow`, and a version that is a variable.
    What counts as loose is set by `pin` in the configuration: `exact` (the default for requirements files), `compatible`
    (a range with both ends, `~=`, `==1.*`), `lower-bound` or `any`.

    ## Fix safety
    As for `unpinned`, and only when the specifier allows the version.

    ## Example
    ```requirements.txt
    requests>=2.31
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    constraints = dependency.constraints
    if (
        dependency.redirected
        or not constraints
        or (len(constraints) == 1 and constraints[0].operator == "==" and constraints[0].version[-1] != "*")
    ):
        return
    role = dependency.group.role
    if role not in ("application", "constraint") or any(clause.templated for clause in constraints):
        return
    configuration = project.configurations.of(dependency.source.path)
    found = firmness(dependency)
    if is_firm_enough(found, _asked(dependency, configuration.pin[role])) or configuration.allows(
        "RQ102", dependency.name
    ):
        return
    if project.is_covered(dependency):
        return
    role = project.role(dependency)
    if role not in ("application", "constraint") or is_firm_enough(found, _asked(dependency, configuration.pin[role])):
        return
    fix, help_ = _pin_fix(dependency, project)
    low, high = dependency.parts.specifier_span or dependency.span
    yield Diagnostic.of(
        dependency,
        f"{dependency.shown} is only loosely pinned: `{dependency.specifier}`",
        span=(low, high) if dependency.rewritable else dependency.span,
        label="more than one version fits",
        help=help_,
        fix=fix,
    )


def _asked(dependency: Dependency, pin: str) -> str:
    """What is asked of a dependency: of conda's, `compatible` does where `exact` is asked of pip's."""
    return "compatible" if pin == "exact" and dependency.ecosystem == "conda" else pin


def _name_span(dependency: Dependency) -> tuple[int, int]:
    """The place of the name, when it can be told."""
    return dependency.parts.name_span if dependency.rewritable and dependency.parts.name_span else dependency.span


@rule("RQ103", "missing-lower-bound", "warning", fix="safe", kinds=("name",), online=True)
def missing_lower_bound(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A library's dependency has no lower bound.

    ## Why is this bad?
    Whoever installs the library together with something old gets a version that it was never tried with, and an error far
    from its cause.

    ## Not reported
    Development groups and extras, build requirements, what `tool.uv.sources` takes from elsewhere, the interpreter, names in
    `allow`.

    ## Fix safety
    The fix writes `>=` the version in the project's own lock or environment, which stays allowed. That of the newest
    release, with `--online --pin-from index`, is unsafe.

    ## Example
    ```pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    dependencies = ["requests"]
    ```

    Use instead:
    ```pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    dependencies = ["requests>=2.31"]
    ```
    """
    constraints = dependency.constraints
    if (
        dependency.group.role not in ("library", "application")
        or dependency.redirected
        or (constraints and constraints[0].operator in ("==", ">=", "~="))
        or any(part.templated for part in constraints)
    ):
        return
    if project.role(dependency) != "library":
        return
    configuration = project.configurations.of(dependency.source.path)
    if configuration.pin["library"] == "any" or configuration.allows("RQ103", dependency.name):
        return
    if is_firm_enough(firmness(dependency), "lower-bound"):
        return
    found = meant_version(dependency, project)
    fix, help_ = None, "write the oldest version that works: `>=…`"
    if found is not None:
        edits = bound(dependency, found.version)
        message = f"Require `{dependency.raw_name}` {found.version} or later"
        fix = Fix(message, edits, found.applicability) if edits is not None else None
        option = option_of(found.applicability)
        help_ = f"`{option}` writes `>={found.version}`, {found.told}; an older one may do"
    yield Diagnostic.of(
        dependency,
        f"{dependency.shown} has no lower bound",
        span=_name_span(dependency),
        label="the oldest release there is may be installed",
        help=help_,
        fix=fix,
    )


@rule("RQ104", "exact-pin-in-library", "warning", fix="unsafe", kinds=("name",))
def exact_pin_in_library(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A library pins a dependency to one version.

    ## Why is this bad?
    Two libraries that pin one dependency to different versions cannot be installed together, and a security release of it
    cannot be taken before the library makes a release of its own.

    ## Not reported
    `==1.2.*`, extras called `all`, `dev`, `test` and the like, development groups, names in `allow`, and projects that are
    not meant for an index (no build system, or a classifier that begins with `Private ::`): nobody depends on those.

    ## Fix safety
    The fix writes `>=`. It is unsafe: later versions get installed.

    ## Example
    ```pyproject.toml
    [build-system]
    requires = ["hatchling>=1.27"]
    build-backend = "hatchling.build"

    [project]
    name = "shop"
    version = "1.0"
    dependencies = ["requests==2.32.3"]
    ```

    Use instead:
    ```pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    dependencies = ["requests>=2.32.3"]
    ```
    """
    if dependency.group.role != "library" or dependency.redirected or firmness(dependency) != "exact":
        return
    configuration = project.configurations.of(dependency.source.path)
    if configuration.pin["library"] == "exact" or configuration.allows("RQ104", dependency.name):
        return
    manifest = project.manifest(dependency.source.path)
    if manifest is None or not manifest.publishable:
        return
    clauses = dependency.constraints
    edits = (
        specify(dependency, f">={clauses[0].version}") if len(clauses) == 1 and clauses[0].operator != "===" else None
    )
    yield Diagnostic.of(
        dependency,
        f"the library pins {dependency.shown} to one version",
        span=dependency.parts.specifier_span if dependency.rewritable else None,
        label="nothing that needs another version can be installed beside it",
        help="write the range that works: `>=…`",
        fix=Fix(f"Allow `{dependency.raw_name}` {clauses[0].version} and later", edits, "unsafe") if edits else None,
    )


@rule("RQ105", "upper-bound-in-library", "warning", fix="unsafe", default=False, kinds=("name",))
def upper_bound_in_library(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A library's dependency has an upper bound.

    ## Why is this bad?
    A cap against a release that nobody has seen yet keeps everyone who uses the library from that release, most often for
    nothing, and cannot be taken back from versions that are published.

    ## Not reported
    Exact pins (see `exact-pin-in-library`), development groups and extras, names in `allow`.

    ## Fix safety
    The fix drops the cap. It is unsafe: later versions get installed.

    ## Example
    ```pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    dependencies = ["requests>=2.31,<3"]
    ```

    Use instead:
    ```pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    dependencies = ["requests>=2.31"]
    ```
    """
    if dependency.group.role != "library" or dependency.redirected:
        return
    if firmness(dependency) == "exact" or project.configurations.of(dependency.source.path).allows(
        "RQ105", dependency.name
    ):
        return
    if not any(
        operator in ("<", "<=", "~=", "==") for part in dependency.constraints for operator, _ in part.clauses or ()
    ):
        return
    edits = uncap(dependency)
    yield Diagnostic.of(
        dependency,
        f"{dependency.shown} has an upper bound: `{dependency.specifier}`",
        span=dependency.parts.specifier_span if dependency.rewritable else None,
        label="keeps every user of the library from later releases",
        help="drop the cap, unless a release above it is known to fail",
        fix=Fix(f"Drop the upper bound of `{dependency.raw_name}`", edits, "unsafe") if edits else None,
    )


@rule("RQ106", "unsatisfiable", "error", kinds=("name",))
def unsatisfiable(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """No version can satisfy the specifier.

    ## Why is this bad?
    The clauses exclude each other, so the installation always fails.

    ## Example
    ```requirements.txt
    requests>=2.32,<2.0
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    groups = dependency.parts.alternatives or (dependency.constraints,)
    if len(dependency.constraints) > 1 and not any(satisfiable(group) for group in groups):
        yield Diagnostic.of(
            dependency,
            f"no version of {dependency.shown} can satisfy `{dependency.specifier}`",
            span=dependency.parts.specifier_span if dependency.rewritable else None,
            label="the clauses exclude each other",
            help="take out the clause that is not meant",
        )


@rule("RQ107", "missing-hash", "error", on="manifest", fix="safe", online=True)
def missing_hash(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """Other requirements have a `--hash`, or `--require-hashes` is set, and this one has none.

    ## Why is this bad?
    One hash anywhere turns on the hash-checking mode for everything that is installed together, and pip then refuses every
    requirement without one: nothing is installed.

    ## Not reported
    A file in which nothing has a hash, and constraints.

    ## Fix safety
    The fix writes the hashes that the project's own lock has of the version that is pinned. Those that the package index has
    of it, with `--online --pin-from index`, are unsafe: nobody but the index vouches for them.

    ## Example
    ```requirements.txt
    urllib3==2.2.2 --hash=sha256:a448b2f64d686155468037e1ace9f2d2199776e17f0a46610480d311f73e3472
    idna==3.7
    ```

    Use instead:
    ```requirements.txt
    urllib3==2.2.2 --hash=sha256:a448b2f64d686155468037e1ace9f2d2199776e17f0a46610480d311f73e3472
    idna==3.7 --hash=sha256:82fee1fc78add43492d3a1898bfa6d8a904cc97d8427f683ed8e798d07761aa0
    ```
    """
    required = any(setting.kind == "require-hashes" for setting in manifest.settings)
    if manifest.role in ("constraint", "input") or manifest.format != "requirements.txt":
        return
    own = any(dependency.hashes for dependency in manifest.dependencies if dependency.ecosystem == "pypi")
    if not own and not required:
        if not manifest.includes or not manifest.dependencies:
            return
        if not any(member.dependency.hashes for member in project.members(manifest) if not member.constraint):
            return
    for dependency in manifest.dependencies:
        if dependency.hashes or dependency.ecosystem == "conda":
            continue
        if dependency.url is not None and "#sha" in dependency.url:
            continue
        reason = "`--require-hashes` is set" if required else "others that are installed with it have one"
        fix, help_ = _hash_fix(dependency, manifest, project)
        yield Diagnostic.of(
            dependency,
            f"{dependency.shown} has no `--hash`, and {reason}: pip refuses the whole file",
            label="no hash",
            help=help_,
            fix=fix,
        )


def _hash_fix(dependency: Dependency, manifest: Manifest, project: Project) -> tuple[Fix | None, str]:
    """The fix that writes the hashes of the version that is pinned, and the help that tells of it."""
    found = meant_hashes(dependency, project)
    folded = any(
        item.hashes and "\n" in manifest.source.text[slice(*item.entry)].rstrip() for item in manifest.dependencies
    )
    edits = add_hashes(dependency, found.hashes, folded=folded) if found is not None else None
    if found is None or edits is None:
        return (
            None,
            "compile the file again with hashes (`pip-compile --generate-hashes`, `uv pip compile --generate-hashes`)",
        )
    count = len(found.hashes)
    what = "the hash" if count == 1 else f"the {count} hashes"
    fix = Fix(f"Write {what} of `{dependency.raw_name}` {found.version}", edits, found.applicability)
    return fix, f"`{option_of(found.applicability)}` writes {what} in {found.where}"


@rule("RQ108", "unpinned-build-requirement", "warning", default=False, kinds=("name",))
def unpinned_build_requirement(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A build requirement has no version.

    ## Why is this bad?
    Each build takes the newest release of the build tools, so an old tag may not build tomorrow. Off by default: most
    projects leave them open on purpose.

    ## Example
    ```pyproject.toml
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"
    ```

    Use instead:
    ```pyproject.toml
    [build-system]
    requires = ["hatchling>=1.27"]
    build-backend = "hatchling.build"
    ```
    """
    if dependency.group.role == "build" and not dependency.constraints and not dependency.redirected:
        yield Diagnostic.of(
            dependency,
            f"the build requirement {dependency.shown} has no version",
            span=_name_span(dependency),
            help="write the range that the project builds with",
        )


@rule("RQ109", "ambiguous-conda-pin", "warning", fix="unsafe", kinds=("name",))
def ambiguous_conda_pin(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """A `name=version` row means one thing to older conda and another to today's.

    ## Why is this bad?
    This is about files like conda-packages.txt, which conda reads with `--file`. Older releases took `numpy=1.26` for
    exactly 1.26, today's take it for any 1.26.x.

    ## Not reported
    Rows with a build (`numpy=1.26.4=py311_0`), `==`, `1.26.*`, and environment.yml, where `=` was never exact.

    ## Fix safety
    Writing `==` is safe for a version of three parts or more, where both readings come to one release; else unsafe.

    ## Example
    ```conda-packages.txt
    numpy=1.26.4
    ```

    Use instead:
    ```conda-packages.txt
    numpy==1.26.4
    ```
    """
    clauses = dependency.constraints
    if dependency.dialect != "conda" or dependency.parts.build is not None or len(clauses) != 1:
        return
    clause = clauses[0]
    if clause.operator != "=" or "*" in clause.version:
        return
    manifest = project.manifest(dependency.source.path)
    if manifest is None or manifest.format != "conda-packages.txt":
        return
    edits = specify(dependency, f"=={clause.version}")
    safe = clause.version.count(".") > 1
    yield Diagnostic.of(
        dependency,
        f"`{dependency.specifier}` is exact to older conda, and any {clause.version}.x to today's",
        span=clause.span if dependency.rewritable else None,
        help=f"write `=={clause.version}` or `={clause.version}.*`",
        fix=Fix(f"Write `=={clause.version}`", edits, "safe" if safe else "unsafe") if edits else None,
    )


#: Builds that differ by platform: of one Python, or of what a hash stands for. Those called `py_0` or `pyh…` fit anywhere, and
#: so do two hashes, which stand for nothing at all.
_PLATFORM_BUILD = r"py[0-9]|(?:^|_)h(?!d8ed1ab_|d3eb1b0_)[0-9a-f]{7}_|cuda"
#: Builds that say no more than that: others choose a variant (`cuda118_…`, `mkl_py39_0`).
_PLAIN_BUILD = r"(?:py[0-9]+)?h[0-9a-f]{7}_[0-9]+|py[0-9]+_[0-9]+"


@rule("RQ110", "platform-bound-build", "info", on="manifest", fix="unsafe")
def platform_bound_build(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A build string ties the environment to one platform.

    ## Why is this bad?
    `conda env export` writes the build of each package, and builds differ by platform and disappear from channels: nobody
    else can make this environment. `conda env export --no-builds` leaves them out.

    ## Not reported
    More than three of them one by one: they come from an export, and are one finding. Builds with a glob (`*cuda*`), builds
    for any platform (`pyhd8ed1ab_0`, `py_0`), those that only name a variant (`mkl`), conda-packages.txt and explicit lists,
    which are meant for one platform.

    ## Fix safety
    The build is dropped, and the version stays exact. That is unsafe where the build chooses a variant, such as one for CUDA.

    ## Example
    ```environment.yml
    dependencies:
      - numpy=1.26.4=py311h64a7726_0
    ```

    Use instead:
    ```environment.yml
    dependencies:
      - numpy=1.26.4
    ```
    """
    if manifest.format != "environment.yml":
        return
    bound_builds = [
        (item, _without_build(item, manifest)) for item in manifest.dependencies if _has_platform_build(item)
    ]
    if len(bound_builds) <= _MOST_BUILDS:
        for dependency, fix in bound_builds:
            yield Diagnostic.of(
                dependency,
                f"the build `{dependency.parts.build}` ties {dependency.shown} to one platform",
                span=dependency.parts.build_span if dependency.rewritable else None,
                help="write the version only, as `conda env export --no-builds` does",
                fix=fix,
            )
        return
    fixes = [fix for _, fix in bound_builds if fix is not None]
    unsafe = any(fix.applicability == "unsafe" for fix in fixes)
    first = bound_builds[0][0]
    yield Diagnostic.of(
        first,
        f"the builds of {len(bound_builds)} packages tie this environment to one platform",
        span=first.parts.build_span if first.rewritable else None,
        label="the first of them",
        help="export it with `conda env export --no-builds`",
        fix=Fix("Drop the builds", [edit for fix in fixes for edit in fix.edits], "unsafe" if unsafe else "safe")
        if fixes
        else None,
    )


_MOST_BUILDS = 3  # more of them come from an export, and are one fault


def _has_platform_build(dependency: Dependency) -> bool:
    """Whether a spec of conda's names a build that only one platform has."""
    parts = dependency.parts
    if dependency.dialect != "conda" or parts.build is None or "*" in parts.build or parts.build.startswith("^"):
        return False
    if parts.kind != "name" or parts.slot is None or not dependency.constraints:
        return False
    return re.search(_PLATFORM_BUILD, parts.build) is not None


def _without_build(dependency: Dependency, manifest: Manifest) -> Fix | None:
    """The fix that drops the build of a spec and keeps its version."""
    if len(dependency.constraints) > 1:
        return None
    clause = dependency.constraints[0]
    is_exact = clause.clauses is not None and clause.clauses[0][0] in ("==", "===") and "*" not in clause.version
    wish = exactly(dependency, clause.version, manifest) if is_exact else f"{clause.operator or '='}{clause.version}"
    edits = specify(dependency, wish)
    is_plain = re.fullmatch(_PLAIN_BUILD, dependency.parts.build or "") is not None
    return Fix(f"Drop the build of `{dependency.raw_name}`", edits, "safe" if is_plain else "unsafe") if edits else None


@rule("RQ111", "templated-version", "info", on="manifest")
def templated_version(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The version is a variable, so it cannot be checked.

    ## Why is this bad?
    It is not: this only says that the requirement was not judged. Whether it is pinned depends on the variable.

    ## Not reported
    Words of commands that only those who work on the project run, such as those of a library's workflows: no version is asked
    of them.

    ## Example
    ```requirements.txt
    requests==${REQUESTS_VERSION}
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    for dependency in manifest.dependencies:
        for clause in dependency.constraints:
            if clause.templated and not (dependency.inline and project.role(dependency) == "development"):
                yield Diagnostic.of(
                    dependency,
                    f"the version of {dependency.shown} is a variable, so it is not checked",
                    span=clause.version_span if dependency.rewritable else None,
                )
    for problem in manifest.problems:
        if problem.rule == "templated-version":
            yield Diagnostic(manifest.source, problem.span, problem.message, scope=problem.scope)

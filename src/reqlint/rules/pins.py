"""RQ1: versions."""

from __future__ import annotations

from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Fix
from reqlint.registry import rule
from reqlint.rewrite import pin
from reqlint.versions import firmness_of, is_firm_enough, satisfiable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.model import Dependency, Manifest
    from reqlint.project import Project


def _pin_fix(dependency: Dependency, project: Project) -> tuple[Fix | None, str]:
    """The fix that pins a dependency to what the project's own evidence says, and the help that tells of it."""
    found = project.evidence.installed(dependency) if not dependency.hashes else None
    if found is None:
        return None, f"write the version: `{dependency.raw_name}==…`"
    version = found.version.partition("+")[0]
    edits = pin(dependency, version)
    if edits is None:
        return None, f"write `=={version}`, the version in {found.where}"
    fix = Fix(f"Pin `{dependency.raw_name}` to {version}", edits)
    return fix, f"`--fix` pins it to {version}, the version in {found.where}"


@rule("RQ101", "unpinned", "error", fix="safe", kinds=("name",))
def unpinned(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """The requirement has no version at all.

    ## Why is this bad?
    Tomorrow's build is not today's: whatever is newest when it runs is installed, and a bad release of somebody else breaks
    a deployment that nobody touched.

    ## Not reported
    A requirement that a lock file or a pinned constraint covers (`-c constraints.txt`, or a constraints.txt beside the
    file), one in an input file (`requirements.in`), a URL, a path, and names in `allow`. What is asked of a file depends on
    its role; see `pin` in the configuration.

    ## Fix safety
    The fix pins to the version that the project's own environment holds, so what is installed stays what it is.

    ## Example
    ```requirements.txt
    requests
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    if dependency.constraints or dependency.group.role in ("input", "library", "development", "build"):
        return
    configuration = project.configurations.of(dependency.source.path)
    if configuration.pin[dependency.group.role] == "any" or configuration.allows("RQ101", dependency.name):
        return
    if _is_covered(dependency, project):
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


@rule("RQ102", "loosely-pinned", "warning", fix="safe", kinds=("name",))
def loosely_pinned(dependency: Dependency, project: Project) -> Iterator[Diagnostic]:
    """The specifier allows more versions than the role of this file should.

    ## Why is this bad?
    A range is right for a library. In a file that an application is installed from, it lets the next build differ from the
    last one.

    ## Not reported
    What a lock file or a pinned constraint covers, `===`, input files, names in `allow`, and a version that is a variable.
    What counts as loose is set by `pin` in the configuration: `exact` (the default for requirements files), `compatible`
    (a range with both ends, `~=`, `==1.*`), `lower-bound` or `any`.

    ## Fix safety
    The fix pins to the version that the project's own environment holds, and only when the specifier allows it.

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
    if not constraints or (len(constraints) == 1 and constraints[0].operator == "==" and constraints[0].version[-1] != "*"):
        return
    role = dependency.group.role
    if role in ("library", "development", "build", "input") or any(clause.templated for clause in constraints):
        return
    configuration = project.configurations.of(dependency.source.path)
    asked = configuration.pin[role]
    if is_firm_enough(firmness_of(constraints), asked) or configuration.allows("RQ102", dependency.name):
        return
    if _is_covered(dependency, project):
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


def _is_covered(dependency: Dependency, project: Project) -> bool:
    """Whether a pinned constraint says which version is meant."""
    manifest = project.manifest(dependency.source.path)
    return manifest is not None and project.pinned_elsewhere(manifest, dependency)


def _name_span(dependency: Dependency) -> tuple[int, int]:
    """The place of the name, when it can be told."""
    return dependency.parts.name_span if dependency.rewritable and dependency.parts.name_span else dependency.span


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
    if len(dependency.constraints) > 1 and not satisfiable(dependency.constraints):
        yield Diagnostic.of(
            dependency,
            f"no version of {dependency.shown} can satisfy `{dependency.specifier}`",
            span=dependency.parts.specifier_span if dependency.rewritable else None,
            label="the clauses exclude each other",
            help="take out the clause that is not meant",
        )


@rule("RQ107", "missing-hash", "error", on="manifest")
def missing_hash(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """Other requirements have a `--hash`, or `--require-hashes` is set, and this one has none.

    ## Why is this bad?
    One hash anywhere turns on the hash-checking mode for everything that is installed together, and pip then refuses every
    requirement without one: nothing is installed.

    ## Not reported
    A file in which nothing has a hash, and constraints.

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
    if manifest.role in ("constraint", "input"):
        return
    own = any(dependency.hashes for dependency in manifest.dependencies)
    if not own and not required:
        if not manifest.includes or not manifest.dependencies:
            return
        if not any(member.dependency.hashes for member in project.members(manifest) if not member.constraint):
            return
    for dependency in manifest.dependencies:
        if dependency.hashes or (dependency.url is not None and "#sha" in dependency.url):
            continue
        reason = "`--require-hashes` is set" if required else "others that are installed with it have one"
        yield Diagnostic.of(
            dependency,
            f"{dependency.shown} has no `--hash`, and {reason}: pip refuses the whole file",
            label="no hash",
            help="compile the file again with hashes (`pip-compile --generate-hashes`, `uv pip compile --generate-hashes`)",
        )


@rule("RQ111", "templated-version", "info", on="manifest")
def templated_version(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The version is a variable, so it cannot be checked.

    ## Why is this bad?
    It is not: this only says that the requirement was not judged. Whether it is pinned depends on the variable.

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
            if clause.templated:
                yield Diagnostic.of(
                    dependency,
                    f"the version of {dependency.shown} is a variable, so it is not checked",
                    span=clause.version_span if dependency.rewritable else None,
                )
    for problem in manifest.problems:
        if problem.rule == "templated-version":
            yield Diagnostic(manifest.source, problem.span, problem.message, scope=problem.scope)

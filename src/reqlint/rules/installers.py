"""RQ4: overlap and conflict.

What conda and pip are both asked to install into one environment.
"""

from __future__ import annotations

import os
import re

from reqlint.diagnostic import Diagnostic, Label
from reqlint.fixes import Fix
from reqlint.registry import rule
from reqlint.requirement import normalize
from reqlint.rewrite import remove
from reqlint.rules._clashes import by_pypi, contradict, options_of, version_of_file
from reqlint.rules._problems import reported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reqlint.model import Dependency, Manifest, Stack
    from reqlint.project import Member, Project
    from reqlint.requirement import Constraint

#: Formats whose conda packages are pixi's, which gives them to its resolver of PyPI's.
_PIXI = ("pixi.toml", "pyproject.toml")
#: The dialects of what pixi installs from PyPI: its own tables, and ``[project]``.
_PIXI_DIALECTS = ("pixi", "pep508")
#: What `conda list` calls the build of what pip installed: such a row is none of conda's.
_PIP_BUILD = r"(?:pypi|dev)_[0-9]+"


class _Double:
    """One distribution that is asked of both: conda's member, pip's, and whether no version satisfies the two.

    ``stack``: what installs the two files together, where a file says so.
    """

    __slots__ = ("conda", "is_conflict", "pip", "stack")

    def __init__(self, conda: Member, pip: Member, *, is_conflict: bool) -> None:
        self.conda = conda
        self.pip = pip
        self.is_conflict = is_conflict
        self.stack: Stack | None = None


@rule("RQ401", "conda-pip-overlap", "warning", on="manifest", fix="unsafe")
def conda_pip_overlap(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """The same distribution is installed by conda and again by pip.

    ## Why is this bad?
    conda installs first, then pip. Where pip is content with conda's package, its line does nothing, until the day the two
    differ. Where it is not, it puts its own build over conda's files: conda knows nothing of that, and what conda built
    against its own package may crash.

    Compared are the packages of an environment.yml and its `pip:` list, with all that the list includes with `-r` (then the
    finding is on the `-r`), and a requirements.txt with the conda-packages.txt beside it. Names are matched by a table:
    conda's `pytorch` is PyPI's `torch`; `conda-names` in the configuration names one that goes before it.

    ## Not reported
    What only shares its name: conda's `graphviz` is the program, PyPI's the package for Python. Rows of a list that end in
    `pypi_0` or `dev_0` (see `pip-row-in-conda-list`). A constraint (`-c`). A line of pip's whose marker excludes the Python
    that conda is asked for. What cannot agree at all (see `conda-pip-conflict`). pixi's dependencies, of which conda's
    satisfy those from PyPI.

    ## Fix safety
    pip's line is deleted when each version that conda may install satisfies it; `=1.26.4` counts as 1.26.4. That is unsafe,
    as the file may also be used with pip alone. A line that asks for more than a version (extras, a marker, a hash, a URL)
    is left.

    ## Example
    ```environment.yml
    channels:
      - conda-forge
    dependencies:
      - python=3.12
      - numpy=1.26.4
      - pip
      - pip:
          - numpy==1.26.4
          - requests==2.32.3
    ```

    Use instead:
    ```environment.yml
    channels:
      - conda-forge
    dependencies:
      - python=3.12
      - numpy=1.26.4
      - pip
      - pip:
          - requests==2.32.3
    ```
    """
    if manifest.format in _PIXI:
        return
    for double in _doubles(manifest, project):
        if not double.is_conflict:
            yield _overlap(manifest, double)


def _overlap(manifest: Manifest, double: _Double) -> Diagnostic:
    """What to say, and what to do, about a distribution that both may install."""
    conda, pip = double.conda.dependency, double.pip.dependency
    via = double.pip.via
    is_idle = _satisfies(conda, pip)
    fix = None
    if via is None and is_idle and _asks_for_a_version_only(pip) and conda.marker is None:
        fix = Fix(f"Delete {pip.shown} from what pip installs", remove(pip), "unsafe")
    alias = f" as {conda.shown}" if _is_renamed(double.conda, double.pip) else ""
    if not is_idle:
        effect = "pip may install another over it"
    elif pip.extras:
        effect = "pip adds what its extras bring"
    else:
        effect = "pip has nothing to add"
    if via is not None:
        message = f"conda installs {pip.shown}{alias} already, which `{via.path}` asks of pip too"
        help_ = "take it out of one of the files, unless each is used alone"
    else:
        message = f"conda installs {pip.shown}{alias} already, and {effect}{_for_whom(double)}"
        help_ = f"delete this line: conda's {_wish(conda)} satisfies it" if fix else _advice(pip)
        if not _is_exact(conda) and conda.source.path != pip.source.path:
            help_ += f"; in {os.path.basename(conda.source.path)}, give {conda.shown} an exact version, so that pip finds the right one"
    return _report(manifest, double, message, label="again, by pip", help_=help_, fix=fix)


def _advice(pip: Dependency) -> str:
    """What to do where deleting pip's line would change what is asked for."""
    if pip.extras:
        return "keep one of the two; conda has no extras, so list what they bring as packages of conda"
    return "keep one of the two: conda's for what is compiled, with the version that you need"


@rule("RQ402", "conda-pip-conflict", "error", on="manifest")
def conda_pip_conflict(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """One distribution is asked of conda and of pip, in versions that cannot agree.

    ## Why is this bad?
    conda installs its version, then pip replaces it by its own. What conda built against the first one now meets the
    second, and often crashes when it is imported; the next `conda install` may put the old files back over the new ones.
    pixi, which asks for one version that serves both, finds none and installs nothing.

    The same files are compared as for `conda-pip-overlap`, and besides them the packages of conda and of PyPI that stand in
    one feature of a pixi.toml or a `[tool.pixi]`, or one of them in the default feature.

    ## Not reported
    Versions that conda and PEP 440 order in different ways. A URL that does not tell its version. One number more on PyPI
    than the three of conda, or a `.post`: opencv-python 4.10.0.84 is OpenCV 4.10.0. Requirements whose markers or platforms exclude each
    other.

    ## Example
    ```environment.yml
    channels:
      - conda-forge
    dependencies:
      - python=3.12
      - numpy=1.26.4
      - pip
      - pip:
          - numpy==2.0.1
    ```

    Use instead:
    ```environment.yml
    channels:
      - conda-forge
    dependencies:
      - python=3.12
      - numpy=2.0.1
    ```
    """
    if manifest.format in _PIXI:
        for double in _pixi_conflicts(manifest, project):
            conda, pip = double.conda.dependency, double.pip.dependency
            message = f"no version of {pip.shown} satisfies both {_asked(pip)} and conda's {_wish(conda)}"
            yield _report(manifest, double, message, label="pixi finds no version", help_=_DECIDE)
        return
    for double in _doubles(manifest, project):
        if double.is_conflict:
            pip = double.pip.dependency
            whose = f" of `{double.pip.via.path}`" if double.pip.via is not None else ""
            message = (
                f"pip replaces conda's {_wish(double.conda.dependency)} by {_asked(pip)}{whose}, "
                f"and what conda built against it may break{_for_whom(double)}"
            )
            yield _report(manifest, double, message, label="conda installs another version", help_=_DECIDE)


def _for_whom(double: _Double) -> str:
    """Who installs the two, where a file says so, to end a message with."""
    stack = double.stack
    if stack is None:
        return ""
    whom = f" for `{stack.name}`" if stack.name else ""
    return f": {stack.system} runs conda first, then pip{whom}"


@rule("RQ407", "mixed-installers", "error", on="manifest")
def mixed_installers(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A step of a Metaflow flow gets packages by `@pypi` and by `@conda`.

    ## Why is this bad?
    Metaflow makes one environment for each step, either of packages from PyPI or of conda's. Where a step has both, be it
    by the decorators above the class (`@pypi_base`, `@conda_base`), Metaflow stops before the first step: "Use one of @pypi
    or @conda only".

    ## Not reported
    A step that has `disabled=True` in either of them, or inherits it: it runs in no environment at all. A `@conda` or
    `@conda_base` without packages, which only chooses the Python. Packages that only running the file could tell.

    ## Example
    ```flow.py
    from metaflow import FlowSpec, conda_base, pypi, step


    @conda_base(packages={"pandas": "2.2.3"})
    class TrainFlow(FlowSpec):
        @pypi(packages={"scikit-learn": "1.5.2"})
        @step
        def start(self):
            self.next(self.end)

        @step
        def end(self):
            pass
    ```

    Use instead:
    ```flow.py
    from metaflow import FlowSpec, pypi, pypi_base, step


    @pypi_base(packages={"pandas": "2.2.3"})
    class TrainFlow(FlowSpec):
        @pypi(packages={"scikit-learn": "1.5.2"})
        @step
        def start(self):
            self.next(self.end)

        @step
        def end(self):
            pass
    ```
    """
    yield from reported(manifest, "mixed-installers")


_DECIDE = "keep one of the two, with the version that you need: conda's for what is compiled"


def _doubles(manifest: Manifest, project: Project) -> Iterator[_Double]:
    """Each requirement of pip's for what conda installs too: of conda's packages one that it conflicts with, if there is one.

    Several packages of conda may hold one distribution (``dask`` and ``dask-core``).
    """
    for environment in project.environments(manifest):
        by_name = _by_name(environment.of("conda"), project)
        if not by_name:
            continue
        interpreter = _interpreter(environment.of("conda"))
        for pip in environment.of("pypi"):
            theirs = by_name.get(pip.dependency.name or "", ())
            met = [conda for conda in theirs if _meet(conda.dependency, pip.dependency, interpreter)]
            if met:
                double = _double(met, pip)
                double.stack = environment.stack
                yield double


def _double(met: Sequence[Member], pip: Member) -> _Double:
    """What to compare pip's requirement with: conda's that contradicts it, else that which satisfies it, else its namesake."""
    for conda in met:
        if contradict(conda.dependency, pip.dependency):
            return _Double(conda, pip, is_conflict=True)
    best = min(met, key=lambda conda: (not _satisfies(conda.dependency, pip.dependency), _is_renamed(conda, pip)))
    return _Double(best, pip, is_conflict=False)


def _is_renamed(conda: Member, pip: Member) -> bool:
    """Whether conda has another name for it."""
    return normalize(conda.dependency.name or "") != pip.dependency.name


def _by_name(members: Sequence[Member], project: Project) -> dict[str, list[Member]]:
    """What conda installs, by the names that PyPI has for it."""
    found: dict[str, list[Member]] = {}
    for member in members:
        if re.fullmatch(_PIP_BUILD, member.dependency.parts.build or "") is None:
            for name in sorted(project.distributions(member.dependency)):
                found.setdefault(name, []).append(member)
    return found


def _interpreter(members: Sequence[Member]) -> str | None:
    """The Python that conda is asked for, as a marker; None where any will do, or it cannot be told."""
    for member in members:
        python = member.dependency
        if python.name == "python" and python.marker is None and not python.parts.alternatives:
            clauses = [pair for part in python.constraints for pair in part.clauses or (("===", ""),)]
            if any(operator == "===" for operator, _ in clauses):
                return None
            return " and ".join(f'python_full_version {operator} "{version}"' for operator, version in clauses) or None
    return None


def _meet(conda: Dependency, pip: Dependency, interpreter: str | None) -> bool:
    """Whether both are installed in some environment: not when their markers, or Python itself, exclude it."""
    if conda.marker is None and pip.marker is None:
        return True
    from reqlint.markers import can_hold_together

    marker = pip.marker
    if marker is not None and interpreter is not None:
        marker = f"({marker}) and {interpreter}"
    return can_hold_together(conda.marker, marker)


def _satisfies(conda: Dependency, pip: Dependency) -> bool:
    """Whether each version that conda may install is one that pip is content with."""
    from reqlint.versions import implies

    if pip.kind != "name":
        return False
    groups = by_pypi(conda)
    return bool(groups) and all(implies([_firm(part) for part in group], pip.constraints) for group in groups)


def _firm(constraint: Constraint) -> Constraint:
    """``=1.26.4`` as 1.26.4: no package has both a version of three numbers and one that begins with it."""
    for operator, version in constraint.clauses or ():
        if operator == "==" and version.endswith(".*") and version.count(".") > 2:
            exact = version.removesuffix(".*")
            return type(constraint)("==", exact, constraint.span, constraint.version_span)
    return constraint


def _is_exact(conda: Dependency) -> bool:
    """Whether conda is asked for one version."""
    clauses = [pair for part in map(_firm, conda.constraints) for pair in part.clauses or ()]
    return any(operator in ("==", "===") and not version.endswith(".*") for operator, version in clauses)


def _asks_for_a_version_only(pip: Dependency) -> bool:
    """Whether nothing is lost with the line but a name and its version."""
    bare = pip.kind == "name" and not pip.extras and pip.marker is None and not pip.editable and not pip.hashes
    return bare and not options_of(pip)


def _pixi_conflicts(manifest: Manifest, project: Project) -> Iterator[_Double]:
    """What pixi cannot solve: two requirements of one environment, as far as the features tell.

    Left alone is what ``dependency-overrides`` settles, and a feature beside the default one where environments may leave
    that out.
    """
    if not any(item.ecosystem == "conda" for item in manifest.dependencies):
        return
    [environment] = project.environments(manifest)
    by_name = _by_name(environment.of("conda"), project)
    own = [member for member in environment.of("pypi") if member.via is None]
    settled = {member.dependency.name for member in own if member.dependency.group.kind == "constraint"}
    keeps_default = "no-default-feature" not in manifest.source.text
    for pip in own:
        name = pip.dependency.name or ""
        if pip.dependency.dialect not in _PIXI_DIALECTS or name in settled:
            continue
        for conda in by_name.get(name, ()):
            if _share_feature(conda.dependency, pip.dependency, keeps_default=keeps_default) and contradict(
                conda.dependency, pip.dependency
            ):
                yield _Double(conda, pip, is_conflict=True)
                break


def _share_feature(conda: Dependency, pip: Dependency, *, keeps_default: bool) -> bool:
    """Whether pixi surely installs two dependencies into one environment, on one platform."""
    one, other = _feature(conda), _feature(pip)
    if one is None or other is None:
        return False
    (feature, target), (other_feature, other_target) = one, other
    if target != other_target and target and other_target:
        return False
    if pip.marker is not None:
        from reqlint.markers import can_hold_together

        if not can_hold_together(pip.marker, None):
            return False
    return feature == other_feature or (keeps_default and not (feature and other_feature))


def _feature(dependency: Dependency) -> tuple[str, str] | None:
    """The feature of pixi's ("" is the default one) and the platform ("" is any); None for what is no feature."""
    kind, name = dependency.group.kind, dependency.group.name or ""
    if kind == "runtime" and (not name or name.startswith("target.")):
        return "", name.removeprefix("target.")
    if kind == "group" and name.startswith("feature."):
        feature, _, target = name.removeprefix("feature.").partition(".target.")
        return feature, target
    return None


def _wish(conda: Dependency) -> str:
    """What conda is asked for, as it is written: name and version."""
    if conda.kind == "name":
        blank = " " if conda.specifier[:1].isalnum() else ""
        return f"`{conda.raw_name}{blank}{conda.specifier}`"
    return f"`{conda.raw_name}` {version_of_file(conda)}"


def _asked(pip: Dependency) -> str:
    """The version that pip is asked for; a URL could hold a secret, so of it only the version is shown."""
    return f"`{pip.specifier}`" if pip.kind == "name" else f"{version_of_file(pip)}"


def _report(
    manifest: Manifest, double: _Double, message: str, *, label: str, help_: str, fix: Fix | None = None
) -> Diagnostic:
    """A finding on pip's requirement, or on the include through which it comes."""
    conda, pip, via = double.conda.dependency, double.pip.dependency, double.pip.via
    related = [Label(conda.source, conda.span, "conda installs it here")]
    if via is None:
        return Diagnostic.of(pip, message, label=label, help=help_, fix=fix, related=related)
    related.append(Label(pip.source, pip.span, "and pip here"))
    return Diagnostic(
        manifest.source,
        via.span,
        message,
        label=label,
        help=help_,
        scope=via.entry,
        related=related,
        dependency=pip.name,
        group=pip.group.label,
    )

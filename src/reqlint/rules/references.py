"""RQ2, continued: what a project publishes about its direct references, and repositories that are taken twice."""

from __future__ import annotations

from reqlint.diagnostic import Diagnostic, Label
from reqlint.registry import rule
from reqlint.repositories import repository_key
from reqlint.rules._problems import reported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reqlint.model import Dependency, Manifest
    from reqlint.project import Member, Project


@rule("RQ207", "unpublishable-reference", "error", on="manifest")
def unpublishable_reference(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """A library's own metadata holds a direct reference, which PyPI refuses.

    ## Why is this bad?
    PyPI takes no upload whose dependencies are URLs (`name @ git+https://…`), since nobody could tell what they hold
    tomorrow. It is found out at the release, when the version is tagged already.

    ## Not reported
    Projects without a build system or with a classifier that begins with `Private ::`, applications
    (`package = false`, `package-mode = false`), Hatch projects that set `allow-direct-references`, development groups,
    build requirements, `tool.uv.sources` (which are not published), and names in `allow`.

    ## Example
    ```pyproject.toml
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"

    [project]
    name = "shop"
    version = "1.0"
    dependencies = ["core @ git+https://github.com/acme/core.git@v1.2.0"]
    ```

    Use instead:
    ```pyproject.toml
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"

    [project]
    name = "shop"
    version = "1.0"
    dependencies = ["core>=1.2.0"]
    ```
    """
    if not manifest.publishable:
        return
    configuration = project.configurations.of(manifest.path)
    for dependency in manifest.dependencies:
        if (
            dependency.url is None
            or dependency.group.kind not in ("runtime", "extra")
            or dependency.group.role != "library"
        ):
            continue
        if dependency.group.name is not None and dependency.group.name.startswith(("tool.uv", "tool.poetry")):
            continue  # what only says where a published requirement is to be had
        if configuration.allows("RQ207", dependency.name):
            continue
        yield Diagnostic.of(
            dependency,
            f"{dependency.shown} is a direct reference, which PyPI refuses in what is published",
            label="not allowed in published metadata",
            help='require a version, or say that the project is private: classifiers = ["Private :: Do Not Upload"]',
        )


@rule("RQ210", "two-refs-of-one-repository", "warning", on="manifest")
def two_refs_of_one_repository(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """One repository is taken at two refs in what is installed together.

    ## Why is this bad?
    Its packages were made to fit together at one commit, not at two; most often only one of the lines was updated.

    ## Not reported
    Markers that cannot hold together, the same ref twice, a ref that is a variable, and one that may be a branch made for
    one package of several (`@torchscale`): only commits, what looks like a version, and the usual branches count.

    ## Example
    ```requirements.txt
    core @ git+https://github.com/acme/tools.git@v1.2.0#subdirectory=core
    web @ git+https://github.com/acme/tools.git@v1.3.0#subdirectory=web
    ```

    Use instead:
    ```requirements.txt
    core @ git+https://github.com/acme/tools.git@v1.3.0#subdirectory=core
    web @ git+https://github.com/acme/tools.git@v1.3.0#subdirectory=web
    ```
    """
    if any(dependency.url for dependency in manifest.dependencies):
        for environment in project.environments(manifest):
            yield from _two_refs(manifest, environment.members)


def _two_refs(manifest: Manifest, members: Sequence[Member]) -> Iterator[Diagnostic]:
    """The requirements of one environment that take a repository at another ref than one before them."""
    seen: dict[str, list[Dependency]] = {}
    for member in members:
        dependency = member.dependency
        vcs = dependency.vcs
        if vcs is None or vcs.ref_kind not in ("commit", "tag", "branch"):
            continue
        others = seen.setdefault(repository_key(vcs.repository), [])
        twin = next((other for other in others if _is_other_ref(other, dependency)), None)
        others.append(dependency)
        if twin is None or dependency.source is not manifest.source:
            continue
        yield Diagnostic.of(
            dependency,
            f"{dependency.shown} takes its repository at `{vcs.ref}`, and {_named(twin)} at another ref",
            span=vcs.ref_span if dependency.rewritable else None,
            label="another ref of the same repository",
            help="take both at one ref",
            related=[Label(twin.source, twin.span, "the other one")],
        )


def _named(dependency: Dependency) -> str:
    """What to call the other requirement: by its name, else by its place."""
    return dependency.shown if dependency.raw_name else f"that in line {dependency.source.row(dependency.span[0])}"


def _is_other_ref(one: Dependency, other: Dependency) -> bool:
    """Whether two requirements on one repository, which can be installed together, name different refs."""
    if one.vcs is None or other.vcs is None or one.vcs.ref == other.vcs.ref:
        return False
    if one.name is not None and one.name == other.name:
        return False  # a conflict of the requirement itself, and reported as one
    from reqlint.markers import can_hold_together

    return can_hold_together(one.marker, other.marker)


@rule("RQ212", "dependency-links", "warning", on="manifest")
def dependency_links(manifest: Manifest, project: Project) -> Iterator[Diagnostic]:
    """`dependency_links` are ignored by pip since 19.0.

    ## Why is this bad?
    What they were to provide comes from the index instead, which may be somebody else's project of that name.

    ## Example
    ```setup.py
    from setuptools import setup

    setup(
        name="shop",
        version="1.0",
        install_requires=["core>=1.2"],
        dependency_links=["https://packages.example.com/core-1.2.tar.gz#egg=core-1.2"],
    )
    ```

    Use instead:
    ```setup.py
    from setuptools import setup

    setup(name="shop", version="1.0", install_requires=["core>=1.2"])
    ```
    """
    yield from reported(manifest, "dependency-links")

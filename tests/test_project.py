from __future__ import annotations

from reqlint.config import Configurations
from reqlint.files import Memory
from reqlint.formats import FORMATS
from reqlint.linter import Linter, Target
from reqlint.model import Manifest
from reqlint.project import Project


def loaded(path: str = "p/requirements.txt", **texts: str) -> tuple[Project, Manifest]:
    """A project of these files (``_`` in a name stands for a dot), and the manifest that is asked about."""
    memory = Memory({f"p/{name.replace('_', '.')}": text.encode() for name, text in texts.items()})
    linter = Linter(memory, Configurations(memory, {}, isolated=True))
    return linter.project, linter.load([Target(path, FORMATS["requirements.txt"])])[0]


def names(project: Project, manifest: Manifest) -> list[tuple[str | None, bool, str | None]]:
    """Name, whether it only constrains, and the include through which it comes."""
    return [
        (member.dependency.name, member.constraint, member.via.path if member.via else None)
        for member in project.members(manifest)
    ]


def test_members_are_its_own_and_those_of_its_includes_in_order() -> None:
    project, manifest = loaded(
        requirements_txt="a\n-r base.txt\nb\n-c pins.txt\n",
        base_txt="c\n-r deep.txt\n",
        deep_txt="d\n",
        pins_txt="e==1\n",
    )
    assert names(project, manifest) == [
        ("a", False, None),
        ("c", False, "base.txt"),
        ("d", False, "base.txt"),
        ("b", False, None),
        ("e", True, "pins.txt"),
    ]


def test_what_a_constraints_file_requires_is_required() -> None:
    project, manifest = loaded(requirements_txt="-c pins.txt\n", pins_txt="a==1\n-r more.txt\n", more_txt="b\n")
    assert names(project, manifest) == [("a", True, "pins.txt"), ("b", False, "pins.txt")]


def test_circles_and_repetitions_count_once() -> None:
    project, manifest = loaded(
        requirements_txt="a\n-r x.txt\n-r x.txt\n-r y.txt\n-r requirements.txt\n",
        x_txt="b\n-r y.txt\n-r requirements.txt\n",
        y_txt="c\n-r x.txt\n",
    )
    assert [name for name, _, _ in names(project, manifest)] == ["a", "b", "c"]
    assert [project.includes_itself(manifest, include) for include in manifest.includes] == [True] * 4


def test_a_file_both_required_and_a_constraint_counts_as_both() -> None:
    project, manifest = loaded(requirements_txt="-c x.txt\n-r x.txt\n", x_txt="a==1\n")
    assert names(project, manifest) == [("a", True, "x.txt"), ("a", False, "x.txt")]


def test_a_very_long_chain_of_includes() -> None:
    texts = {f"f{number}_txt": f"p{number}\n-r f{number + 1}.txt\n-r f{number + 1}.txt\n" for number in range(3000)}
    project, manifest = loaded("p/f0.txt", **texts)
    assert len(names(project, manifest)) == 3000
    assert not project.includes_itself(manifest, manifest.includes[0])


def test_includes_that_lead_nowhere() -> None:
    project, manifest = loaded(requirements_txt="-r missing.txt\n-r ${NAME}.txt\n-r https://x.example/a.txt\n-r .\na\n")
    assert names(project, manifest) == [("a", False, None)]
    assert [project.included(manifest, include) for include in manifest.includes] == [None] * 4


def test_pinned_elsewhere() -> None:
    project, manifest = loaded(
        requirements_txt="a\nb\nc\nd\n./e\n-c pins.txt\n", pins_txt="a==1\nb>=1\n./e\n", constraints_txt="c===2\n"
    )
    assert [project.constrained(manifest, item) is not None for item in manifest.dependencies] == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_what_was_worked_out_is_forgotten_when_a_file_changes() -> None:
    memory = Memory({"requirements.txt": b"a\n-c pins.txt\n", "pins.txt": b"a\n"})
    linter = Linter(memory, Configurations(memory, {}, isolated=True))
    form = FORMATS["requirements.txt"]
    [manifest] = linter.load([Target("requirements.txt", form)])
    assert linter.project.constrained(manifest, manifest.dependencies[0]) is None
    memory.write("pins.txt", b"a==1\n", b"a\n")
    linter.load([Target("pins.txt", form, "constraint")])
    [manifest] = linter.load([Target("requirements.txt", form)])
    assert linter.project.constrained(manifest, manifest.dependencies[0]) is not None


def test_sources_are_all_that_was_read() -> None:
    project, manifest = loaded(requirements_txt="-r base.txt\n", base_txt="a\n", other_txt="b\n")
    project.members(manifest)
    assert sorted(source.path.rpartition("/")[2] for source in project.sources()) == ["base.txt", "requirements.txt"]

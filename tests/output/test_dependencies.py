from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.command import run
from tests.output.test_json import PLACE, STRING_OR_NULL, closed

SCHEMA = {
    "type": "array",
    "items": closed(
        filename={"type": "string"},
        location=PLACE,
        end_location=PLACE,
        format={"type": "string"},
        text={"type": "string"},
        name=STRING_OR_NULL,
        raw_name=STRING_OR_NULL,
        extras={"type": "array", "items": {"type": "string"}},
        specifier={"type": "string"},
        marker=STRING_OR_NULL,
        url=STRING_OR_NULL,
        vcs={
            "anyOf": [
                {"type": "null"},
                closed(
                    scheme={"enum": ["git", "hg", "svn", "bzr"]},
                    repository={"type": "string"},
                    ref=STRING_OR_NULL,
                    ref_kind={"enum": ["commit", "tag", "branch", "unknown", None]},
                    subdirectory=STRING_OR_NULL,
                ),
            ]
        },
        ecosystem={"enum": ["pypi", "conda"]},
        group=closed(
            kind={"enum": ["runtime", "extra", "group", "build", "constraint"]},
            name=STRING_OR_NULL,
            role={"enum": ["application", "library", "development", "build", "input", "constraint"]},
        ),
        editable={"type": "boolean"},
        hashes={"type": "integer", "minimum": 0},
        pinned={"enum": ["exact", "compatible", "lower-bound", "other", "none"]},
        locked=STRING_OR_NULL,
        locked_in=STRING_OR_NULL,
    ),
}


def dependencies(folder: Path, text: str, name: str = "requirements.txt") -> list[dict[str, Any]]:
    (folder / name).write_text(text, encoding="utf-8")
    result = run(name, "--show-dependencies", "--output-format", "json", cwd=folder)
    assert (result.code, result.err) == (0, "")
    items: list[dict[str, Any]] = result.json
    jsonschema.validate(items, SCHEMA)
    return items


def test_a_requirement(tmp_path: Path) -> None:
    text = "Flask[async, Dotenv] >= 3,<4 ; python_version > '3'"
    [item] = dependencies(tmp_path, f"# first\n{text}  # comment\n")
    assert item == {
        "filename": str(tmp_path / "requirements.txt"),
        "location": {"row": 2, "column": 1},
        "end_location": {"row": 2, "column": len(text) + 1},
        "format": "requirements.txt",
        "text": text,
        "name": "flask",
        "raw_name": "Flask",
        "extras": sorted(["async", "Dotenv"]),
        "specifier": "<4,>=3",
        "marker": 'python_version > "3"',
        "url": None,
        "vcs": None,
        "ecosystem": "pypi",
        "group": {"kind": "runtime", "name": None, "role": "application"},
        "editable": False,
        "hashes": 0,
        "pinned": "compatible",
        "locked": None,
        "locked_in": None,
    }


def test_a_repository(tmp_path: Path) -> None:
    [item] = dependencies(tmp_path, "-e git+https://github.com/o/r.git@v1#egg=r&subdirectory=sub\n")
    assert item["vcs"] == {
        "scheme": "git",
        "repository": "https://github.com/o/r.git",
        "ref": "v1",
        "ref_kind": item["vcs"]["ref_kind"],
        "subdirectory": "sub",
    }
    assert (item["name"], item["editable"]) == ("r", True)


@pytest.mark.parametrize(
    ("text", "pinned"),
    [("a", "none"), ("a==1", "exact"), ("a~=1.0", "compatible"), ("a>=1", "lower-bound"), ("a!=1", "other")],
)
def test_how_firmly_it_is_pinned(tmp_path: Path, text: str, pinned: str) -> None:
    assert dependencies(tmp_path, text)[0]["pinned"] == pinned


@pytest.mark.parametrize(
    "text",
    [
        "a==${VERSION},>=1\n",
        "a ; python_version > '${X}'\n",
        "./path\n",
        "https://example.com/a-1.0-py3-none-any.whl --hash=sha256:" + "0" * 64,
        "a == 1.0 \\\n  , < 2\n",
        "\ufeffflask\n",
        "a=1\nb\n",
        "git@github.com:o/r.git\n",
    ],
)
def test_whatever_was_read_is_of_this_shape(tmp_path: Path, text: str) -> None:
    dependencies(tmp_path, text)


def test_roles(tmp_path: Path) -> None:
    roles = {"requirements.txt": "application", "requirements.in": "input", "constraints.txt": "constraint"}
    for name, role in roles.items():
        assert dependencies(tmp_path, "a==1\n", name)[0]["group"]["role"] == role


def test_credentials_are_masked(tmp_path: Path) -> None:
    token = "ghp" + "_" + "reqlintSyntheticTestVector0001" + "3q29UP"
    [item] = dependencies(tmp_path, f"a @ git+https://{token}@github.com/o/r.git@v1\n")
    masked = f"https://ghp_{'*' * 36}@github.com/o/r.git"
    assert item["text"] == f"a @ git+{masked}@v1"
    assert item["url"] == f"git+{masked}@v1"
    assert item["vcs"]["repository"] == masked
    assert token[4:] not in run("--show-dependencies", cwd=tmp_path).out


def test_the_table(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "Flask[async]>=3 ; python_version>'3'\n-e git+https://x.example/r.git@v1#egg=r\n"
    )
    (tmp_path / "requirements-none.txt").write_text("")
    assert run("--show-dependencies", cwd=tmp_path).out.splitlines() == [
        "requirements-none.txt (requirements.txt, application)",
        "  no requirements",
        "",
        "requirements.txt (requirements.txt, application)",
        "  line  name          version  pinned       locked  marker or source",
        "  1     Flask[async]  >=3      lower-bound          python_version>'3'",
        "  2     r             v1       exact                -e git+https://x.example/r.git@v1#egg=r",
    ]


def test_what_a_constraint_pins_is_locked_there(tmp_path: Path) -> None:
    (tmp_path / "constraints.txt").write_text("flask==3.0.3\n")
    items = dependencies(tmp_path, "flask\nidna\n-c constraints.txt\n")
    places = [(item["name"], item["locked"], item["locked_in"]) for item in items]
    assert places == [("flask", "3.0.3", str(tmp_path / "constraints.txt")), ("idna", None, None)]
    table = run("requirements.txt", "--show-dependencies", cwd=tmp_path).out
    assert table.splitlines()[2].split() == ["1", "flask", "none", "3.0.3", "(constraints.txt)"]


def test_what_a_compiled_file_pins_is_locked_there(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "#\n# This file is autogenerated by pip-compile with Python 3.11\n# by the following command:\n#\n"
        "#    pip-compile requirements.in\n#\nflask==3.0.3\n    # via -r requirements.in\n"
    )
    [item] = dependencies(tmp_path, "flask>=3\n", "requirements.in")
    assert (item["locked"], item["locked_in"]) == ("3.0.3", str(tmp_path / "requirements.txt"))


def test_no_manifest(tmp_path: Path) -> None:
    result = run("--show-dependencies", "--output-format", "json", cwd=tmp_path)
    assert (result.code, result.out) == (0, "[]\n")

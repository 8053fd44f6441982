from __future__ import annotations

from pathlib import Path

import pytest

from reqlint.formats.cortex_yaml import read
from reqlint.source import Source
from tests.command import run
from tests.support import check

API = "- name: classifier\n  kind: RealtimeAPI\n  predictor:\n    type: python\n    path: predictor.py\n"


def test_which_files_belong_together() -> None:
    text = API + "    dependencies:\n      pip: a.txt\n      shell: b.sh\n" + API.replace("classifier", "other")
    manifest = read(Source("cortex.yaml", text), None)
    assert [(stack.name, stack.system, stack.files) for stack in manifest.stacks] == [
        (
            "classifier",
            "Cortex",
            {"requirements.txt": "a.txt", "conda-packages.txt": "conda-packages.txt", "shell script": "b.sh"},
        ),
        (
            "other",
            "Cortex",
            {
                "requirements.txt": "requirements.txt",
                "conda-packages.txt": "conda-packages.txt",
                "shell script": "dependencies.sh",
            },
        ),
    ]
    shell, pip = manifest.named_files
    assert (text[slice(*shell.span)], text[slice(*pip.span)]) == ("b.sh", "a.txt")
    assert text[slice(*pip.entry)].strip() == "pip: a.txt"


@pytest.mark.parametrize(
    "text", ["", "colour: red\n", "[]\n", "- 1\n", "name: x\n", "- name: split\n  kind: TrafficSplitter\n  apis: []\n"]
)
def test_nothing_is_installed_by_other_files(text: str) -> None:
    assert read(Source("cortex.yaml", text), None).stacks == []


def test_the_message_tells_who_installs_what() -> None:
    files = {"cortex.yaml": API, "conda-packages.txt": "numpy>=1.18,<2\n"}
    [item] = check("numpy==1.19.5\n", files=files)
    assert item.message == (
        "conda installs `numpy` already, and pip may install another over it: "
        "Cortex runs conda first, then pip for `classifier`"
    )
    assert item.help.endswith("in conda-packages.txt, give `numpy` an exact version, so that pip finds the right one")


def test_files_of_any_name_are_found_and_read_as_what_they_are_named_for(tmp_path: Path) -> None:
    (tmp_path / "cortex.yaml").write_text(
        API + "    dependencies:\n      pip: deps/pip.list\n      conda: deps/conda.list\n      shell: deps/first.sh\n"
    )
    (tmp_path / "deps").mkdir()
    (tmp_path / "deps" / "pip.list").write_text("numpy\n")
    (tmp_path / "deps" / "conda.list").write_text("conda-forge::numpy==1.18.1\n")
    (tmp_path / "deps" / "first.sh").write_text("apt-get install -y git && pip install idna\n")
    lines = run("--show-files", cwd=tmp_path).out.splitlines()
    assert "deps/pip.list: requirements.txt (cortex.yaml includes it)" in lines
    assert "deps/conda.list: conda-packages.txt (cortex.yaml includes it)" in lines
    assert "deps/first.sh: shell script (cortex.yaml includes it)" in lines
    found = [line.split(" ", 2)[:2] for line in run(cwd=tmp_path).out.splitlines()[:-1]]
    assert found == [
        ["deps/first.sh:1:39:", "error[RQ101]"],
        ["deps/pip.list:1:1:", "error[RQ101]"],
        ["deps/pip.list:1:1:", "warning[RQ401]"],
    ]

"""Which text of a Dockerfile is a command, and where each word of it stands."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from dockerfile_parse import DockerfileParser  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from reqlint.cli import main
from reqlint.formats import dockerfile, format_of
from reqlint.source import Source
from tests.support import check, expand, mended, underlined

if TYPE_CHECKING:
    from pathlib import Path

    from reqlint.model import Manifest

PATH = "Dockerfile"
LIBRARY = '[build-system]\nrequires = ["hatchling>=1.27"]\nbuild-backend = "hatchling.build"\n\n[project]\nname = "shop"\nversion = "1.0"\n'


def read(text: str) -> Manifest:
    return dockerfile.read(Source(PATH, text), None)


def texts(text: str) -> list[str]:
    return [item.text for item in read(text).dependencies]


def codes(text: str, path: str = PATH, **options: Any) -> list[tuple[str, str]]:
    return [(item.code, underlined(item)) for item in check(text, path=path, **options)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RUN pip install a b", ["a", "b"]),
        ("run pip install a\n", ["a"]),
        ("\ufeffFROM x\nRUN pip install a\n".removeprefix("\ufeff"), ["a"]),
        ("FROM x\r\nRUN pip install a \\\r\n  b\r\n", ["a", "b"]),
        ("RUN pip install \\\n  a \\\n  # why, and pip install no\n  b\n", ["a", "b"]),
        ("RUN pip install a \\\n#\\\n\n\n  b\nCMD x", ["a", "b"]),  # Docker drops blank lines there, and warns
        ("RUN \\\n\\\n  pip install a\n", ["a"]),
        ("RUN pip install a \\  \n  b\n", ["a", "b"]),
        ("RUN pip install a \\", ["a"]),
        ("RUN echo \\\\\nRUN pip install a\n", ["a"]),  # two of them continue nothing
        ("# escape=`\nFROM x\nRUN pip install a `\n  b\n", ["a", "b"]),
        ("# syntax=docker/dockerfile:1\n# escape = ` \nRUN pip install a `\n  # no\n  b\n", ["a", "b"]),
        ("FROM x\n# escape=`\nRUN pip install a \\\n  b\n", ["a", "b"]),
        ("# pip install no\nRUN pip install a # b\n", ["a"]),
        ("ONBUILD RUN pip install a\n", ["a"]),
        ("RUN --mount=type=cache,target=/root/.cache/pip pip install a\n", ["a"]),
        ('RUN --network=none \\\n  --mount=type=bind,source="a b",target=/x \\\n  pip install -r /x/r.txt a\n', ["a"]),
        ('ENTRYPOINT pip install a\nCMD pip install b\nLABEL x="RUN pip install c"\n', []),
        ("ENV X=1 \\\n  RUN pip install a\n", []),
        # The exec form, and what looks like it.
        ('RUN ["pip", "install", "a", "b==1"]\n', ["a", "b==1"]),
        ('RUN [ "/bin/bash", "-lc", "pip install a && pip install b" ]\n', ["a", "b"]),
        ('RUN ["pip", "install", "a\\u003d\\u003d1"]\n', ["a==1"]),
        ('RUN ["pip", \\\n  "install", \\\n  # why\n  "a"]\n', ["a"]),
        ("RUN ['pip', 'install', 'a']\n", []),
        ('RUN ["pip", "install", 1]\n', []),
        ('RUN ["pip", "install", "a"\n', []),
        ("RUN [ -f x ] && pip install a\n", ["a"]),
        ("RUN []\n", []),
        # Here-documents.
        ("RUN <<EOF\npip install a\npip install b \\\n  c\nEOF\nRUN pip install d\n", ["a", "b", "c", "d"]),
        ("RUN <<'EOF'\npip install a\nEOF\n", ["a"]),
        ('RUN <<-"EOF"\n\tpip install a\n\tEOF\nRUN pip install b\n', ["a", "b"]),
        ("RUN <<EOF bash -ex\npip install a\nEOF\n", ["a"]),
        ("RUN /usr/bin/env bash <<EOF\npip install a\nEOF\n", ["a"]),
        ("RUN --mount=type=cache,target=/x <<EOF\npip install a\nEOF\n", ["a"]),
        ("RUN <<EOF\n#!/bin/bash\npip install a\nEOF\n", ["a"]),
        ("RUN <<EOF\n#!/usr/bin/env python3\npip install a\nEOF\nRUN pip install b\n", ["b"]),
        ("RUN python3 <<EOF\npip install a\nEOF\nRUN pip install b\n", ["b"]),
        ("RUN cat <<EOF > /x && pip install b\npip install a\nEOF\n", ["b"]),
        ("COPY <<EOF <<OTHER /x/\nRUN pip install a\nEOF\nRUN pip install b\nOTHER\nRUN pip install c\n", ["c"]),
        ("RUN pip install a <<EOF\nRUN pip install b\n", ["a", "b"]),  # never ended, so it is none here
        ("RUN cat <<<EOF\nRUN pip install a\nEOF\n", ["a"]),
        # Other shells.
        ('SHELL ["powershell", "-Command"]\nRUN pip install a; Write-Host b\n', ["a"]),
        ("FROM mcr.example.com/windows\nRUN C:\\Python312\\python.exe -m pip install a\n", []),
        ('RUN "C:\\Python312\\python.exe" -m pip install a\n', ["a"]),
        ("", []),
        ("\n\n", []),
        ("RUN", []),
        ("no Dockerfile at all", []),
    ],
)
def test_what_is_installed(text: str, found: list[str]) -> None:
    assert texts(text) == found


def test_places_hold_in_whatever_the_words_stand() -> None:
    text = (
        "# é\nRUN pip install \\\r\n   # ü\r\n   'a>=1' \\\r\n b\r\n"
        'RUN ["pip", "install", "c"]\nRUN bash -c "pip install d \\\n  e"\nRUN <<X\npip install "f"\nX\n'
    )
    found = read(text).dependencies
    assert [item.text for item in found] == ["a>=1", "b", "c", "d", "e", "f"]
    assert all(text[slice(*item.span)] == item.text and item.rewritable for item in found)
    for number, item in enumerate(found):
        start, end = item.entry
        rest = [other.text for other in found[:number] + found[number + 1 :]]
        assert texts(text[:start] + text[end:]) == rest


def test_a_word_that_is_put_together_from_lines_is_left_as_it_is() -> None:
    [item] = read('RUN pip install "a \\\n  >=1"\n').dependencies
    assert not item.rewritable


PIECES = [
    "FROM x\n",
    "RUN ",
    "ONBUILD RUN ",
    "COPY ",
    "pip install ",
    "a",
    "b==1",
    " ",
    "\n",
    "\\\n",
    "`\n",
    "# c\n",
    "<<X\n",
    "X\n",
]
PIECES += [
    "<<-'X' sh\n",
    "[",
    "]",
    '"',
    ",",
    "'",
    "--mount=x ",
    "# escape=`\n",
    "\r\n",
    "é",
    "&& ",
    "\t",
    ">=1",
    "bash -c ",
]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=2))).map("".join))
def test_any_text_is_read_and_all_places_hold(text: str) -> None:
    for item in read(text).dependencies:
        assert 0 <= item.entry[0] <= item.span[0] <= item.span[1] <= item.entry[1] <= len(text)
        if item.rewritable:
            assert text[slice(*item.span)] == item.text


@given(
    st.lists(
        st.sampled_from(
            [
                "RUN pip install a",
                "RUN echo",
                " b",
                " \\\n ",
                "\n",
                "\n# c\n",
                "ENV X=1\n",
                "\nUSER x\n",
                "\nRUN pip install c\n",
            ]
        )
    ).map("".join)
)
def test_instructions_end_where_another_parser_ends_them(text: str) -> None:
    # dockerfile-parse 2.0.1 knows no blank lines in an instruction, and none that begins with a joint: none of those here.
    text = f"FROM x\n{text}\nUSER x\n"
    lines = text.split("\n")
    if any(
        not above.strip(" \\") or (not line.strip() and above.rstrip().endswith("\\"))
        for above, line in pairwise(lines)
    ):
        return
    joined = [
        item["value"].split()
        for item in DockerfileParser(fileobj=BytesIO(text.encode())).structure
        if item["instruction"] == "RUN"
    ]
    wanted = [words[2:] for words in joined if words[:2] == ["pip", "install"]]
    found: dict[str, list[str]] = {}
    for dependency in read(text).dependencies:
        found.setdefault(dependency.group.label, []).append(dependency.text)
    assert [[word for word in words if word in ("a", "b", "c")] for words in wanted] == [
        [word for word in words if word in ("a", "b", "c")] for words in found.values()
    ]


def test_pins_are_written_in_place() -> None:
    text = (
        'FROM python:3.12\nRUN pip install --no-cache-dir \\\n    flask \\\n    # the server\n    "gunicorn>=20"  # end\n'
        'RUN ["pip", "install", "flask"]\nRUN bash -c "pip install flask"\n'
    )
    environment = {"flask": "3.0.3", "gunicorn": "23.0.0"}
    assert mended(text, path=PATH, environment=environment) == (
        'FROM python:3.12\nRUN pip install --no-cache-dir \\\n    flask==3.0.3 \\\n    # the server\n    "gunicorn==23.0.0"  # end\n'
        'RUN ["pip", "install", "flask==3.0.3"]\nRUN bash -c "pip install flask==3.0.3"\n'
    )


def test_a_commit_for_a_branch_brings_no_comment() -> None:
    lock = (
        'version = 1\n\n[[package]]\nname = "core"\nversion = "1.0"\n'
        f'source = {{ git = "https://git.example.com/acme/core?rev=main#{"0123456789" * 4}" }}\n'
    )
    text = "FROM x\nRUN pip install 'core @ git+https://git.example.com/acme/core@main' && make\n"
    found = mended(text, True, path=PATH, files={"uv.lock": lock})
    assert found in (text, text.replace("@main", "@" + "0123456789" * 4))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM a\nRUN conda install -y numpy=1.26.4\nRUN pip install numpy==1.26.4\n", ["numpy==1.26.4"]),
        ("FROM a\nRUN conda install -y numpy=1.26.4\nFROM b\nRUN pip install numpy==1.26.4\n", []),
    ],
)
def test_conda_and_pip_meet_in_one_stage_only(text: str, found: list[str]) -> None:
    assert [place for _, place in codes(text, select="RQ401,RQ402")] == found


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("Dockerfile", True),
        ("deploy/api.dockerfile", True),
        ("Dockerfile.dev", False),
        ("docs/Dockerfile", False),
        (".devcontainer/Dockerfile", False),
        ("tests/images/Containerfile", False),
    ],
)
def test_what_an_image_is_for(path: str, asked: bool) -> None:
    text = "FROM x\nRUN pip install a\n"
    assert codes(text, path) == [("RQ101", "a")], "an application's"
    assert codes(text, path, kind="application", files={"pyproject.toml": LIBRARY}) == [("RQ101", "a")]
    assert codes(text, path, kind="library") == []
    assert codes(text, path, files={"pyproject.toml": LIBRARY}) == ([("RQ101", "a")] if asked else [])


def test_ignore_comments() -> None:
    above = "FROM x\n# reqlint: ignore[RQ101] why\nRUN pip install \\\n    a \\\n    b && pip install c\nRUN pip install d\n"
    assert codes(above, select="RQ101,RQ901") == [("RQ101", "d")]
    inside = "FROM x\nRUN pip install \\\n    a \\\n    # reqlint: ignore[RQ101] why\n    b \\\n    c\n"
    assert codes(inside, select="RQ101,RQ901") == [("RQ101", "a"), ("RQ101", "c")]
    beside = "FROM x\nRUN pip install a  # reqlint: ignore[RQ101] why\n"
    assert codes(beside, select="RQ101,RQ901") == []
    redirected = "FROM x\nRUN pip install \\\n    # reqlint: ignore[RQ005] why\n    a>=1 \\\n    b<2\n"
    assert codes(redirected, select="RQ005,RQ901") == [("RQ005", "b<2")]


def test_secrets() -> None:
    text = expand(
        "FROM x\nARG GITHUB_TOKEN={token:github}\nENV INDEX=https://build:hunter2-8c1f@packages.example.com/simple\n"
        "RUN pip install 'core @ git+https://{token:github}@github.com/acme/core.git@v1.2.0'\n"
    )
    found = check(text, path=PATH, select="RQ3")
    assert [item.code for item in found] == ["RQ301", "RQ302", "RQ301"]
    assert all("RUN --mount=type=secret,id=" in item.help for item in found)
    assert not any("ghp" in item.message + item.help or "hunter2" in item.message + item.help for item in found)
    assert mended(text, True, path=PATH, select="RQ3") == expand(
        "FROM x\nARG GITHUB_TOKEN={token:github}\nENV INDEX=https://packages.example.com/simple\n"
        "RUN pip install 'core @ git+https://github.com/acme/core.git@v1.2.0'\n"
    )
    safe = "FROM x\nARG TOKEN\nRUN pip install 'core @ git+https://${TOKEN}@github.com/acme/core.git@v1.2.0'\n"
    assert codes(safe, select="RQ3") == []


def test_a_file_without_an_installer_is_never_read() -> None:
    form = format_of(PATH)
    assert form is not None
    assert not form.may_be(b"FROM scratch\nCOPY a /a\n")
    assert form.may_be(b"RUN python -m pip install a\n")


def test_a_comment_for_each_finding_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / PATH
    path.write_text("FROM x\nRUN pip install \\\n    a \\\n    b==1 \\\n    c\nRUN pip install d\n", encoding="utf-8")
    assert main([str(path), "--isolated", "--write-ignores=why"]) == 0
    comment = "# reqlint: ignore[RQ101] why"
    assert path.read_text(encoding="utf-8") == (
        f"FROM x\nRUN pip install \\\n    {comment}\n    a \\\n    b==1 \\\n    {comment}\n    c\n{comment}\nRUN pip install d\n"
    )

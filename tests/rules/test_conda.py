"""The rules that are about conda's files: RQ109, RQ110, RQ406, RQ408, RQ409, RQ605, RQ706, and what others make of them."""

from __future__ import annotations

import pytest
import yaml

from tests.support import TOKENS, check, findings, mended, underlined

ENVIRONMENT, PACKAGES = "environment.yml", "conda-packages.txt"


def environment(*items: str, channels: str = "[conda-forge]", newline: str = "\n") -> str:
    text = f"channels: {channels}\ndependencies:\n" + "".join(f"  - {item}\n" for item in items)
    return text.replace("\n", newline)


# RQ109


@pytest.mark.parametrize(
    ("line", "safe", "unsafe"),
    [
        ("numpy=1.26.4", "numpy==1.26.4", "numpy==1.26.4"),
        ("numpy=1.26", "numpy=1.26", "numpy==1.26"),
        ("numpy = 1.26.4", "numpy==1.26.4", "numpy==1.26.4"),
        ("tzdata=2024a", "tzdata=2024a", "tzdata==2024a"),
    ],
)
def test_one_equals_sign_in_a_list(line: str, safe: str, unsafe: str) -> None:
    text = f"{line}  # why\n"
    (found,) = check(text, path=PACKAGES, select="RQ1")
    assert found.code == "RQ109"
    assert mended(text, path=PACKAGES) == f"{safe}  # why\n"
    assert mended(text, unsafe=True, path=PACKAGES) == f"{unsafe}  # why\n"


@pytest.mark.parametrize(
    "line", ["numpy=1.26.4=py312_0", "numpy==1.26", "numpy=1.26.*", "numpy=1.26*", "numpy >=1.26,<2", "python"]
)
def test_what_is_read_alike_by_all_condas(line: str) -> None:
    assert findings(f"{line}\n", path=PACKAGES, select="RQ109") == []


def test_one_equals_sign_in_an_environment_was_never_exact() -> None:
    assert findings(environment("numpy=1.26"), path=ENVIRONMENT, select="RQ109") == []


# RQ110


@pytest.mark.parametrize(
    ("spec", "safe", "unsafe"),
    [
        ("numpy=1.26.4=py312h64a7726_0", "numpy=1.26.4", "numpy=1.26.4"),
        ("zlib=1.3.1=h4ab18f5_1", "zlib=1.3.1", "zlib=1.3.1"),
        ("openssl=1.1.1w=h7f8727e_0", "openssl=1.1.1w", "openssl=1.1.1w"),
        ("wheel=0.37=py36_0", "wheel==0.37", "wheel==0.37"),
        ("numpy 1.26.4 py312h64a7726_0", "numpy=1.26.4", "numpy=1.26.4"),
        ("conda-forge::numpy=1.26.4=py312h64a7726_0", "conda-forge::numpy=1.26.4", "conda-forge::numpy=1.26.4"),
        ("pytorch=2.1.0=py3.9_cuda11.8_cudnn8_0", None, "pytorch=2.1.0"),
        ("pytorch=2.1.0=cuda118_py312hffed1d1_301", None, "pytorch=2.1.0"),
        ("numpy>=1.26=py312h64a7726_0", "numpy>=1.26", "numpy>=1.26"),
        ("numpy=1.26.*=py312h64a7726_0", "numpy=1.26.*", "numpy=1.26.*"),
        ("numpy>=1.26,<2=py312h64a7726_0", None, None),
    ],
)
def test_builds_of_one_platform(spec: str, safe: str | None, unsafe: str | None) -> None:
    text = environment(spec)
    (found,) = check(text, path=ENVIRONMENT, select="RQ110")
    assert found.severity == "info"
    assert underlined(found) in spec
    assert mended(text, path=ENVIRONMENT, select="RQ110") == environment(safe or spec)
    assert mended(text, unsafe=True, path=ENVIRONMENT, select="RQ110") == environment(unsafe or spec)


@pytest.mark.parametrize(
    "build",
    ["py_0", "pyhd8ed1ab_0", "pyhd3eb1b0_0", "hd8ed1ab_0", "hd3eb1b0_0", "pyh29332c3_1", "main", "mkl", "0", "*cuda*"],
)
def test_builds_that_fit_anywhere_or_only_name_a_variant(build: str) -> None:
    assert findings(environment(f"foo=1.0={build}"), path=ENVIRONMENT, select="RQ110") == []


def test_a_list_is_meant_for_one_platform() -> None:
    assert findings("numpy=1.26.4=py312h64a7726_0\n", path=PACKAGES) == []


# RQ406


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_pip_is_listed_where_its_list_begins(newline: str) -> None:
    text = environment("python=3.12", "pip:  # from PyPI\n    - requests==2.32.3", newline=newline)
    assert findings(text, path=ENVIRONMENT) == [("RQ406", "pip")]
    after = environment("python=3.12", "pip", "pip:  # from PyPI\n    - requests==2.32.3", newline=newline)
    assert mended(text, path=ENVIRONMENT) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("dependencies:\n- pip:\n  - a==1\n", "dependencies:\n- pip\n- pip:\n  - a==1\n"),
        ("dependencies:\n  -   pip:\n      - a==1", "dependencies:\n  - pip\n  -   pip:\n      - a==1"),
        ("dependencies: [numpy=1, {pip: [a==1]}]\n", "dependencies: [numpy=1, pip, {pip: [a==1]}]\n"),
        ("dependencies: [pip: [a==1]]\n", "dependencies: [pip, pip: [a==1]]\n"),
        (
            "dependencies:\n  # for pip\n  - pip:\n    - a==1\n",
            "dependencies:\n  # for pip\n  - pip\n  - pip:\n    - a==1\n",
        ),
    ],
)
def test_pip_is_listed_in_any_notation(text: str, after: str) -> None:
    assert mended(text, path=ENVIRONMENT, select="RQ406") == after
    assert yaml.safe_load(after)["dependencies"][-2] == "pip"


@pytest.mark.parametrize(
    "item", ["pip", "pip=24", "pip>=23", "PIP", "conda-forge::pip", "pip [version='>=20']", "pip=", "pip 24.0"]
)
def test_pip_is_listed_already(item: str) -> None:
    text = environment(item, "pip:\n    - requests==2.32.3")
    assert findings(text, path=ENVIRONMENT, select="RQ406") == []


@pytest.mark.parametrize("item", ["pip-tools", "pipenv", "python-pip"])
def test_other_packages_are_no_pip(item: str) -> None:
    text = environment(item, "pip:\n    - requests==2.32.3")
    assert [code for code, _ in findings(text, path=ENVIRONMENT, select="RQ406")] == ["RQ406"]


# RQ409


def test_the_first_of_two_pip_lists() -> None:
    text = environment("pip", "pip:\n    - a==1", "pip:\n    - b==2", "pip:\n    - c==3")
    found = check(text, path=ENVIRONMENT)
    assert [(item.code, item.source.position(item.span[0])[0]) for item in found] == [("RQ409", 4), ("RQ409", 6)]


# RQ605


@pytest.mark.parametrize(
    ("channels", "safe", "unsafe"),
    [
        ("[conda-forge, defaults]", "[conda-forge, nodefaults]", "[conda-forge, nodefaults]"),
        ("[defaults, conda-forge]", None, "[nodefaults, conda-forge]"),
        ("[conda-forge, nodefaults, defaults]", "[conda-forge, nodefaults]", "[conda-forge, nodefaults]"),
        ("[conda-forge, anaconda]", "[conda-forge, nodefaults]", "[conda-forge, nodefaults]"),
        ("[conda-forge]", "[conda-forge, nodefaults]", "[conda-forge, nodefaults]"),
        ("['conda-forge']", "['conda-forge', nodefaults]", "['conda-forge', nodefaults]"),
        ("[conda-forge, bioconda]", "[conda-forge, bioconda, nodefaults]", "[conda-forge, bioconda, nodefaults]"),
        ("\n  - conda-forge", "\n  - conda-forge\n  - nodefaults", "\n  - conda-forge\n  - nodefaults"),
        (
            "\n  - 'conda-forge'  # why",
            "\n  - 'conda-forge'  # why\n  - nodefaults",
            "\n  - 'conda-forge'  # why\n  - nodefaults",
        ),
        ("\n- conda-forge\n- defaults # x", "\n- conda-forge\n- nodefaults # x", "\n- conda-forge\n- nodefaults # x"),
        (
            "\n  - conda-forge\n  - defaults\n  - https://repo.anaconda.com/pkgs/main\n  - https://repo.anaconda.com/pkgs/r",
            "\n  - conda-forge\n  - nodefaults",
            "\n  - conda-forge\n  - nodefaults",
        ),
        (
            "[https://conda.anaconda.org/conda-forge/, https://conda.anaconda.org/main]",
            "[https://conda.anaconda.org/conda-forge/, nodefaults]",
            "[https://conda.anaconda.org/conda-forge/, nodefaults]",
        ),
        ("[defaults]", None, None),
        ("[pytorch, defaults]", None, None),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_anacondas_channels(channels: str, safe: str | None, unsafe: str | None, newline: str) -> None:
    text = environment("numpy=1.26", channels=channels, newline=newline)
    assert {item.code for item in check(text, path=ENVIRONMENT, select="RQ605")} == {"RQ605"}
    expected = environment("numpy=1.26", channels=safe or channels, newline=newline)
    assert mended(text, path=ENVIRONMENT, select="RQ605") == expected
    expected = environment("numpy=1.26", channels=unsafe or channels, newline=newline)
    assert mended(text, unsafe=True, path=ENVIRONMENT, select="RQ605") == expected


@pytest.mark.parametrize(
    "channels", ["[conda-forge, nodefaults]", "[bioconda]", "[https://e.com/defaults]", "[]", "[pytorch, nvidia]"]
)
def test_other_channels(channels: str) -> None:
    assert findings(environment("numpy=1.26", channels=channels), path=ENVIRONMENT, select="RQ605") == []


def test_channels_are_off_by_default_and_can_be_allowed() -> None:
    text = environment("numpy=1.26", channels="[conda-forge, defaults]")
    assert findings(text, path=ENVIRONMENT) == []
    assert findings(text, path=ENVIRONMENT, select="RQ605", allow={"RQ605": ["defaults"]}) == []


# RQ706


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(
    "line", ["prefix: /home/ada/x", "prefix: C:\\Users\\Ada\\x", "prefix: '/x'  # why", '"prefix": /x']
)
def test_a_prefix(line: str, newline: str) -> None:
    before, after = environment("numpy=1.26", newline=newline), f"variables:{newline}  A: b{newline}"
    text = f"{before}{line}{newline}{after}"
    ((code, found),) = findings(text, path=ENVIRONMENT)
    assert code == "RQ706"
    assert found.strip("\"'").startswith("prefix")
    assert mended(text, path=ENVIRONMENT) == before + after
    assert mended(f"{before}{line}", path=ENVIRONMENT) == before


@pytest.mark.parametrize("line", ["prefix:", "prefix: null", "prefix: ~"])
def test_a_prefix_that_names_no_folder(line: str) -> None:
    """As conda-store writes it."""
    assert findings(environment("numpy=1.26") + f"{line}\n", path=ENVIRONMENT) == []


# Others


def test_the_pins_of_the_pip_list_are_those_of_the_project() -> None:
    text = environment("pip", "pip:\n    - requests  # http\n    - 'idna>=3'")
    after = environment("pip", "pip:\n    - requests==2.32.3  # http\n    - 'idna==3.7'")
    assert mended(text, path=ENVIRONMENT, environment={"requests": "2.32.3", "idna": "3.7"}) == after


def test_hashes_of_the_pip_list_ask_none_of_conda() -> None:
    text = environment("pip", "numpy=1.26", "pip:\n    - a==1 --hash=sha256:" + "0" * 64)
    assert findings(text, path=ENVIRONMENT) == []


def test_an_http_channel() -> None:
    text = environment("http://e.com/c::numpy=1.26", channels="[http://e.com/conda, 'http://localhost/x']")
    assert [code for code, _ in findings(text, path=ENVIRONMENT)] == ["RQ602", "RQ602"]
    after = mended(text, unsafe=True, path=ENVIRONMENT)
    assert after == environment("https://e.com/c::numpy=1.26", channels="[https://e.com/conda, 'http://localhost/x']")


def test_no_index_is_an_option_of_pip_alone() -> None:
    text = environment("pip", "pip:\n    - --no-index\n    - a==1", channels="[http://e.com/conda]")
    assert [code for code, _ in findings(text, path=ENVIRONMENT)] == ["RQ602"]


@pytest.mark.parametrize(
    ("line", "after"),
    [
        (
            "channels: [https://conda.anaconda.org/t/{}/acme]",
            "channels: [https://conda.anaconda.org/t/$ANACONDA_TOKEN/acme]",
        ),
        ("channels:\n  - https://e.com/t/{}/acme  # ours", "channels:\n  - https://e.com/t/$E_COM_TOKEN/acme  # ours"),
        ("variables:\n  CHANNEL: https://e.com/t/{}/acme", "variables:\n  CHANNEL: https://e.com/acme"),
    ],
)
def test_a_token_is_replaced_by_what_conda_expands_there(line: str, after: str) -> None:
    rest = "\ndependencies:\n  - core=1.2\n"
    text = line.replace("{}", TOKENS["anaconda"]) + rest
    assert {item.code for item in check(text, path=ENVIRONMENT)} == {"RQ303"}
    assert mended(text, path=ENVIRONMENT) == text
    assert mended(text, unsafe=True, path=ENVIRONMENT) == after + rest


def test_a_token_in_a_spec_is_taken_out() -> None:
    spec = "https://conda.anaconda.org/t/{}/acme::core=1.2"
    text = environment(spec.replace("{}", TOKENS["anaconda"]))
    (found,) = check(text, path=ENVIRONMENT)
    assert found.code == "RQ303"
    assert "nothing is expanded" in found.help or "takes it out" in found.help
    assert mended(text, unsafe=True, path=ENVIRONMENT) == environment(spec.replace("/t/{}", ""))


def test_a_token_in_the_pip_list_is_replaced_by_what_pip_expands() -> None:
    line = "pip:\n    - core @ git+https://{}@github.com/acme/core.git@v1.2.0\n    - --extra-index-url=https://u:{}@e.com/s"
    text = environment("pip", line.replace("{}", TOKENS["github"], 1).replace("{}", "hunter2-8c1f"))
    after = mended(text, unsafe=True, path=ENVIRONMENT, select="RQ3")
    assert after == environment("pip", line.replace("{}", "${GITHUB_TOKEN}", 1).replace("{}", "${E_COM_PASSWORD}"))


def test_a_token_in_an_explicit_list_is_taken_out() -> None:
    text = "@EXPLICIT\nhttps://conda.anaconda.org/t/{}/acme/noarch/core-1.2-0.conda\n"
    after = mended(text.replace("{}", TOKENS["anaconda"]), unsafe=True, path=PACKAGES)
    assert after == text.replace("/t/{}", "")


@pytest.mark.parametrize(
    "channel", ["https://e.com/t/$TOKEN/a", "https://e.com/t/${token}/a", "https://e.com/t/<TOKEN>/a"]
)
def test_variables_are_no_tokens(channel: str) -> None:
    assert findings(environment("core=1.2", channels=f"['{channel}']"), path=ENVIRONMENT) == []


def test_a_comment_silences() -> None:
    text = environment(
        "numpy  # reqlint: ignore[RQ101] on purpose", "pip", "pip:\n    # reqlint: ignore[RQ101]\n    - requests"
    )
    assert findings(text, path=ENVIRONMENT) == []

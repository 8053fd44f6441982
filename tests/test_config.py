from __future__ import annotations

import os
from pathlib import Path

import pytest

from reqlint.config import _KEYS, Configuration, ConfigurationError, Configurations, matches, parse
from reqlint.files import Disk, Memory
from reqlint.registry import rules
from tests.command import install, run
from tests.support import check, findings, mended


def selected(values: dict[str, list[str]], overrides: dict[str, list[str]] | None = None) -> set[str]:
    """The rules of the family RQ1 that are on."""
    return {code for code in Configuration(values, overrides).selected if code.startswith("RQ1")}


DEFAULT = selected({})


@pytest.mark.parametrize(
    ("values", "overrides", "codes"),
    [
        (
            {"select": ["RQ1"], "ignore": ["RQ101"]},
            {},
            {code for code in rules() if code.startswith("RQ1")} - {"RQ101"},
        ),
        ({"ignore": ["RQ1"], "select": ["RQ101"]}, {}, {"RQ101"}),
        ({"ignore": ["RQ1"], "extend-select": ["RQ101"]}, {}, {"RQ101"}),
        (
            {"ignore": ["RQ1"], "select": ["RQ10"], "extend-select": []},
            {},
            {code for code in rules() if code[:4] == "RQ10"},
        ),
        ({"ignore": ["ALL"], "select": ["RQ101"]}, {}, {"RQ101"}),
        ({"select": ["ALL"], "ignore": ["RQ1"]}, {}, set()),
        ({"select": ["RQ101"], "ignore": ["RQ101"]}, {}, set()),
        ({"select": ["unpinned"], "ignore": ["RQ101"]}, {}, set()),
        ({"select": ["unpinned"], "ignore": ["RQ1"]}, {}, {"RQ101"}),
        ({"ignore": ["unpinned"], "select": ["RQ1"], "extend-select": ["RQ102"]}, {}, None),
        ({"select": []}, {}, set()),
        ({"select": [], "extend-select": ["RQ101"]}, {}, {"RQ101"}),
        ({}, {}, DEFAULT),
        # The command line
        ({"ignore": ["RQ101"]}, {"select": ["RQ101"]}, {"RQ101"}),
        ({"select": ["RQ101", "RQ102"]}, {"select": ["RQ101"]}, {"RQ101"}),
        ({"select": ["RQ101", "RQ102"]}, {"ignore": ["RQ1"]}, set()),
        ({"select": ["RQ101", "RQ102"]}, {"ignore": ["RQ102"]}, {"RQ101"}),
        ({"ignore": ["RQ1"]}, {"extend-select": ["RQ102"]}, {"RQ102"}),
        ({"extend-select": ["RQ101"], "select": ["RQ0"]}, {"extend-select": ["RQ102"]}, {"RQ101", "RQ102"}),
        ({"extend-select": ["RQ101"]}, {"select": ["RQ102"]}, {"RQ102"}),
        ({}, {"ignore": ["RQ1"], "extend-select": ["RQ101"]}, {"RQ101"}),
    ],
)
def test_the_more_precise_selector_wins_and_the_command_line_comes_last(
    values: dict[str, list[str]], overrides: dict[str, list[str]], codes: set[str] | None
) -> None:
    if codes is None:
        codes = {code for code in rules() if code.startswith("RQ1")} - {"RQ101"}
    assert selected(values, overrides) == codes


def test_defaults_are_what_the_rules_say() -> None:
    assert set(Configuration({}).selected) == {rule.code for rule in rules().values() if rule.default}


def test_severity_by_precision_whatever_the_order() -> None:
    for order in (["RQ1", "RQ101", "RQ10"], ["RQ101", "RQ10", "RQ1"]):
        severities = {"RQ1": "info", "RQ10": "warning", "RQ101": "error"}
        configuration = Configuration({"severity": {key: severities[key] for key in order}})
        assert configuration.severity(rules()["RQ101"]) == "error"
        assert configuration.severity(rules()["RQ102"]) == "warning"
        assert configuration.severity(rules()["RQ111"]) == "info"
        assert configuration.severity(rules()["RQ002"]) == "error"


# What each key does to a run


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key_has_a_test() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    for key in _KEYS:
        assert f"def test_key_{key.replace('-', '_')}(" in text


def test_key_select() -> None:
    assert findings("flask\nrequests>=2\n", select=["RQ102"]) == [("RQ102", ">=2")]


def test_key_ignore() -> None:
    assert [code for code, _ in findings("flask\nrequests>=2\n", ignore=["RQ101"])] == ["RQ102"]


def test_key_extend_select() -> None:
    off = [rule.code for rule in rules().values() if not rule.default]
    assert {*Configuration({"extend-select": off}).selected} == {*rules()}


def test_key_per_file_ignores() -> None:
    ignores = {"docs/*": ["RQ101"], "*-dev.txt": ["RQ1"]}
    for path, expected in {
        "requirements.txt": {"RQ101", "RQ102"},
        "docs/requirements.txt": {"RQ102"},
        "docs/deep/requirements.txt": {"RQ102"},
        "docs/requirements-dev.txt": set(),
        "requirements-dev.txt": set(),
    }.items():
        configuration = Configuration({"per-file-ignores": ignores}, directory="project")
        codes = {rule.code for rule in configuration.rules_for(f"project/{path}")}
        assert codes & {"RQ101", "RQ102"} == expected


def test_key_kind() -> None:
    text = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["idna>=3"]\n'
    assert findings(text, path="pyproject.toml") == []
    assert findings(text, path="pyproject.toml", kind="application") == [("RQ102", ">=3")]
    assert findings("idna\n") == [("RQ101", "idna")]
    assert findings("idna\n", kind="library") == []


def test_key_conda_names(tmp_path: Path) -> None:
    write(tmp_path, "reqlint.toml", 'conda-names = "deploy/names.json"\nselect = ["RQ401"]\n')
    write(tmp_path, "deploy/names.json", '{"our-shop": ["shop"], "idna": null}')
    text = "dependencies:\n  - our-shop=1.2\n  - idna=3\n  - pip\n  - pip:\n      - shop==1.2.3\n      - idna==3.7\n"
    write(tmp_path, "environment.yml", text)
    result = run(cwd=tmp_path)
    assert [line.split(":")[1] for line in result.out.splitlines() if "RQ401" in line] == ["6"]
    write(tmp_path, "deploy/names.json", "[")
    result = run(cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "names.json" in result.err
    (tmp_path / "deploy/names.json").unlink()
    result = run(cwd=tmp_path)
    assert result.code == 2
    assert "cannot be read" in result.err


def test_key_pin_from() -> None:
    lock = 'version = 1\n\n[[package]]\nname = "idna"\nversion = "3.6"\nsource = { registry = "https://packages.example.com/simple" }\n'
    files = {"uv.lock": lock}
    for order, expected in (
        (["lock", "environment"], "idna==3.6\n"),
        (["environment", "lock"], "idna==3.7\n"),
        (["environment"], "idna==3.7\n"),
        ([], "idna\n"),
    ):
        assert mended("idna\n", files=files, environment={"idna": "3.7"}, pin_from=order) == expected


def test_key_exclude(tmp_path: Path) -> None:
    write(tmp_path, "reqlint.toml", 'exclude = ["vendor", "tests/data", "*-old.txt"]\n')
    for name in ("vendor/a/requirements.txt", "x/vendor/requirements.txt", "tests/data/requirements.txt"):
        write(tmp_path, name, "flask\n")
    write(tmp_path, "requirements-old.txt", "flask\n")
    write(tmp_path, "data/requirements.txt", "flask\n")
    assert run(cwd=tmp_path).out.startswith("data/requirements.txt:1:1")
    assert run(cwd=tmp_path).codes == ["RQ101"]
    # What is named is checked all the same.
    assert run("vendor/a/requirements.txt", cwd=tmp_path).codes == ["RQ101"]
    assert run("requirements-old.txt", cwd=tmp_path).codes == ["RQ101"]
    assert run("vendor", cwd=tmp_path).codes == ["RQ101"]
    assert run("vendor/a", cwd=tmp_path).codes == ["RQ101"]
    assert run("tests", cwd=tmp_path).codes == []


def test_an_excluded_folder_needs_no_valid_configuration(tmp_path: Path) -> None:
    write(tmp_path, "reqlint.toml", 'exclude = ["vendor"]\n')
    write(tmp_path, "vendor/reqlint.toml", "broken")
    write(tmp_path, "vendor/requirements.txt", "flask\n")
    assert run(cwd=tmp_path).code == 0


def test_key_extend_include(tmp_path: Path) -> None:
    write(tmp_path, "reqlint.toml", '[extend-include]\n"deploy/*.list" = "requirements.txt"\n')
    write(tmp_path, "deploy/a.list", "flask\n")
    write(tmp_path, "a.list", "flask\n")
    assert run(cwd=tmp_path).out.startswith("deploy/a.list:1:1: error[RQ101]")
    assert run(cwd=tmp_path).codes == ["RQ101"]
    assert run("deploy/a.list", cwd=tmp_path).codes == ["RQ101"]
    assert run("a.list", cwd=tmp_path).code == 2


def test_key_severity(tmp_path: Path) -> None:
    assert [item.severity for item in check("flask\n", severity={"unpinned": "info"})] == ["info"]
    write(tmp_path, "requirements.txt", "flask\n")
    write(tmp_path, "reqlint.toml", '[severity]\nRQ101 = "info"\n')
    assert run(cwd=tmp_path).code == 0


def test_key_allow() -> None:
    assert findings("flask\nOur_Tools\n", allow={"unpinned": ["our-tools"]}) == [("RQ101", "flask")]
    assert findings("flask\nour-tools\n", allow={"RQ1": ["Our-Tools", "flask"]}) == []


def test_key_pin() -> None:
    def codes(**pin: str) -> list[str]:
        return [code for code, _ in findings("a\nb>=1\nc~=1.0\n", pin=pin, select="RQ1")]

    assert codes() == codes(application="exact") == ["RQ101", "RQ102", "RQ102"]
    assert codes(application="compatible") == ["RQ101", "RQ102"]
    assert codes(application="lower-bound") == ["RQ101"]
    assert codes(application="any") == []
    assert codes(constraint="any") == codes()


def test_key_vcs_ref() -> None:
    def codes(ref: str) -> list[str]:
        text = "a @ git+https://github.com/o/r.git@v1.0\n"
        return [code for code, _ in findings(text, select="RQ2", vcs_ref=ref)]

    assert codes("tag") == []
    assert codes("commit") != []


@pytest.mark.parametrize("named", [False, True])
def test_key_python(tmp_path: Path, *, named: bool) -> None:
    """A relative path starts where the configuration lies, wherever reqlint runs; if the file is named, where that is."""
    write(tmp_path, "project/reqlint.toml", 'python = "environments/.venv"\n')
    write(tmp_path, "project/requirements.txt", "requests\n")
    install(tmp_path / ("environments" if named else "project/environments"), requests="2.32.3")
    arguments = ["--config", "project/reqlint.toml"] if named else []
    result = run("--diff", "project", *arguments, cwd=tmp_path)
    assert "+requests==2.32.3" in result.out, result


def test_key_fail_on(tmp_path: Path) -> None:
    write(tmp_path, "requirements.txt", "flask>=3\n")
    write(tmp_path, "strict/requirements.txt", "flask==${V}\n")
    write(tmp_path, "strict/reqlint.toml", 'fail-on = "info"\n')
    assert run("requirements.txt", cwd=tmp_path).code == 1
    assert run("strict", cwd=tmp_path).code == 1
    write(tmp_path, "reqlint.toml", 'fail-on = "error"\n')
    assert run("requirements.txt", cwd=tmp_path).code == 0
    assert run("requirements.txt", "--fail-on", "warning", cwd=tmp_path).code == 1
    assert run(".", cwd=tmp_path).code == 1  # each file by its own configuration
    assert run("strict", "--fail-on", "error", cwd=tmp_path).code == 0


def test_key_output_format(tmp_path: Path) -> None:
    write(tmp_path, "requirements.txt", "flask\n")
    write(tmp_path, "reqlint.toml", 'output-format = "json"\n')
    assert run(cwd=tmp_path).json[0]["code"] == "RQ101"
    assert run("--show-files", cwd=tmp_path).json[0]["format"] == "requirements.txt"
    assert run("--output-format", "concise", cwd=tmp_path).codes == ["RQ101"]


# Which file counts


def test_the_nearest_file_counts_alone(tmp_path: Path) -> None:
    write(tmp_path, "reqlint.toml", 'ignore = ["RQ101"]\n')
    write(tmp_path, "sub/reqlint.toml", 'ignore = ["RQ102"]\n')
    for folder in (".", "sub", "sub/deep"):
        write(tmp_path, f"{folder}/requirements.txt", "flask\nrequests>=2\n")
    configurations = Configurations(Disk(), {})
    for folder, code in ((".", "RQ101"), ("sub", "RQ102"), ("sub/deep", "RQ102")):
        chosen = configurations.of(str(tmp_path / folder / "requirements.txt")).selected
        assert {"RQ101", "RQ102"} - set(chosen) == {code}


def test_the_order_of_names_in_one_folder(tmp_path: Path) -> None:
    write(tmp_path, "requirements.txt", "flask\nrequests>=2\na==${V}\n")
    write(tmp_path, "pyproject.toml", '[tool.reqlint]\nselect = ["RQ111"]\n')
    assert run("requirements.txt", cwd=tmp_path).codes == ["RQ111"]
    write(tmp_path, "reqlint.toml", 'select = ["RQ102"]\n')
    assert run("requirements.txt", cwd=tmp_path).codes == ["RQ102"]
    write(tmp_path, ".reqlint.toml", 'select = ["RQ101"]\n')
    assert run("requirements.txt", cwd=tmp_path).codes == ["RQ101"]


@pytest.mark.parametrize(
    "text", ["", "[project]\nname = 'reqlint'\n", "[tool.ruff]\n", "not toml, but of reqlint\n", "[tool]\n"]
)
def test_a_pyproject_that_says_nothing_of_reqlint_is_passed_over(tmp_path: Path, text: str) -> None:
    write(tmp_path, "sub/pyproject.toml", text)
    write(tmp_path, "reqlint.toml", 'ignore = ["RQ101"]\n')
    write(tmp_path, "sub/requirements.txt", "flask\n")
    assert run("sub/requirements.txt", cwd=tmp_path).code == 0


def test_an_empty_table_counts(tmp_path: Path) -> None:
    write(tmp_path, "sub/pyproject.toml", "[tool.reqlint]\n")
    write(tmp_path, "reqlint.toml", 'ignore = ["RQ101"]\n')
    write(tmp_path, "sub/requirements.txt", "flask\n")
    assert run("sub/requirements.txt", cwd=tmp_path).code == 1


def test_files_that_only_memory_holds() -> None:
    memory = Memory({"p/reqlint.toml": b'ignore = ["RQ101"]\n'})
    assert "RQ101" not in Configurations(memory, {}).of("p/sub/requirements.txt").selected


# What is wrong is told with its place


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('\nselct = ["RQ1"]\n', "reqlint.toml:2: unknown key `selct`; did you mean `select`?"),
        ("[per-file-ignore]\n", "reqlint.toml:1: unknown key `per-file-ignore`; did you mean `per-file-ignores`?"),
        ("zzz = 1\n", "reqlint.toml:1: unknown key `zzz`"),
        ('select = "RQ1"\n', "reqlint.toml:1: `select` must be a list of strings"),
        ("select = [1]\n", "reqlint.toml:1: `select` must be a list of strings"),
        ("exclude = { a = 1 }\n", "reqlint.toml:1: `exclude` must be a list of strings"),
        ("pin = 1\n", "reqlint.toml:1: `pin` must be a table of strings"),
        ("[allow]\nRQ101 = 'x'\n", "reqlint.toml:1: `allow` must be a table of lists of strings"),
        ("python = 3\n", "reqlint.toml:1: `python` must be a string"),
        ("vcs-ref = 'comit'\n", "reqlint.toml:1: `vcs-ref` must be one of `tag`, `commit`; did you mean `commit`?"),
        ("fail-on = true\n", "reqlint.toml:1: `fail-on` must be one of `error`, `warning`, `info`"),
        ("output-format = 'jsn'\n", "did you mean `json`?"),
        (
            'select = [\n  "RQ0",\n  "unpined",\n]\n',
            "reqlint.toml:3: unknown rule `unpined`; did you mean `unpinned`?",
        ),
        ('ignore = ["nonsense"]\n', "reqlint.toml:1: unknown rule `nonsense`; "),
        ('[severity]\nRQ0 = "info"\nRQ101 = "eror"\n', "reqlint.toml:3: `eror` in `severity` is not one of "),
        ('[severity]\nRQ0 = "info"\nRQ81 = "error"\n', "reqlint.toml:3: unknown rule `RQ81`"),
        ('[per-file-ignores]\n"*" = ["RQ0", "unpined"]\n', "reqlint.toml:2: unknown rule `unpined`"),
        (
            '[pin]\napplication = "exact"\nlibary = "any"\n',
            "reqlint.toml:3: unknown role `libary` in `pin`; did you mean `library`?",
        ),
        ('pin = { library = "exat" }\n', "reqlint.toml:1: `exat` in `pin` is not one of `exact`"),
        (
            '[extend-include]\n"*.x" = "pip"\n',
            "reqlint.toml:2: `pip` in `extend-include` is not one of `requirements.txt`",
        ),
        ("select = [\n", "reqlint.toml:"),
        ("a b\n", "reqlint.toml:1:3: not valid TOML: "),
        ("a = 1\n\nb = = 2\n", "reqlint.toml:3:5: not valid TOML: "),
        ("a = 1\na = 2\n", "not valid TOML: Cannot overwrite a value"),
        ("a = " + "[" * 5000, "reqlint.toml: not valid TOML: it is nested too deeply"),
    ],
)
def test_a_configuration_that_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, "requirements.txt", "flask\n")
    write(tmp_path, "reqlint.toml", text)
    result = run(cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("reqlint: reqlint.toml")
    assert message in result.err
    assert result.err.count("\n") == 1
    assert run("--isolated", cwd=tmp_path).code == 1


def test_a_configuration_that_is_not_utf_8(tmp_path: Path) -> None:
    write(tmp_path, "requirements.txt", "flask\n")
    (tmp_path / "reqlint.toml").write_bytes(b"# fine\n# caf\xe9\n")
    assert run(cwd=tmp_path).err == "reqlint: reqlint.toml:2: not valid TOML: it is not UTF-8\n"


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse(b"\xef\xbb\xbfselect = []\n", "reqlint.toml", shared=False) == {"select": []}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.ruff]\nselect = ["E"]\n\n[tool.reqlint]\nselect = ["RQ77"]\n', "pyproject.toml:5: unknown rule `RQ77`"),
        ("[tool.ruff]\nselct = 1\n[tool.reqlint]\nselct = 1\n", "pyproject.toml:4: unknown key `selct`"),
        ('[tool.reqlint.pin]\nlibrary = "exat"\n', "pyproject.toml:2: `exat`"),
        ("[tool]\nreqlint.selct = 1\n", "pyproject.toml:2: unknown key `selct`"),
        ("[tool]\nreqlint = 1\n", "`tool.reqlint` must be a table"),
        ("[[tool.reqlint]]\n", "`tool.reqlint` must be a table"),
        ("[tool.reqlint]\nselect = [\n", "not valid TOML"),
        ("[project]\ndependencies = [\n\n[tool.reqlint]\n", "not valid TOML"),
    ],
)
def test_a_pyproject_that_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, "requirements.txt", "flask\n")
    write(tmp_path, "pyproject.toml", text)
    result = run("requirements.txt", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("reqlint: pyproject.toml")
    assert message in result.err


def test_a_configuration_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "requirements.txt", "flask\n")
    write(tmp_path, "reqlint.toml", "")
    read = Disk.read

    def refuse(self: Disk, path: str) -> bytes:
        if path.endswith(".toml"):
            raise PermissionError(13, "Permission denied", path)
        return read(self, path)

    monkeypatch.setattr(Disk, "read", refuse)
    result = run(cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "reqlint: reqlint.toml: the configuration cannot be read: permission denied; "
        "mend that, or leave configuration files out with --isolated\n"
    )


def test_unknown_keys_from_a_program() -> None:
    import reqlint

    with pytest.raises(ConfigurationError, match=r"configuration: unknown key `selct`; did you mean `select`\?"):
        reqlint.lint([], {"selct": []})


# Patterns


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("requirements.txt", "requirements.txt", True),
        ("requirements.txt", "a/b/requirements.txt", True),
        ("vendor", "vendor/requirements.txt", True),
        ("vendor", "a/vendor/b/requirements.txt", True),
        ("vendor/", "a/vendor/b/requirements.txt", True),
        ("vendor", "vendored/requirements.txt", False),
        ("a/vendor", "a/vendor/b/requirements.txt", True),
        ("a/vendor", "b/a/vendor/requirements.txt", False),
        ("./a", "a/requirements.txt", True),
        ("a/*", "a/b/requirements.txt", True),
        ("a/*.txt", "a/b/requirements.txt", True),
        ("*.txt", "a/requirements.in", False),
        ("**/dev.txt", "a/requirements/dev.txt", True),
        ("requirements-[ab].txt", "requirements-a.txt", True),
        ("requirements-[ab].txt", "requirements-c.txt", False),
        ("requirements-?.txt", "requirements-a.txt", True),
        ("..", "a.txt", False),
        (".", "a.txt", False),
    ],
)
def test_patterns(pattern: str, path: str, *, expected: bool) -> None:
    assert matches(pattern, os.path.join("project", path), os.path.abspath("project")) == expected


def test_patterns_outside_the_folder_of_the_configuration() -> None:
    assert not matches("*where*", "/elsewhere/requirements.txt", "/elsewhere")
    assert matches("vendor", "/elsewhere/vendor/requirements.txt", "/somewhere/else")
    assert matches("/elsewhere/vendor", "/elsewhere/vendor/requirements.txt", "/somewhere/else")


def test_patterns_of_a_named_file_start_at_the_current_directory(tmp_path: Path) -> None:
    write(tmp_path, "requirements.txt", "flask\n")
    write(tmp_path, "tests/data/requirements.txt", "flask\n")
    write(tmp_path, "ci/config.toml", 'exclude = ["tests/data"]\n')
    result = run("--config", "ci/config.toml", cwd=tmp_path)
    assert result.codes == ["RQ101"]
    assert result.out.startswith("requirements.txt:1:1")

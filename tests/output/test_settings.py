from __future__ import annotations

import tomllib
from pathlib import Path

from tests.command import run

CONFIGURATION = """\
select = ["RQ1"]
exclude = ["vendor"]
vcs-ref = "commit"
python = "env"
kind = "library"
conda-names = "names.json"
fail-on = "info"
output-format = "concise"

[per-file-ignores]
"docs/*" = ["RQ101"]
[extend-include]
"*.list" = "requirements.txt"
[pin]
application = "compatible"
[severity]
RQ101 = "info"
[allow]
RQ101 = ["our-tools"]
"""


def test_what_counts_is_printed_as_toml(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a\n")
    (tmp_path / "other.list").write_text("a\n")
    (tmp_path / "reqlint.toml").write_text(CONFIGURATION)
    text = run("--show-settings", "--ignore", "RQ102", cwd=tmp_path).out
    assert text.startswith("# other.list, requirements.txt\n")
    values = tomllib.loads(text)
    assert values["configuration"] == str(tmp_path / "reqlint.toml")
    assert "RQ101" in values["rules"]
    assert "RQ102" not in values["rules"]
    assert values["severity"]["RQ101"] == "info"
    assert values["exclude"] == ["vendor"]
    assert values["vcs-ref"] == "commit"
    assert values["python"] == str(tmp_path / "env")
    assert values["fail-on"] == "info"
    assert values["kind"] == "library"
    assert values["conda-names"] == str(tmp_path / "names.json")
    assert values["per-file-ignores"] == {"docs/*": ["RQ101"]}
    assert values["extend-include"] == {"*.list": "requirements.txt"}
    assert values["pin"]["application"] == "compatible"
    assert values["pin"]["constraint"] == "exact"
    assert values["allow"] == {"RQ101": ["our-tools"]}
    as_json = run("--show-settings", "--ignore", "RQ102", "--output-format", "json", cwd=tmp_path).json
    assert as_json[0].pop("files") == [str(tmp_path / "other.list"), str(tmp_path / "requirements.txt")]
    reason = '`kind = "library"` in the configuration: only its own metadata counts for users'
    assert as_json[0].pop("roles") == {
        str(tmp_path / name): {"role": "development", "reason": reason} for name in ("other.list", "requirements.txt")
    }
    assert f"# requirements.txt: development, as {reason}\n" in text
    assert as_json == [{**values, "output-format": "json"}]


def test_a_secret_in_the_configuration_is_masked(tmp_path: Path) -> None:
    secret = "pa55" + "w0rd-of-mine"
    (tmp_path / "requirements.txt").write_text("a\n")
    (tmp_path / "reqlint.toml").write_text(f'[allow]\nRQ4 = ["https://u:{secret}@packages.example.com/simple"]\n')
    for arguments in ([], ["--output-format", "json"]):
        result = run("--show-settings", *arguments, cwd=tmp_path)
        assert result.code == 0
        assert "packages.example.com" in result.out
        assert secret not in result.out


def test_files(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r deps/common.list\n")
    (tmp_path / "deps").mkdir()
    (tmp_path / "deps" / "common.list").write_text("a\n")
    assert run("--show-files", cwd=tmp_path).out.splitlines() == [
        "requirements.txt: requirements.txt (by its name, requirements.txt)",
        "deps/common.list: requirements.txt (requirements.txt includes it)",
    ]
    assert [item["reason"] for item in run("--show-files", "--output-format", "json", cwd=tmp_path).json] == [
        "by its name, requirements.txt",
        "requirements.txt includes it",
    ]

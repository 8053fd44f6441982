from __future__ import annotations

import pytest

from tests.support import check, findings, mended

SECRET = "hunter2secret"
PRIVATE = "https://packages.example.com/simple"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"--extra-index-url {PRIVATE}\n", [PRIVATE]),
        (f"--extra-index-url={PRIVATE}\n", [PRIVATE]),
        (f"-i https://a.org/simple --extra-index-url {PRIVATE}\n", [PRIVATE]),
        (f"--extra-index-url {PRIVATE}\n--extra-index-url https://b.org/\n", [PRIVATE, "https://b.org/"]),
        ("--extra-index-url ${EXTRA}\n", ["${EXTRA}"]),
        (f"-i {PRIVATE}\n", []),
        (f"-f {PRIVATE}\n", []),
        (f"-i {PRIVATE}/\n--extra-index-url {PRIVATE}\n", []),
        (f"--no-index\n--extra-index-url {PRIVATE}\n", []),
        ("idna\n", []),
    ],
)
def test_extra_index(text: str, expected: list[str]) -> None:
    assert findings(text, select="RQ601") == [("RQ601", url) for url in expected]


@pytest.mark.parametrize(
    "allowed",
    [
        "packages.example.com",
        PRIVATE,
        f"{PRIVATE}/",
        PRIVATE.upper(),
        f"https://me:{SECRET}@packages.example.com/simple",
    ],
)
def test_an_allowed_extra_index(allowed: str) -> None:
    text = f"--extra-index-url https://me:{SECRET}@packages.example.com/simple\n"
    assert check(text, select="RQ601", allow={"extra-index": [allowed]}) == []


@pytest.mark.parametrize(
    "allowed", ["example.com", "https://packages.example.com", "https://packages.example.com/other"]
)
def test_another_one_is_allowed(allowed: str) -> None:
    assert len(check(f"--extra-index-url {PRIVATE}\n", select="RQ601", allow={"extra-index": [allowed]})) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-i http://a.org/simple\n", "-i https://a.org/simple\n"),
        ("-i HTTP://a.org/simple\n", "-i https://a.org/simple\n"),
        ("--extra-index-url 'http://a.org/simple'\n", "--extra-index-url 'https://a.org/simple'\n"),
        ("-f http://a.org/wheels\r\nidna", "-f https://a.org/wheels\r\nidna"),
        ("-i http://${USER}:${TOKEN}@a.org/\n", "-i https://${USER}:${TOKEN}@a.org/\n"),
        ("-i http://127.0.0.1.example.com/\n", "-i https://127.0.0.1.example.com/\n"),
        ("-i http://localhost.example.com/\n", "-i https://localhost.example.com/\n"),
        ("--no-index\n-f http://a.org/wheels\n", "--no-index\n-f https://a.org/wheels\n"),
        # Not mended: what answers at a port of its own does not speak TLS there.
        ("-i http://a.org:8080/simple\n", "-i http://a.org:8080/simple\n"),
        ("-i http://10.0.0.7:3141/root/pypi\n", "-i http://10.0.0.7:3141/root/pypi\n"),
    ],
)
def test_insecure_index(text: str, expected: str) -> None:
    assert [code for code, _ in findings(text, select="RQ602")] == ["RQ602"]
    assert mended(text, select="RQ602") == text
    assert mended(text, unsafe=True, select="RQ602") == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://a.org/simple",
        "http://localhost:3141/root/pypi",
        "http://LOCALHOST/",
        "http://devpi.localhost/",
        "http://127.0.0.1:8000/",
        "http://127.8.9.1/",
        "http://[::1]:8000/",
        "http://me:word@localhost/",
        "http://${HOST}/simple",
        "./wheels",
        "file:///wheels",
    ],
)
@pytest.mark.parametrize("option", ["-i", "--extra-index-url", "-f"])
def test_no_insecure_index(option: str, url: str) -> None:
    assert findings(f"{option} {url}\n", select="RQ602") == []


def test_a_trusted_network() -> None:
    assert check("-i http://devpi:3141/root\n", select="RQ602", allow={"RQ602": ["devpi"]}) == []
    assert len(check("-i http://other:3141/root\n", select="RQ602", allow={"RQ602": ["devpi"]})) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--trusted-host pypi.org\n", ["--trusted-host pypi.org"]),
        ("--trusted-host=a.org:8080\n", ["--trusted-host=a.org:8080"]),
        ("--trusted-host a.org --trusted-host b.org\n", ["--trusted-host a.org", "--trusted-host b.org"]),
        ("--trusted-host localhost\n", []),
        ("--trusted-host localhost:8080\n", []),
        ("--trusted-host 127.0.0.1\n", []),
        ("--trusted-host [::1]\n", []),
    ],
)
def test_unverified_index(text: str, expected: list[str]) -> None:
    assert findings(text, select="RQ603") == [("RQ603", option) for option in expected]


def test_an_allowed_unverified_index() -> None:
    assert check("--trusted-host a.org:8080\n", select="RQ603", allow={"RQ603": ["a.org"]}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--pre\n", ["--pre"]),
        ("--all-releases :all:\n", ["--all-releases :all:"]),
        ("--all-releases torch\n", []),
        ("torch==2.6.0rc1\n", []),
    ],
)
def test_pre_releases_allowed(text: str, expected: list[str]) -> None:
    assert findings(text, select="RQ604") == [("RQ604", option) for option in expected]


@pytest.mark.parametrize("option", ["-i", "--extra-index-url", "-f", "--trusted-host"])
@pytest.mark.parametrize(
    "url", [f"http://me:{SECRET}@a.org/", f"http://{SECRET}@a.org/", f"http://a.org/?key={SECRET}"]
)
def test_no_secret_is_shown(option: str, url: str) -> None:
    items = check(f"{option} {url}\n", select="RQ6")
    assert items
    for item in items:
        assert SECRET not in f"{item.message}{item.label}{item.help}{item.fix.message if item.fix else ''}"

"""Every token here is made at test time out of pieces, so that no scanner stops a commit, and none was ever issued."""

from __future__ import annotations

import base64
import itertools
import os
import random
import string
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqlint import credentials
from reqlint.credentials import Credential, find, is_placeholder, mask, masked, redact_url, variables

ALNUM = string.ascii_letters + string.digits
WORD = ALNUM + "_-"


def noise(length: int, alphabet: str = ALNUM, seed: int = 0) -> str:
    """Random characters, the same in each run, with letters and digits in turn where the alphabet has both."""
    letters = [character for character in alphabet if character.isalpha()]
    digits = [character for character in alphabet if character.isdigit()] or letters
    chosen = random.Random(f"{length} {alphabet} {seed}")
    return "".join(chosen.choice(digits if index % 3 == 2 else letters) for index in range(length))


def json_web_token(*, parts: int = 3, length: int = 40) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    return ".".join([header, *(noise(length, seed=index) for index in range(parts - 1))])


HEX = "0123456789abcdef"
GITHUB = "gh" + "p_" + noise(36)
GITHUB_VALID = "gh" + "p_" + "reqlintSyntheticTestVector0001" + "3q29UP"
GITHUB_PADDED = "gh" + "p_" + "reqlintSyntheticVector00000372" + "00h5QY"
GITHUB_ZEROS = "gh" + "p_" + "0" * 30 + "2C8GjS"
GITHUB_STATELESS = "gh" + "s_" + "123456_" + json_web_token(length=220)
GITHUB_FINE = "github" + "_pat_" + noise(22) + "_" + noise(59)
GITHUB_OLD = noise(40, HEX)
GITLAB = "gl" + "pat-" + noise(20)
GITLAB_PAYLOAD = "bzoxCnU6MQABAgMEBQYHCAkKCwwNDg8Q"
GITLAB_ROUTABLE = "gl" + "pat-" + GITLAB_PAYLOAD + ".01.0w1wlk8x2"
GITLAB_UNVERSIONED = "gl" + "pat-" + GITLAB_PAYLOAD + ".0w1yff5u8"
GITLAB_DEPLOY = "gl" + "dt-" + noise(20)
GITLAB_JOB = "gl" + "cbt-" + "64_" + noise(20)
BITBUCKET_APP = "AT" + "BB" + noise(24) + "0A1B2C3D"
ATLASSIAN = "AT" + "ATT3xFfGF0" + noise(171)
BITBUCKET = "AT" + "CTT3xFfGN0" + noise(171)
AZURE = noise(76) + "AZ" + "DO" + noise(4)
AZURE_OLD = noise(52, string.ascii_lowercase + "234567")
JWE = json_web_token(parts=5, length=120)
PYPI = "py" + "pi-" + "AgEIcHlwaS5vcmc" + noise(120)
TEST_PYPI = "py" + "pi-" + "AgENdGVzdC5weXBpLm9yZw" + noise(120)
JFROG = "AK" + "Cp" + noise(69)
JFROG_REFERENCE = base64.b64encode(b"reftkn:01:1700000000:" + noise(27).encode()).decode()
GOOGLE = "ya" + "29." + noise(120, WORD)
HUGGING_FACE = "h" + "f_" + "AbCdEfGhIj" + noise(24, string.ascii_letters)
NPM = "np" + "m_" + noise(36)
PREFIX = "pf" + "x_" + noise(30)
ANACONDA = "an-" + "1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901"
TK = "tk-" + "0a1b2c3d-5f60-7182-93a4-b5c6d7e8f901"
OPAQUE = noise(24)
UUID = "1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901"


def with_hex_checksum(body: str) -> str:
    return f"{body}={zlib.crc32(body.encode()):08X}"


# (text with the secret as §, secret, kind, words of the provider, place, variable, the text after the removal)
POSITIVE = [
    # GitHub
    ("git+https://§@github.com/o/r.git@v1", GITHUB, "token", "GitHub personal access token", "user", "GITHUB_TOKEN", "git+https://github.com/o/r.git@v1"),
    ("git+https://user:§@github.com/o/r.git", GITHUB, "token", "GitHub", "password", "GITHUB_TOKEN", "git+https://github.com/o/r.git"),
    ("git+https://§:x-oauth-basic@github.com/o/r", GITHUB, "token", "GitHub", "user", "GITHUB_TOKEN", "git+https://github.com/o/r"),
    ("git+https://x-access-token:§@github.com/o/r", GITHUB, "token", "GitHub", "password", "GITHUB_TOKEN", "git+https://github.com/o/r"),
    ("git+https://oauth2:§@github.com/o/r", GITHUB_FINE, "token", "GitHub", "password", "GITHUB_TOKEN", "git+https://github.com/o/r"),
    ("core @ git+https://§@github.com/o/r.git@v1#egg=core", GITHUB_VALID, "token", "GitHub", "user", "GITHUB_TOKEN", "core @ git+https://github.com/o/r.git@v1#egg=core"),
    ("core@git+https://x:§@github.com/o/r", GITHUB_ZEROS, "token", "GitHub", "password", "GITHUB_TOKEN", "core@git+https://github.com/o/r"),
    ("git+https://x-access-token:§@github.com/o/r", GITHUB_STATELESS, "token", "GitHub", "password", "GITHUB_TOKEN", "git+https://github.com/o/r"),
    ("git+https://§@github.com/o/r", GITHUB_OLD, "token", "GitHub", "user", "GITHUB_TOKEN", "git+https://github.com/o/r"),
    ("git+https://§:x-oauth-basic@github.acme.com/o/r", GITHUB_OLD, "token", "GitHub", "user", "GITHUB_TOKEN", "git+https://github.acme.com/o/r"),
    ("https://raw.githubusercontent.com/o/r/main/f.txt?token=§", "A" + noise(28, string.ascii_uppercase + "234567"), "token", "GitHub", "query", "GITHUB_TOKEN", "https://raw.githubusercontent.com/o/r/main/f.txt"),
    ("git+https://§@github.com/o/r", GITHUB[:30], "token", "GitHub", "user", "GITHUB_TOKEN", "git+https://github.com/o/r"),
    ("# old token: §, do not use", GITHUB, "token", "GitHub personal access token", "text", "GITHUB_TOKEN", None),
    ("# §", GITHUB_FINE, "token", "GitHub", "text", "GITHUB_TOKEN", None),
    ("export GITHUB_TOKEN=§", "gh" + "o_" + noise(36), "token", "GitHub OAuth token", "text", "GITHUB_TOKEN", None),
    ('{"t": "§"}', "gh" + "u_" + noise(36), "token", "GitHub App user token", "text", "GITHUB_TOKEN", None),
    ("(§)", "gh" + "r_" + noise(76), "token", "GitHub refresh token", "text", "GITHUB_TOKEN", None),
    ("say §.", GITHUB_STATELESS, "token", "GitHub App installation token", "text", "GITHUB_TOKEN", None),
    ("a line\\n§", GITHUB, "token", "GitHub", "text", "GITHUB_TOKEN", None),
    ("https%3A%2F%2Fx%3A§%40github.com", GITHUB, "token", "GitHub", "text", "GITHUB_TOKEN", None),
    ("https://github.com/o/§/r", GITHUB, "token", "GitHub", "path", "GITHUB_TOKEN", None),
    ("https://ci.acme.com/run?x=1&secretive=§&y=2", GITHUB, "token", "GitHub", "query", "GITHUB_TOKEN", "https://ci.acme.com/run?x=1&y=2"),
    # GitLab
    ("git+https://oauth2:§@gitlab.com/o/r.git", GITLAB, "token", "GitLab", "password", "GITLAB_TOKEN", "git+https://gitlab.com/o/r.git"),
    ("git+https://oauth2:§@gitlab.com/o/r.git", GITLAB_ROUTABLE, "token", "GitLab", "password", "GITLAB_TOKEN", "git+https://gitlab.com/o/r.git"),
    ("# §, see the wiki", GITLAB_ROUTABLE, "token", "GitLab", "text", "GITLAB_TOKEN", None),
    ("# §.", GITLAB_UNVERSIONED, "token", "GitLab", "text", "GITLAB_TOKEN", None),
    ("--index-url https://__token__:§@gitlab.acme.com/api/v4/projects/1/packages/pypi/simple", GITLAB, "token", "GitLab", "password", "GITLAB_TOKEN", "--index-url https://gitlab.acme.com/api/v4/projects/1/packages/pypi/simple"),
    ("git+https://oauth2:§@git.acme.com/o/r", "acme-" + GITLAB, "token", "GitLab", "password", "GITLAB_TOKEN", "git+https://git.acme.com/o/r"),
    ("git+https://gitlab+deploy-token-7:§@gitlab.com/o/r", GITLAB_DEPLOY, "token", "GitLab deploy token", "password", "GITLAB_TOKEN", "git+https://gitlab.com/o/r"),
    ("git+https://gitlab+deploy-token-7:§@git.acme.com/o/r", noise(20), "token", "GitLab deploy token", "password", "GITLAB_TOKEN", "git+https://git.acme.com/o/r"),
    ("git+https://gitlab-ci-token:§@gitlab.com/o/r", GITLAB_JOB, "token", "GitLab job token", "password", "CI_JOB_TOKEN", "git+https://gitlab.com/o/r"),
    ("git+https://gitlab-ci-token:§@gitlab.com/o/r", json_web_token(), "token", "GitLab job token", "password", "CI_JOB_TOKEN", "git+https://gitlab.com/o/r"),
    ("https://gitlab.com/api/v4/x?private_token=§", GITLAB, "token", "GitLab", "query", "GITLAB_TOKEN", "https://gitlab.com/api/v4/x"),
    ("# §", "gl" + "ptt-" + noise(40, HEX), "token", "GitLab pipeline trigger token", "text", "GITLAB_TOKEN", None),
    ("# §", "GR" + "1348941" + noise(20), "token", "GitLab runner registration token", "text", "GITLAB_TOKEN", None),
    # Atlassian
    ("git+https://user:§@bitbucket.org/o/r", BITBUCKET_APP, "token", "Bitbucket app password", "password", "BITBUCKET_TOKEN", "git+https://bitbucket.org/o/r"),
    ("git+https://x-token-auth:§@bitbucket.org/o/r", with_hex_checksum(BITBUCKET), "token", "Bitbucket access token", "password", "BITBUCKET_TOKEN", "git+https://bitbucket.org/o/r"),
    ("# §", with_hex_checksum(ATLASSIAN), "token", "Atlassian API token", "text", "BITBUCKET_TOKEN", None),
    ("git+https://jdoe:§@bitbucket.org/o/r", "h0rse-Battery", "password", "password", "password", "BITBUCKET_TOKEN", "git+https://bitbucket.org/o/r"),
    # Azure, AWS, Google
    ("--index-url https://any:§@pkgs.dev.azure.com/o/_packaging/f/pypi/simple/", AZURE, "token", "Azure DevOps", "password", "AZURE_DEVOPS_TOKEN", "--index-url https://pkgs.dev.azure.com/o/_packaging/f/pypi/simple/"),
    ("git+https://§@dev.azure.com/o/p/_git/r", AZURE_OLD, "token", "Azure DevOps", "user", "AZURE_DEVOPS_TOKEN", "git+https://dev.azure.com/o/p/_git/r"),
    ("# §", AZURE, "token", "Azure DevOps", "text", "AZURE_DEVOPS_TOKEN", None),
    ("https://aws:§@d-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/r/simple/", JWE, "token", "AWS CodeArtifact token", "password", "CODEARTIFACT_AUTH_TOKEN", "https://d-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/r/simple/"),
    ("https://oauth2accesstoken:§@europe-python.pkg.dev/p/r/simple/", GOOGLE, "token", "Google access token", "password", "GOOGLE_ACCESS_TOKEN", "https://europe-python.pkg.dev/p/r/simple/"),
    ("https://_json_key_base64:§@europe-python.pkg.dev/p/r/simple/", "ewog" + noise(400), "token", "Google service account key", "password", "GOOGLE_SERVICE_ACCOUNT_KEY", "https://europe-python.pkg.dev/p/r/simple/"),
    ("https://a.blob.core.windows.net/c/x.whl?sv=2022-11-02&sig=§", noise(42) + "%3D", "token", "shared access signature", "query", "A_BLOB_CORE_WINDOWS_NET_TOKEN", "https://a.blob.core.windows.net/c/x.whl?sv=2022-11-02"),
    ("https://b.s3.amazonaws.com/x.whl?X-Amz-Signature=§&X-Amz-Date=1", noise(64, HEX), "token", "signature", "query", "B_S3_AMAZONAWS_COM_TOKEN", "https://b.s3.amazonaws.com/x.whl?X-Amz-Date=1"),
    ("https://storage.googleapis.com/b/x.whl?X-Goog-Signature=§", noise(512, HEX), "token", "signature", "query", "STORAGE_GOOGLEAPIS_COM_TOKEN", "https://storage.googleapis.com/b/x.whl"),
    # package indexes
    ("repository = https://__token__:§@upload.pypi.org/legacy/", PYPI, "token", "PyPI API token", "password", "PYPI_TOKEN", "repository = https://upload.pypi.org/legacy/"),
    ("# §", TEST_PYPI, "token", "TestPyPI API token", "text", "TEST_PYPI_TOKEN", None),
    ("https://me:§@acme.jfrog.io/artifactory/api/pypi/p/simple", JFROG, "token", "JFrog API key", "password", "JFROG_TOKEN", "https://acme.jfrog.io/artifactory/api/pypi/p/simple"),
    ("https://me:§@acme.jfrog.io/artifactory/api/pypi/p/simple", JFROG_REFERENCE, "token", "JFrog reference token", "password", "JFROG_TOKEN", "https://acme.jfrog.io/artifactory/api/pypi/p/simple"),
    ("https://me:§@acme.jfrog.io/artifactory/api/pypi/p/simple", json_web_token(), "token", "JSON Web Token", "password", "JFROG_TOKEN", "https://acme.jfrog.io/artifactory/api/pypi/p/simple"),
    ("https://§@pypi.fury.io/acme/", noise(20), "token", "Gemfury token", "user", "FURY_TOKEN", "https://pypi.fury.io/acme/"),
    ("https://§:@pypi.fury.io/acme/", noise(20), "token", "Gemfury token", "user", "FURY_TOKEN", "https://pypi.fury.io/acme/"),
    ("https://pypi.fury.io/§/acme/", noise(20), "token", "Gemfury token", "path", "FURY_TOKEN", "https://pypi.fury.io/acme/"),
    ("https://repo.fury.io/§/acme/", noise(24), "token", "Gemfury token", "path", "FURY_TOKEN", "https://repo.fury.io/acme/"),
    ("https://token:§@dl.cloudsmith.io/basic/o/r/python/simple/", noise(16), "token", "Cloudsmith token", "password", "CLOUDSMITH_TOKEN", "https://dl.cloudsmith.io/basic/o/r/python/simple/"),
    ("https://dl.cloudsmith.io/§/o/r/python/simple/", noise(16), "token", "Cloudsmith token", "path", "CLOUDSMITH_TOKEN", "https://dl.cloudsmith.io/o/r/python/simple/"),
    ("https://§:@packagecloud.io/o/r/pypi/simple", noise(48, HEX), "token", "packagecloud token", "user", "PACKAGECLOUD_TOKEN", "https://packagecloud.io/o/r/pypi/simple"),
    ("http://§:x-auth-token@conda.acme.com/api/repo/ch/simple", "Kd93mQz", "token", "Anaconda Server token", "user", "ANACONDA_TOKEN", "http://conda.acme.com/api/repo/ch/simple"),
    ("git+https://user:§@huggingface.co/o/m", HUGGING_FACE, "token", "Hugging Face access token", "password", "HF_TOKEN", "git+https://huggingface.co/o/m"),
    ("# §", "api" + "_org_" + noise(34), "token", "Hugging Face organization token", "text", "HF_TOKEN", None),
    ("# §", NPM, "token", "npm access token", "text", "NPM_TOKEN", None),
    ("https://__token__:§@pypi.acme.com/simple", "h0rse-Battery", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "https://pypi.acme.com/simple"),
    ("https://§:@pypi.acme.com/simple", OPAQUE, "password", "secret key", "user", "PYPI_ACME_COM_TOKEN", "https://pypi.acme.com/simple"),
    ("git+https://§@gitlab.com/o/r", OPAQUE, "password", "secret key", "user", "GITLAB_TOKEN", "git+https://gitlab.com/o/r"),
    # conda channels
    ("- https://conda.anaconda.org/t/§/acme", ANACONDA, "channel-token", "conda channel token", "path", "ANACONDA_TOKEN", "- https://conda.anaconda.org/acme"),
    ("https://conda.acme.com/t/§/main/linux-64/x-1-0.conda", TK, "channel-token", "conda channel token", "path", "CONDA_ACME_COM_TOKEN", "https://conda.acme.com/main/linux-64/x-1-0.conda"),
    ("https://conda.anaconda.org/t/§", "tk-abc", "channel-token", "conda channel token", "path", "ANACONDA_TOKEN", "https://conda.anaconda.org"),
    ("https://quetz.acme.com/get/t/§/main", "horsebatterystaple", "channel-token", "conda channel token", "path", "QUETZ_ACME_COM_TOKEN", "https://quetz.acme.com/get/main"),
    ("https://files.acme.com/t/§/main/noarch/x-1-0.tar.bz2", "horsebatterystaple", "channel-token", "conda channel token", "path", "FILES_ACME_COM_TOKEN", "https://files.acme.com/main/noarch/x-1-0.tar.bz2"),
    ("https://files.acme.com/t/§/main", noise(24), "channel-token", "conda channel token", "path", "FILES_ACME_COM_TOKEN", "https://files.acme.com/main"),
    ("https://files.acme.com/t/§/main", UUID, "channel-token", "conda channel token", "path", "FILES_ACME_COM_TOKEN", "https://files.acme.com/main"),
    ("https://repo.prefix.dev/t/§/acme", PREFIX, "channel-token", "prefix.dev API key", "path", "PREFIX_API_KEY", "https://repo.prefix.dev/acme"),
    # passwords of any kind
    ("--extra-index-url https://jdoe:§@pypi.acme.com/simple", "h0rse-Battery", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "--extra-index-url https://pypi.acme.com/simple"),
    ("https://jdoe:§@pypi.acme.com:8443/simple", "p@ss=w0rd", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "https://pypi.acme.com:8443/simple"),
    ("https://jdoe:§@pypi.acme.com/simple", "a:b:c9", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "https://pypi.acme.com/simple"),
    ("https://jdoe:§@pypi.acme.com/simple", "ab$cd12", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "https://pypi.acme.com/simple"),
    ("https://jdoe:§@pypi.acme.com/simple", "100%sure", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "https://pypi.acme.com/simple"),
    ("https://jdoe:§@pypi.acme.com/simple", "h%40rse%2Fbatt", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "https://pypi.acme.com/simple"),
    ("https://jdoe:§@10.0.0.7/simple", "h0rse-Battery", "password", "password", "password", "HOST_10_0_0_7_PASSWORD", "https://10.0.0.7/simple"),
    ("https://jdoe:§@[::1]:3141/root", "h0rse-Battery", "password", "password", "password", "HOST_1_PASSWORD", "https://[::1]:3141/root"),
    ("# redis://:§@cache/0", "h0rse-Battery", "password", "password", "password", "CACHE_PASSWORD", "# redis://cache/0"),
    ("# postgresql+psycopg://app:§@db.acme.com/x", "h0rse-Battery", "password", "password", "password", "DB_ACME_COM_PASSWORD", "# postgresql+psycopg://db.acme.com/x"),
    ("git+ssh://deploy:§@git.acme.com:o/r.git@v1", "h0rse-Battery", "password", "password", "password", "GIT_ACME_COM_PASSWORD", "git+ssh://git.acme.com:o/r.git@v1"),
    ("HTTPS://jdoe:§@PyPI.Acme.COM/simple", "h0rse-Battery", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "HTTPS://PyPI.Acme.COM/simple"),
    ("https://${USER}:§@pypi.acme.com/", "h0rse-Battery", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "https://pypi.acme.com/"),
    ("https://user@corp.com:§@pypi.acme.com/", "h0rse-Battery", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "https://pypi.acme.com/"),
    ("https://proxy.acme.com/https://jdoe:§@pypi.org/", "h0rse-Battery", "password", "password", "password", "PYPI_TOKEN", "https://proxy.acme.com/https://pypi.org/"),
    ("[https://jdoe:§@pypi.acme.com/a](b)", "h0rse-Battery", "password", "password", "password", "PYPI_ACME_COM_PASSWORD", "[https://pypi.acme.com/a](b)"),
    ("git+https://oauth2:§@codeberg.org/o/r", "h0rse-Battery", "password", "password", "password", "CODEBERG_ORG_PASSWORD", "git+https://codeberg.org/o/r"),
    ("git+https://x:§@forge.acme.com/o/r", GITHUB_OLD, "password", "password", "password", "FORGE_ACME_COM_PASSWORD", "git+https://forge.acme.com/o/r"),
    # queries
    ("https://files.acme.com/x.whl?token=§", "h0rse-Battery", "password", "token", "query", "FILES_ACME_COM_TOKEN", "https://files.acme.com/x.whl"),
    ("https://files.acme.com/x.whl?token=§#sha256=ab", "h0rse-Battery", "password", "token", "query", "FILES_ACME_COM_TOKEN", "https://files.acme.com/x.whl#sha256=ab"),
    ("https://files.acme.com/x.whl?a=b&api_key=§&c=d", "h0rse-Battery", "password", "API key", "query", "FILES_ACME_COM_TOKEN", "https://files.acme.com/x.whl?a=b&c=d"),
    ("https://files.acme.com/x.whl?access_token=§&c=d", "h0rse-Battery", "password", "token", "query", "FILES_ACME_COM_TOKEN", "https://files.acme.com/x.whl?c=d"),
    ("https://files.acme.com/x.whl?apikey=§", "h0rse-Battery", "password", "API key", "query", "FILES_ACME_COM_TOKEN", "https://files.acme.com/x.whl"),
    ("https://files.acme.com/x.whl?auth=§", OPAQUE, "password", "secret key", "query", "FILES_ACME_COM_TOKEN", "https://files.acme.com/x.whl"),
    ("see https://files.acme.com/x.whl?token=§.", "h0rse-Battery", "password", "token", "query", "FILES_ACME_COM_TOKEN", "see https://files.acme.com/x.whl."),
    ("(https://files.acme.com/x.whl?token=§)", "h0rse-Battery", "password", "token", "query", "FILES_ACME_COM_TOKEN", "(https://files.acme.com/x.whl)"),
    ("https://app.acme.com/#access_token=§", "h0rse-Battery", "password", "token", "query", "APP_ACME_COM_TOKEN", "https://app.acme.com/"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "secret", "kind", "provider", "place", "variable", "removed"), POSITIVE)
def test_a_secret(
    template: str, secret: str, kind: str, provider: str, place: str, variable: str, removed: str | None
) -> None:
    text = template.replace("§", secret)
    (credential,) = find(text)
    assert text[credential.start : credential.end] == secret
    assert (credential.kind, credential.place, credential.variable) == (kind, place, variable)
    assert provider in credential.provider
    if removed is None:
        assert credential.removal is None
    else:
        assert credential.removal is not None
        start, end = credential.removal
        assert text[:start] + text[end:] == removed
    assert (credential.host is None) == (credential.url is None)


@pytest.mark.parametrize("row", POSITIVE)
def test_masking_a_secret(row: tuple[str, str, str, str, str, str, str | None]) -> None:
    template, secret, *_ = row
    text = template.replace("§", secret)
    (credential,) = find(text)
    shown = secret[: credential.public]
    assert mask(text) == template.replace("§", shown + "*" * (len(secret) - len(shown)))
    assert mask(mask(text)) == mask(text)
    assert find(mask(text)) == []
    assert secret[credential.public :] not in repr(credential)
    assert secret[credential.public :] not in redact_url(text)
    assert find(redact_url(text)) == []


def urls_without_secrets() -> list[str]:
    sha = noise(40, HEX)
    return [
        # plain URLs and VCS references
        "git+https://github.com/o/r.git@v1.0",
        f"git+https://github.com/o/r.git@{sha}#egg=r",
        f"https://github.com/o/r/archive/{sha}.zip",
        f"https://github.com/o/r/t/{sha}/",
        f"https://api.github.com/repos/o/r/zipball/{sha}",
        f"git+https://forge.acme.com/o/r@{sha}",
        "git+ssh://git@github.com/o/r.git@v1",
        f"git+ssh://git@github.com:o/r.git@{sha}",
        "git+ssh://git@host:repo.git@v1.0",
        "ssh://hg@host:repo@v1",
        "git@github.com:o/r.git",
        "git+git@github.com:o/r.git@abc1234#egg=r",
        "ssh://git@git.acme.com:2222/o/r.git",
        "file:///home/me/wheels/x.whl",
        "file:///C:/ci_311/click_1676433091657/work",
        "http://localhost:3001/@scope/x",
        "https://registry.npmjs.org/@scope/pkg/-/pkg-1.0.tgz",
        "https://medium.com/@someone/a-post-1b2c3d4e5f60",
        "docker://alpine:3.18@sha256:" + noise(64, HEX),
        "https://files.pythonhosted.org/packages/ab/cd/" + noise(60, HEX) + "/x.whl#sha256=" + noise(64, HEX),
        "flask==3.0 --hash=sha256:" + noise(64, HEX),
        "contact me@acme.com or mailto:you@acme.com",
        "authors = [{name = 'A B', email = 'a.b+c@acme.com'}]",
        "image: registry.acme.com/app:1.2@sha256:" + noise(64, HEX),
        # bare user names, innocent ones
        "https://jdoe@bitbucket.org/o/r.git",
        "https://acme@dev.azure.com/acme/p/_git/r",
        "https://contoso-engineering-2024@dev.azure.com/o/p/_git/r",
        "https://jdoe%40corp.com@pypi.acme.com/simple",
        "https://jdoe@corp.com@pypi.acme.com/simple",
        "https://jdoe:@pypi.acme.com/simple",
        "https://oauth2accesstoken@europe-python.pkg.dev/p/r/simple/",
        "https://_json_key_base64@europe-python.pkg.dev/p/r/simple/",
        "https://aws@d-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/r/simple/",
        "https://gitlab+deploy-token-123@gitlab.com/o/r",
        "https://x-access-token@github.com/o/r",
        "https://__token__@upload.pypi.org/legacy/",
        f"https://{sha}@cgit.acme.com/o/r",
        # variables
        "https://$USER:$PASS@pypi.acme.com/simple",
        "https://${USER}:${PASS}@pypi.acme.com/simple",
        "https://user:$GITHUB_TOKEN@github.com/o/r",
        "git+https://oauth2:$GIT_TOKEN@github.com/o/r@staging",
        "git+https://x-access-token:${NAME}@github.com/o/r@${VERSION}",
        "https://${GITHUB_TOKEN}@github.com/o/r",
        "https://${GITHUB_TOKEN}:x-oauth-basic@github.com/o/r",
        "https://${TOKEN:-none}@github.com/o/r",
        "https://u:${TOKEN:?not/set}@github.com/o/r",
        "https://u:${env:PIP_PASSWORD}@pypi.acme.com/",
        "https://${{ secrets.TOKEN }}@github.com/o/r",
        "https://u:${{ secrets['A/B'] }}@github.com/o/r",
        "https://{{ token }}@github.com/o/r",
        "https://{{ user }}:{{ lookup('env', 'PW') }}@github.com/o/r",
        "https://{env:USER}:{env:PASS}@pypi.acme.com/simple",
        "https://u:{env:PASS:default}@pypi.acme.com/simple",
        "https://{user}:{token}@github.com/o/r",
        "https://{}:{}@github.com/o/r",
        "https://{0}:{1}@github.com/o/r",
        "https://%(user)s:%(pw)s@pypi.acme.com/simple",
        "https://%s:%s@pypi.acme.com/simple",
        "https://%USER%:%ACCESS_TOKEN%@pypi.acme.com/simple",
        "https://u:$(cat /run/secrets/token)@pypi.acme.com/simple",
        "https://build:$(System.AccessToken)@pkgs.dev.azure.com/o/_packaging/f/pypi/simple",
        "https://u:@TOKEN@@pypi.acme.com/simple",
        "https://u:__TOKEN__@pypi.acme.com/simple",
        "https://u:$1@pypi.acme.com/simple",
        r"https://u:\$PASS@pypi.acme.com/simple",
        "https://aws:${CODEARTIFACT_AUTH_TOKEN}@<your-domain-id>.d.codeartifact.<region>.amazonaws.com/pypi/r",
        "https://u:gh" + "p_${TOKEN}@github.com/o/r",
        "https://$USER$SUFFIX:x@pypi.acme.com",
        # words, brackets, masks
        "https://<TOKEN>@github.com/o/r",
        "https://<user>:<personal access token>@github.com/o/r",
        "https://[your github token]@github.com/o/r",
        "https://%3Cuser%3E:%3Ctoken%3E@github.com/o/r",
        "https://user:password@host/simple",
        "https://username:password@pypi.acme.com",
        "https://user:pass@pypi.acme.com",
        "https://USERNAME:PERSONAL_ACCESS_TOKEN@github.com/o/r",
        "https://user:your-token-here@pypi.acme.com",
        "https://user:YOUR_GITHUB_PAT@pypi.acme.com",
        "https://user:mypassword@pypi.acme.com",
        "https://user:my_secret@pypi.acme.com",
        "https://user:GITHUB_TOKEN@pypi.acme.com",
        "https://user:changeme@pypi.acme.com",
        "https://foo:bar@pypi.acme.com",
        "https://user:****@pypi.acme.com",
        "https://****@pypi.acme.com",
        "https://user:%2A%2A%2A%2A@pypi.acme.com",
        "https://user:[REDACTED]@pypi.acme.com",
        "https://user:xxxxxxxx@pypi.acme.com",
        "https://user:xxxx-xxxx-xxxx@pypi.acme.com",
        "https://user:.....@pypi.acme.com",
        "https://user:pw@pypi.acme.com",
        "<vcs>+<proto>://[user[:pw]@]host[:port]/path[@revision]",
        "# DATABASE_URL=postgres://user:pass@localhost/db",
        "# amqp://guest:guest@localhost:5672//",
        "scheme://user:@host and http://:@host",
        # a provider's prefix with nothing behind it
        "https://gh" + "p_" + "x" * 36 + "@github.com/o/r",
        "https://gh" + "p_" + "X" * 30 + "123456@github.com/o/r",
        "https://gh" + "p_your_token_here@github.com/o/r",
        "https://oauth2:gl" + "pat-XXXXXXXXXXXXXXXXXXXX@gitlab.com/o/r",
        "https://oauth2:gl" + "pat-your-access-token@gitlab.com/o/r",
        "# gh" + "p_xxxx, gl" + "pat-<token>, py" + "pi-AgEIcHlwaS5vcmc..., h" + "f_***",
        "# gl" + "pat-this-is-not-a-real-token-at-all",
        "# gh" + "p_" + "*" * 36,
        "hf_xet-1.1.7-cp37-abi3-manylinux_2_17_x86_64.whl",
        "py" + "pi-AgEIcHlwaS5vcmc",
        "npm_config_registry_and_other_long_names_that_go_on",
        # conda, and folders that are called t
        "https://conda.anaconda.org/t/<TOKEN>/acme/linux-64/x-1-0.conda",
        "https://conda.anaconda.org/t/${CONDA_TOKEN}/acme",
        "https://conda.anaconda.org/t/$CONDA_TOKEN/acme",
        "https://conda.anaconda.org/t/{{ token }}/acme",
        "https://conda.anaconda.org/t/<my token>/acme",
        "https://conda.anaconda.org/t/tk-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx/acme",
        "https://conda.anaconda.org/t/YOUR_TOKEN/acme",
        "https://conda.anaconda.org/conda-forge/linux-64/t-1.0.conda",
        "https://github.com/o/r/t/main/x",
        "https://tracker.acme.com/t/12345-title",
        "https://discuss.python.org/t/how-to-install-python-3-11-on-m1/12345",
        "https://discuss.python.org/t/pep-735-dependency-groups/39233/12",
        "https://host/a/t/main/b",
        # other hosts' paths
        "https://pypi.fury.io/acme/",
        "https://pypi.fury.io/acme/pkg/",
        "https://dl.cloudsmith.io/public/o/r/python/simple/",
        "https://dl.cloudsmith.io/basic/o/r/python/simple/",
        # queries
        "https://acme.com/?sig=short",
        "https://acme.com/?auth=basic&signature=none",
        "https://acme.com/?token=${TOKEN}&api_key=<key>",
        "https://acme.com/?token={token}",
        "https://acme.com/?token=your_token",
        "https://acme.com/?token=true",
        "https://acme.com/?page_token=abcdef12345&key=title",
        "https://acme.com/x.whl#egg=token&subdirectory=auth",
        "https://acme.com/?access_token=***",
        "https://acme.com/?token=",
    ]


@pytest.mark.parametrize("text", urls_without_secrets())
def test_no_secret(text: str) -> None:
    assert find(text) == []
    assert mask(text) == text


def test_tables_are_as_long_as_they_should_be() -> None:
    assert len(POSITIVE) >= 60
    assert len(urls_without_secrets()) >= 80


@pytest.mark.parametrize(
    ("secret", "certain"),
    [
        (GITHUB_VALID, True),
        (GITHUB_PADDED, True),
        (GITHUB_ZEROS, True),
        (GITHUB_VALID[:-1] + "Q", False),
        (GITHUB_PADDED[:-1] + "Z", False),
        (GITHUB, False),
        (GITHUB_VALID + "x", False),
        (GITLAB_ROUTABLE, True),
        (GITLAB_ROUTABLE[:-1] + "3", False),
        (GITLAB_UNVERSIONED, True),
        (GITLAB_UNVERSIONED[:-1] + "9", False),
        (GITLAB, False),
        ("np" + "m_" + GITHUB_VALID[4:], True),
        (with_hex_checksum(BITBUCKET), True),
        (with_hex_checksum(ATLASSIAN), True),
        (BITBUCKET + "=00000000", False),
        (PYPI, True),
        (TEST_PYPI, True),
        (JFROG_REFERENCE, True),
        ("cmVm" + "dGtu" + noise(56), False),
        (JFROG, False),
        (json_web_token(), True),
        (JWE, True),
    ],
)
def test_certainty(secret: str, certain: bool) -> None:
    (credential,) = find(f"# {secret} here")
    assert credential.certain is certain


def test_the_checksum_of_a_gitlab_token_covers_the_instance_prefix() -> None:
    head = "acme-gl" + "pat-" + GITLAB_PAYLOAD + ".01.0w"
    crc, digits = zlib.crc32(head.encode()), ""
    while crc:
        crc, digit = divmod(crc, 36)
        digits = (string.digits + string.ascii_lowercase)[digit] + digits
    token = head + digits.rjust(7, "0")
    (credential,) = find(f"# {token}")
    assert credential.certain
    (credential,) = find(f"# x{token}")
    assert not credential.certain


@pytest.mark.parametrize(
    ("secret", "public"),
    [
        (GITHUB, 4),
        (GITHUB_FINE, 11),
        (GITLAB_ROUTABLE, 6),
        (GITLAB_DEPLOY, 5),
        (PYPI, 5),
        (HUGGING_FACE, 3),
        (AZURE, 0),
        (with_hex_checksum(BITBUCKET), 12),
    ],
)
def test_public_prefix(secret: str, public: int) -> None:
    for text in (f"# {secret}", f"https://oauth2:{secret}@git.acme.com/o/r"):
        (credential,) = find(text)
        assert credential.public == public


def test_a_field_is_masked_whole_when_a_token_is_only_part_of_it() -> None:
    text = f"https://u:h0rse-{GITHUB}@github.com/o/r"
    assert mask(text) == f"https://u:{'*' * (6 + len(GITHUB))}@github.com/o/r"


@pytest.mark.parametrize("tail", ["A", "abc", "_x", "9" * 300])
def test_word_characters_that_run_on_are_part_of_the_token(tail: str) -> None:
    assert mask(f"# {GITHUB}{tail} b") == f"# {GITHUB[:4]}{'*' * (36 + len(tail))} b"


def test_a_run_of_letters_before_a_prefix_is_no_token() -> None:
    assert find(f"xyz{HUGGING_FACE}") == []


def test_several_secrets_in_one_text_come_in_order() -> None:
    text = f"""\
# {GITLAB}
--index-url https://jdoe:h0rse-Battery@pypi.acme.com/simple?token=tr0mbone#x
a @ git+https://{GITHUB}@github.com/o/r ; python_version < '3.12'  # {PYPI}
"""
    found = find(text)
    assert [text[item.start : item.end] for item in found] == [GITLAB, "h0rse-Battery", "tr0mbone", GITHUB, PYPI]
    assert masked(text, found) == mask(text)
    assert masked(text, reversed(found)) == mask(text)
    assert masked(text, found[:1]) == text.replace(GITLAB, GITLAB[:6] + "*" * 20)


def test_user_and_password_can_both_be_secret() -> None:
    text = f"https://{GITHUB}:{GITLAB}@git.acme.com/o/r"
    user, password = find(text)
    assert (user.place, password.place) == ("user", "password")
    assert user.removal == password.removal == (8, text.index("git.acme"))


def test_a_user_name_that_is_the_password_is_hidden_too() -> None:
    assert mask("https://tr0mbone:tr0mbone@pypi.acme.com/") == "https://********:********@pypi.acme.com/"


def test_the_default_login_of_a_local_server_is_no_secret() -> None:
    assert find("http://admin:admin@localhost:3141/root/pypi") == []
    assert len(find("http://admin:admin@pypi.acme.com/root/pypi")) == 2


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("a @ git+https://u:h0rse-Battery@h.de/o ; x", "git+https://u:h0rse-Battery@h.de/o"),
        ("name@https://u:h0rse-Battery@h.de/o", "https://u:h0rse-Battery@h.de/o"),
        ("-ihttps://u:h0rse-Battery@h.de/o", "https://u:h0rse-Battery@h.de/o"),
        ("('https://u:h0rse-Battery@h.de/o', 1)", "https://u:h0rse-Battery@h.de/o"),
        ("(see https://u:h0rse-Battery@h.de/o).", "https://u:h0rse-Battery@h.de/o"),
        ("<https://u:h0rse-Battery@h.de/o>", "https://u:h0rse-Battery@h.de/o"),
        ("[https://u:h0rse-Battery@h.de/o]", "https://u:h0rse-Battery@h.de/o"),
        ("mysql+x.y://u:h0rse-Battery@h.de/o", "mysql+x.y://u:h0rse-Battery@h.de/o"),
        ("`https://u:h0rse-Battery@h.de/o/${A}`", "https://u:h0rse-Battery@h.de/o/${A}"),
        ("see ://u:h0rse-Battery@h.de/o", "://u:h0rse-Battery@h.de/o"),
        (f"# https://h.de/a/{GITHUB}/b c", f"https://h.de/a/{GITHUB}/b"),
    ],
)
def test_span_of_the_url(text: str, url: str) -> None:
    (credential,) = find(text)
    assert credential.url is not None
    assert text[slice(*credential.url)] == url
    assert credential.host == "h.de"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://u:h0rse-Battery@PyPI.ACME.com:8443/x", "pypi.acme.com"),
        ("https://u:h0rse-Battery@[fe80::1]:8443/x", "[fe80::1]"),
        ("https://u:h0rse-Battery@${HOST}/x", None),
        ("https://u:h0rse-Battery@", None),
        (f"https://u:h0rse-Battery@{HUGGING_FACE}", None),
    ],
)
def test_host(text: str, host: str | None) -> None:
    assert find(text)[0].host == host


@pytest.mark.parametrize("where", ["https://h.de/?token=tr0mbone&api_key=h0rseB", "https://h.de/?a=1&token=tr0mbone"])
def test_what_is_left_after_each_removal_is_a_url_without_that_secret(where: str) -> None:
    for credential in find(where):
        assert credential.removal is not None
        start, end = credential.removal
        left = where[:start] + where[end:]
        assert where[credential.start : credential.end] not in left
        assert left.count("?") == 1
        assert not left.endswith(("?", "&"))


# --- placeholders ---


@pytest.mark.parametrize(
    "value",
    [
        *"$NAME ${NAME} ${NAME:-x} ${env:NAME} %NAME% %(name)s %s {name} {0} {} {env:NAME} {env:NAME:default} $(cmd) $1 "
        "@NAME@ __NAME__ <anything> [TOKEN] %3Ctoken%3E xxxx XXXX **** .... ---- ____ 0000 %2A%2A%2A *** [REDACTED] token "
        "Password PASSWD pass pwd secret key apikey api_key api-key user username yourtoken your_password my_token mykey "
        "example dummy changeme change-me placeholder redacted personal-access-token pat here insert foo bar "
        "insert-token-here GITHUB_TOKEN CI_JOB_TOKEN ${A}${B} ${A}-${B} $A-$B token-${ENV}".split(),
        "",
        "{{ token }}",
        "${{ secrets.TOKEN }}",
        "$(System.AccessToken)",
        "<your personal access token>",
        "personal access token",
        "\N{HORIZONTAL ELLIPSIS}",
        "gh" + "p_xxxx",
        "gh" + "p_your_token_here",
        "gl" + "pat-XXXXXXXX",
        "github" + "_pat_...",
        "py" + "pi-<token>",
        "py" + "pi-AgEIcHlwaS5vcmcxxxxxxxx",
        "h" + "f_${TOKEN}",
        "gh" + "p_%3Ctoken%3E",
    ],
)
def test_placeholder(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        "ab$cd12",
        "pa$$word$1",
        "s3cr3t",
        "password123!",
        "h0rse-Battery",
        "correct-horse-battery-staple",
        "tokenizer9",
        "mydog",
        "yours3cret99",
        "your-s3cret99",
        "100%sure%",
        "ab%20cd%20",
        "{half",
        "x1y2z3",
        "h0rseBattery${SUFFIX}staple",
        "test",
        "admin",
        GITHUB,
        GITLAB_ROUTABLE,
        OPAQUE,
        UUID,
        noise(40, HEX),
    ],
)
def test_not_a_placeholder(value: str) -> None:
    assert not is_placeholder(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${TOKEN}", [(0, 8, "TOKEN", "braced")]),
        ("a${x1}b", [(1, 6, "x1", "braced")]),
        ("${NAME:-none}", [(0, 13, "NAME:-none", "braced")]),
        ("$TOKEN", [(0, 6, "TOKEN", "bare")]),
        ("https://$USER:$PASS@h", [(8, 13, "USER", "bare"), (14, 19, "PASS", "bare")]),
        ("$A$B", [(0, 2, "A", "bare"), (2, 4, "B", "bare")]),
        ("${A}$B", [(0, 4, "A", "braced"), (4, 6, "B", "bare")]),
        ("%TOKEN%", [(0, 7, "TOKEN", "percent")]),
        ("%ACCESS_TOKEN%", [(0, 14, "ACCESS_TOKEN", "percent")]),
        ("%20%PW%", [(3, 7, "PW", "percent")]),
        ("{env:TOKEN}", [(0, 11, "TOKEN", "env")]),
        ("{env:TOKEN:none}", [(0, 16, "TOKEN", "env")]),
        ("${env:TOKEN}", [(0, 12, "env:TOKEN", "braced")]),
        ("%U%:${P}@{env:H}", [(0, 3, "U", "percent"), (4, 8, "P", "braced"), (9, 16, "H", "env")]),
        ("ab$cd12", []),
        ("$$NAME", []),
        (r"\$NAME", []),
        ("$1 $ $(cmd)", []),
        ("${{ secrets.X }}", []),
        ("{{ x }} {name} <token>", []),
        ("caf%C3%A9", []),
        ("a%20b%20c", []),
        ("plain", []),
        ("", []),
    ],
)
def test_variables(value: str, expected: list[tuple[int, int, str, str]]) -> None:
    found = variables(value)
    assert found == expected
    assert [(item.start, item.end, item.name, item.syntax) for item in found] == expected


# --- redaction ---


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://pypi.org/simple", "https://pypi.org/simple"),
        ("git+ssh://git@github.com/o/r.git@v1", "git+ssh://git@github.com/o/r.git@v1"),
        ("git+ssh://git@host:r.git@v1", "git+ssh://git@host:r.git@v1"),
        ("https://jdoe@bitbucket.org/o/r", "https://jdoe@bitbucket.org/o/r"),
        ("https://jdoe:h0rse-Battery@h/x", "https://jdoe:****@h/x"),
        ("https://user:pass@h/x", "https://user:****@h/x"),
        ("https://user:pw@h/x", "https://user:****@h/x"),
        ("http://admin:admin@localhost/x", "http://admin:****@localhost/x"),
        ("https://user:****@h/x", "https://user:****@h/x"),
        ("https://${USER}:${PASS}@h/x", "https://${USER}:${PASS}@h/x"),
        ("https://{env:USER}:{env:PASS}@h/x", "https://{env:USER}:{env:PASS}@h/x"),
        ("https://<user>:<token>@h/x", "https://<user>:<token>@h/x"),
        ("https://{{ token }}@h/x", "https://{{ token }}@h/x"),
        (f"https://{GITHUB}@github.com/o/r", f"https://{GITHUB[:4]}****@github.com/o/r"),
        (f"https://{GITHUB}:x-oauth-basic@github.com/o/r", f"https://{GITHUB[:4]}****:x-oauth-basic@github.com/o/r"),
        (f"https://u:{GITLAB_ROUTABLE}@gitlab.com/", f"https://u:{GITLAB_ROUTABLE[:6]}****@gitlab.com/"),
        (f"https://conda.anaconda.org/t/{TK}/acme", "https://conda.anaconda.org/t/****/acme"),
        ("https://h/x?token=tr0mbone&a=b#c", "https://h/x?token=****&a=b#c"),
        ("https://p/https://a:b@h/", "https://p/https://a:****@h/"),
        ("git@github.com:o/r.git", "git@github.com:o/r.git"),
        ("", ""),
        ("not a url", "not a url"),
    ],
)
def test_redact_url(url: str, expected: str) -> None:
    assert redact_url(url) == expected
    assert redact_url(expected) == expected


# --- the class ---


def test_credentials_are_equal_by_value_and_can_be_hashed() -> None:
    text = f"https://u:{GITHUB}@github.com/o/r # {GITLAB}"
    once, twice = find(text), find(text)
    assert once == twice
    assert once[0] != once[1]
    assert once[0] != "something else"
    assert len({*once, *twice}) == 2


def test_repr_names_the_fields() -> None:
    shown = repr(find("https://u:h0rse-Battery@h.de/x")[0])
    assert shown.startswith("Credential(")
    assert "h0rse" not in shown
    for field in Credential.__slots__:
        assert f"{field}=" in shown


# --- laws ---

ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("abA01:/@?#&=%$.-_*<>[]{}() \t\r\n\"'`\\\u2028\x85\u00e9\ud800")), st.characters()
    )
)
PIECES = st.sampled_from(
    [
        *"https:// http:// git+ssh:// :// @ : / ? # & = /t/ . , ; % $ ${ } {{ }} < > [ ] ( ) %( )s $( * ** ***".split(),
        *"x-oauth-basic x-auth-token gitlab-ci-token git oauth2 token= sig= api_key= github.com conda.io".split(),
        *("pypi.fury.io", "dl.cloudsmith.io", "localhost", "h0rse-Battery", "tr0mbone", "foo", "%41", "%2A", "\\n"),
        *(" ", "\n", '"', "'", "\u2028", "a", "B", "9", "_", "-", "x", "é", "sha256:", "noarch/"),
        *(GITHUB, GITHUB[:4], GITHUB[:20], GITLAB_ROUTABLE, GITLAB_ROUTABLE[:6], GITHUB_STATELESS, BITBUCKET, "eyJ"),
        *(AZURE, AZURE_OLD, PYPI, HUGGING_FACE, json_web_token(), TK, OPAQUE, GITHUB_OLD, UUID),
    ]
)
COMPOSED = st.lists(PIECES, max_size=14).map("".join)


@given(st.one_of(ANY_TEXT, COMPOSED))
@settings(max_examples=500, deadline=None)
def test_laws_of_any_text(text: str) -> None:
    found = find(text)
    for credential in found:
        assert 0 <= credential.start < credential.end <= len(text)
        assert 0 <= credential.public < credential.end - credential.start
        assert credential.url is None or credential.url[0] <= credential.start < credential.end <= credential.url[1]
        if credential.removal is not None:
            assert credential.removal[0] <= credential.start < credential.end <= credential.removal[1]
        assert set(credential.variable) <= set(string.ascii_uppercase + string.digits + "_")
        assert credential.kind in ("token", "password", "channel-token")
        assert credential.place in ("user", "password", "path", "query", "text")
    assert all(first.end <= second.start for first, second in itertools.pairwise(found))
    hidden = mask(text)
    assert len(hidden) == len(text)
    assert len(hidden.splitlines()) == len(text.splitlines())
    assert mask(hidden) == hidden
    assert find(hidden) == []
    for credential in found:
        assert set(hidden[credential.start + credential.public : credential.end]) == {"*"}
    redact_url(text)
    is_placeholder(text)
    for item in variables(text):
        assert item.name in text[item.start : item.end]


TOKENS = st.one_of(
    st.tuples(st.sampled_from(["gh" + "p_", "gh" + "o_", "np" + "m_"]), st.text(ALNUM, min_size=36, max_size=90)),
    st.tuples(st.just("gl" + "pat-"), st.text(WORD, min_size=20, max_size=100)),
    st.tuples(st.just("github" + "_pat_"), st.text(ALNUM + "_", min_size=82, max_size=82)),
    st.tuples(st.just("py" + "pi-"), st.text(WORD, min_size=60, max_size=200).map("AgEIcHlwaS5vcmc".__add__)),
).filter(lambda token: len(set(token[1][:36])) > 20)
FRAMES = st.sampled_from(
    [
        "# {}",
        "https://{}@github.com/o/r",
        "https://u:{}@pypi.acme.com/",
        "https://h.de/t/{}/noarch",
        "https://h.de/?token={}&a=b",
        "https://h.de/a/{}/b",
        '"{}",',
        "x={};",
        "`{}`",
        "https://h.de/ {}",
    ]
)


@given(FRAMES, TOKENS)
@settings(max_examples=300, deadline=None)
def test_nothing_of_a_token_but_its_prefix_is_shown(frame: str, token: tuple[str, str]) -> None:
    prefix, body = token
    text = frame.format(prefix + body)
    for shown in (mask(text), redact_url(text), repr(find(text))):
        for index in range(len(body) - 8):
            assert body[index : index + 8] not in shown


@given(st.text(ALNUM + "!$+,;=@:~.", min_size=3, max_size=40), st.sampled_from(["https", "ssh", "git+https", "redis"]))
@settings(max_examples=300, deadline=None)
def test_a_literal_password_is_masked_whole(password: str, scheme: str) -> None:
    text = f"{scheme}://jdoe:{password}@pypi.acme.com/simple"
    if is_placeholder(password):
        assert mask(text) == text
    else:
        assert mask(text) == f"{scheme}://jdoe:{'*' * len(password)}@pypi.acme.com/simple"


# --- speed and start-up ---

LONG = 400_000


@pytest.mark.parametrize(
    "unit",
    [
        "://", "://a@", "https://", "https://{", "${{", "$(", "<", "%(", "[a", "@", "/t/", "/t/ab12cd34", "&token=abcdefg",
        "eyJ", "eyJaaaaaaaaa-", "eyJ.", "gl" + "pat-", "gh" + "p_", "AZ" + "DO", "ya" + "29.", "a", "aB3", "-", ")", "()",
        "https://u:h0rse-Battery@h/ ", GITHUB + "/", "your-", "%41", "\n", "é",
    ],
)  # fmt: skip
@pytest.mark.parametrize("head", ["", "https://u:", "https://h/?token=", "https://h/t/", "gh" + "s_"])
def test_time_grows_with_length_only(head: str, unit: str) -> None:
    text = head + unit * (LONG // len(unit))
    start = time.process_time()
    find(text)
    assert time.process_time() - start < 8  # seconds; it takes one at most, and minutes if it is quadratic


def test_a_line_of_five_megabytes() -> None:
    text = "x" * 2_500_000 + f" https://u:{GITHUB}@github.com/ " + "y" * 2_500_000
    (credential,) = find(text)
    assert text[credential.start : credential.end] == GITHUB
    assert len(mask(text)) == len(text)


@pytest.mark.parametrize("filling", [0, 20_000], ids=["short", "long"])
@pytest.mark.parametrize(
    "secret", [GITHUB, GITLAB_DEPLOY, PYPI, NPM, PREFIX, JFROG, AZURE, HUGGING_FACE, GOOGLE, JWE, JFROG_REFERENCE]
)
def test_the_way_of_searching_makes_no_difference(secret: str, filling: int) -> None:
    text = "requests==2.31.0\n" * (filling // 17) + f"# {secret}"
    (credential,) = find(text)
    assert text[credential.start : credential.end] == secret


def test_clean_lines_cost_next_to_nothing() -> None:
    text = "typing_extensions==4.8.0 ; python_version < '3.12'  # why\n" * 5_000
    find(text)
    start = time.process_time()
    assert find(text) == []
    assert time.process_time() - start < 0.05


def test_import_loads_nothing_but_re() -> None:
    path = Path(credentials.__file__)
    program = (
        "import sys, re\n"
        "before = set(sys.modules)\n"
        "from importlib import util\n"
        "before |= set(sys.modules)\n"
        f"spec = util.spec_from_file_location('credentials', {str(path)!r})\n"
        "spec.loader.exec_module(util.module_from_spec(spec))\n"
        "print(sorted(set(sys.modules) - before))\n"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert loaded.stdout.strip() in ("[]", "['__future__']")


# --- strangers' files ---

CORPUS = Path(os.environ.get("REQLINT_CORPUS") or Path(__file__).parents[2] / "shared" / "corpus")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_nothing_is_found_in_the_files_of_strangers() -> None:
    found = []
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
            found += [(path, item) for item in find(text)]
    assert found == []

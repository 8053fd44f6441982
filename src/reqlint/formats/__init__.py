"""The formats: which file names belong to which, and the module that reads each.

A format is one module here with a function ``read(source, role) -> Manifest`` and one row in ``FORMATS``. The row is apart
from the module so that a run imports only the readers of the files it meets: start-up is part of every commit.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from reqlint.model import Manifest, Role
    from reqlint.source import Source

    Read = Callable[[Source, Role | None], Manifest]


def _tail(pattern: str) -> str:
    """The plain text that everything ends with that a pattern matches, which is asked faster; "" where it cannot be told."""
    if not pattern.endswith("$"):
        return ""
    begin = len(pattern) - 1
    while begin and (pattern[begin - 1].isalnum() or pattern[begin - 2 : begin] == r"\."):
        begin -= 1 if pattern[begin - 1].isalnum() else 2
    if begin and pattern[begin - 1] == "\\":  # the letter behind it stands for others
        begin += 1
    return pattern[begin:-1].replace("\\", "")


class Format:
    """One kind of manifest: its ``name``, the ``pattern`` of its paths (with ``/``), and the ``module`` that reads it.

    ``signs``: byte strings of which one at least is in every such file, where the name says little (any ``.py`` file): a
    file without one is passed over in silence, and never decoded.
    """

    __slots__ = ("_compiled", "_tail", "declared_encoding", "module", "name", "pattern", "signs")

    def __init__(
        self,
        name: str,
        pattern: str,
        module: str,
        *,
        declared_encoding: bool = False,
        signs: tuple[bytes, ...] = (),
    ) -> None:
        """``declared_encoding``: whether the file may declare its encoding as Python source does (PEP 263)."""
        self.signs = signs
        self.name = name
        self.pattern = pattern
        self.module = module
        self.declared_encoding = declared_encoding
        self._compiled: re.Pattern[str] | None = None
        self._tail = _tail(pattern)

    def matches(self, path: str) -> bool:
        """Whether a path with forward slashes is one of this format by its name."""
        if not path.endswith(self._tail):
            return False
        if self._compiled is None:
            self._compiled = re.compile(self.pattern)
        return self._compiled.search(path) is not None

    @property
    def describes_project(self) -> bool:
        """Whether the project's own metadata may stand in it, so that its role is told by more than the file."""
        return self.name in ("pyproject.toml", "setup.py", "setup.cfg")

    def may_be(self, data: bytes) -> bool:
        """Whether the content can be that of such a file."""
        return not self.signs or any(sign in data for sign in self.signs)

    def reader(self) -> ModuleType:
        """The module that reads it, imported now if it was not."""
        from importlib import import_module

        return import_module(f"reqlint.formats.{self.module}")


#: Of which one is in every script that installs a package.
SHELL_SIGNS = (b"pip", b"conda", b"mamba", b"uv ", b'uv"', b"uvx")
_REQUIREMENTS = (
    r"(?i:(?:^|/)(?:(?:[^/]*[-_.])?requirements?(?:[-_.\d][^/]*)?\.(?:txt|in|pip)"
    r"|(?:[^/]*[-_.])?constraints?(?:[-_.\d][^/]*)?\.(?:txt|in)"
    r"|requirements(?:\.d)?/(?:[^/]+/)?[^/]+\.(?:txt|in|pip)|pip-packages[^/]*\.txt)$)"
)

# Wide, since such files go by many names: their readers leave alone what is none by its content.
_ENVIRONMENT = (
    r"(?i:(?:^|/)(?:[^/]*environment[^/]*|(?:[^/]*[-_.])?envs?(?:[-_.\d][^/]*)?|[^/]*conda[-_]?env[^/]*"
    r"|conda(?![-_]lock)(?:[-_.][^/]*)?|env(?:s|ironments)/[^/]+)\.ya?ml$)"
)
_CONDA_PACKAGES = (
    r"(?i:(?:^|/)(?:conda[-_]packages?[^/]*|(?:conda[-_])?(?:spec[-_]?file|explicit)(?:[-_.][^/]*)?)\.txt$)"
)
_DOCKERFILE = (
    r"(?:^|/)(?:(?i:dockerfile|containerfile)(?:[-_.](?![^/]*\.?(?i:py|pyc|md|rst|txt|js|ts|go|rs|json|ya?ml|html|lock|sh|orig|bak)$)[^/]*)?"
    r"|[^/]+\.(?i:dockerfile|containerfile))$"
)
_PLATFORM = r"(?:^|/)(?:\.platform\.app\.ya?ml|\.platform/applications\.ya?ml|\.upsun/[^/]+\.ya?ml)$"

_LOCK = (
    r"(?:^|/)(?:(?:poetry|uv|pixi|Pipfile|pdm(?:\.[^/]+)?|conda-(?:linux|osx|win)[-\w]*)\.lock|pylock(?:\.[^./]+)?\.toml"
    r"|(?:[^/]*[-_.])?conda-lock\.ya?ml)$"
)

FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("requirements.txt", _REQUIREMENTS, "requirements_txt", declared_encoding=True),
        Format("pyproject.toml", r"(?:^|/)pyproject\.toml$", "pyproject_toml"),
        Format("setup.cfg", r"(?:^|/)setup\.cfg$", "setup_cfg"),
        Format("setup.py", r"(?:^|/)setup\.py$", "setup_py", declared_encoding=True),
        Format("Pipfile", r"(?:^|/)Pipfile$", "pipfile"),
        Format("uv.toml", r"(?:^|/)uv\.toml$", "uv_toml"),
        Format("hatch.toml", r"(?:^|/)hatch\.toml$", "hatch_toml"),
        Format("environment.yml", _ENVIRONMENT, "environment_yml"),
        Format("conda-packages.txt", _CONDA_PACKAGES, "conda_packages"),
        Format("pixi.toml", r"(?:^|/)pixi\.toml$", "pixi_toml"),
        Format("tox.ini", r"(?:^|/)tox(?:[-_][^/]*)?\.ini$", "tox_ini"),
        Format("tox.toml", r"(?:^|/)tox\.toml$", "tox_toml"),
        Format("noxfile.py", r"(?:^|/)noxfile\.py$", "noxfile", declared_encoding=True),
        Format(".pre-commit-config.yaml", r"(?:^|/)\.pre-commit-config\.yaml$", "pre_commit_config"),
        Format("cortex.yaml", r"(?i:(?:^|/)cortex[^/]*\.ya?ml$)", "cortex_yaml"),
        Format("Dockerfile", _DOCKERFILE, "dockerfile", signs=SHELL_SIGNS),
        Format(
            "workflow",
            r"(?:^|/)(?:\.(?:github|gitea|forgejo)/workflows/[^/]+|action)\.ya?ml$",
            "github_workflow",
            signs=SHELL_SIGNS,
        ),
        Format("platform.app.yaml", _PLATFORM, "platform_app"),
        Format("nebari-config.yaml", r"(?:^|/)(?:nebari|qhub)-config[^/]*\.ya?ml$", "nebari_config"),
        Format("shell script", r"(?:^|/)dependencies\.sh$", "shell_script", signs=SHELL_SIGNS),
        Format("lock file", _LOCK, "lock_file"),
        # The last one: any file of Python that no format above knows by its name.
        Format(
            "python source",
            r"\.py$",
            "python_source",
            declared_encoding=True,
            signs=(b"metaflow", b"# /// script"),
        ),
    )
}


# Of all the names above, in small letters: most files of a large repository end otherwise, and are told by this at once.
_ENDINGS = (
    ".txt",
    ".in",
    ".pip",
    ".toml",
    ".cfg",
    ".yml",
    ".yaml",
    ".lock",
    ".py",
    "pipfile",
    ".ini",
    "dependencies.sh",
)
_WORDS = ("dockerfile", "containerfile")


def format_of(path: str) -> Format | None:
    """The format of a path by its name; None when it has none."""
    lower = path.lower()
    if not lower.endswith(_ENDINGS) and not any(word in lower for word in _WORDS):
        return None
    path = path.replace("\\", "/")
    if path.rpartition("/")[2] == "requirements.txt":  # the usual name, so that no pattern need be compiled for it
        return FORMATS["requirements.txt"]
    for form in FORMATS.values():
        if form.matches(path):
            return form
    return None

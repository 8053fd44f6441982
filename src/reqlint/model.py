"""What formats yield and rules see: dependencies, their groups, and the manifests that hold them."""

from __future__ import annotations

from reqlint.requirement import normalize, split_vcs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from reqlint.fixes import Fix
    from reqlint.requirement import Constraint, Requirement, Vcs
    from reqlint.source import Source, Span

    Dialect = Literal[
        "pip",
        "pep508",
        "poetry",
        "pipfile",
        "uv",
        "pdm",
        "hatch",
        "pixi",
        "conda",
        "pre-commit",
        "metaflow",
        "platform",
    ]
    Ecosystem = Literal["pypi", "conda"]
    GroupKind = Literal["runtime", "extra", "group", "build", "constraint"]
    IndexKind = Literal["index", "extra-index", "explicit-index", "find-links", "channel"]
    IndexTool = Literal["pip", "poetry", "pipenv", "uv", "pdm", "pixi", "conda"]
    Role = Literal["application", "library", "development", "build", "input", "constraint"]


class Group:
    """Where in a manifest a dependency stands, and what role that gives it (which pinning is asked of it)."""

    __slots__ = ("heads", "kind", "name", "place", "role")

    def __init__(self, kind: GroupKind, role: Role, name: str | None = None) -> None:
        """``name``: of the extra or dependency group; None where there is only one.

        Of a command, ``place`` tells the environment that it installs into (None where that cannot be told), and ``heads`` are
        the offsets at which it, and what holds it, begin: an ignore comment above one of them counts for all of it.
        """
        self.place: str | None = None
        self.heads: tuple[int, ...] = ()
        self.kind = kind
        self.role = role
        self.name = name

    @property
    def label(self) -> str:
        """What people call it: the group's name, else its kind."""
        return self.name or self.kind


class Dependency:
    """One declared requirement with its place.

    ``span``: what to underline, in ``source``; ``entry``: delete this span and exactly this dependency is gone; ``text``:
    the requirement as the tool reads it, equal to ``source.text[span]`` when ``rewritable``; ``parts``: the parsed
    requirement, whose spans lie in ``source`` and are to be used for edits only when ``rewritable``; ``name``: normalized
    (None for a nameless URL or path), ``raw_name``: as written; ``hashes``: how many ``--hash`` it has;
    ``editable``: installed with ``-e``; ``redirected``: whether another table says where it comes from (a path, a
    repository, the workspace), so that its own specifier is not what pins it; ``inline``: whether it is a word among others
    in a command, where neither a line nor a comment can be put behind it; ``scope``: on whose lines an ignore comment counts.
    """

    __slots__ = (
        "_vcs",
        "constraints",
        "dialect",
        "ecosystem",
        "editable",
        "entry",
        "extras",
        "group",
        "hashes",
        "inline",
        "marker",
        "name",
        "parts",
        "raw_name",
        "redirected",
        "rewritable",
        "scope",
        "source",
        "span",
        "text",
        "url",
    )

    def __init__(
        self,
        source: Source,
        span: Span,
        entry: Span,
        text: str,
        parts: Requirement,
        group: Group,
        *,
        dialect: Dialect = "pip",
        ecosystem: Ecosystem = "pypi",
        hashes: int = 0,
        editable: bool = False,
        rewritable: bool = True,
        vcs: Vcs | None = None,
    ) -> None:
        """Take the parts that rules ask for most out of ``parts``."""
        self.source = source
        self.span = span
        self.entry = self.scope = entry
        self.text = text
        self.parts = parts
        self.group = group
        self.dialect = dialect
        self.ecosystem = ecosystem
        self.hashes = hashes
        self.editable = editable
        self.rewritable = rewritable
        raw_name = parts.name
        self.raw_name = raw_name
        self.name = normalize(raw_name) if raw_name is not None and ecosystem == "pypi" else raw_name
        self.extras = parts.extras
        self.constraints: tuple[Constraint, ...] = parts.constraints
        self.marker = parts.marker
        self.url = parts.url
        self.redirected = False
        self.inline = False
        self._vcs: Vcs | bool | None = vcs

    @property
    def kind(self) -> str:
        """``name``, ``url``, ``path`` or ``scp``, as the parser told them apart."""
        return self.parts.kind

    @property
    def vcs(self) -> Vcs | None:
        """The version control reference that the URL is, if it is one."""
        if self._vcs is None:
            if self.url is None or self.parts.url_span is None or self.parts.kind == "path":
                self._vcs = False
            else:
                self._vcs = split_vcs(self.url, self.parts.url_span[0]) or False
        return self._vcs or None  # type: ignore[return-value]

    def can_hold(self, text: str) -> bool:
        """Whether a text may be written into it: a word of a command ends at a blank, and the shell has its own signs."""
        if not self.inline:
            return True
        is_quoted = self.entry[1] > self.span[1]
        return not set(text) & set("\"'`$\\\r\n" if is_quoted else "\"'`$\\\r\n \t<>;|&()#{}?")

    @property
    def specifier(self) -> str:
        """The clauses as written, with commas between them, and ``||`` between alternatives."""
        groups = self.parts.alternatives or (self.constraints,)
        return " || ".join(",".join(part.operator + part.version for part in group) for group in groups)

    @property
    def shown(self) -> str:
        """A name for messages: the raw name, else "this requirement" (a URL could hold a secret)."""
        return f"`{self.raw_name}`" if self.raw_name else "this requirement"

    def __repr__(self) -> str:
        """Show name and place only: the text may hold a secret."""
        return f"<Dependency {self.name} {self.source.path} {self.span}>"


class Problem:
    """A fault that the reader of a format met: data, not an exception, so that it hides nothing else.

    ``rule``: the name of the rule that reports it; the rest is as in a Diagnostic.
    """

    __slots__ = ("fix", "help", "label", "message", "rule", "scope", "span")

    def __init__(
        self,
        rule: str,
        span: Span,
        message: str,
        *,
        label: str = "",
        help: str = "",  # noqa: A002 - as in a Diagnostic
        fix: Fix | None = None,
        scope: Span | None = None,
    ) -> None:
        """Keep the parts."""
        self.rule = rule
        self.span = span
        self.message = message
        self.label = label
        self.help = help
        self.fix = fix
        self.scope = scope or span


class Include:
    """Another file that a manifest names: ``-r`` and ``-c``, ``file:``.

    ``path``: as written; ``kind``: ``requirement`` or ``constraint``; ``span``: of the path; ``entry``: of the whole line;
    ``role``: of what is read there, where the place that names the file gives it one; ``format``: the name of the format
    that it has whatever its own name says, None where that tells.
    """

    __slots__ = ("entry", "format", "kind", "path", "role", "span")

    def __init__(
        self,
        path: str,
        kind: Literal["requirement", "constraint"],
        span: Span,
        entry: Span,
        role: Role | None = None,
        format: str | None = None,  # noqa: A002 - the field's own word
    ) -> None:
        """Keep the parts."""
        self.role = role
        self.format = format
        self.path = path
        self.kind = kind
        self.span = span
        self.entry = entry

    @property
    def remote(self) -> bool:
        """Whether it lies on a server: such a file is never fetched."""
        return self.path.lower().startswith(("http:", "https:", "file:"))


class Stack:
    """Files of different formats that some system installs together, one after the other.

    ``name``: of what they are installed for, where it has one; ``system``: what installs them; ``files``: format -> the path
    of its file, relative to the manifest that says so; ``named``: those of them that the manifest names itself.
    """

    __slots__ = ("files", "name", "named", "system")

    def __init__(self, name: str | None, system: str) -> None:
        """Start empty; a reader fills it in."""
        self.name = name
        self.system = system
        self.files: dict[str, str] = {}
        self.named: list[Include] = []


class Index:
    """A place where packages come from.

    ``kind``: ``index`` (the default one), ``extra-index`` (which may answer for any name), ``explicit-index`` (asked only
    for what names it), ``find-links`` or ``channel``; ``url`` as written and its ``span``; ``entry``: the span to delete to
    be rid of it; ``option``: how the manifest spells it; ``tool``: who reads it; ``name``: what the manifest calls it, where
    the tool has names for indexes.
    """

    __slots__ = ("entry", "kind", "name", "option", "span", "tool", "url")

    def __init__(
        self,
        kind: IndexKind,
        url: str,
        span: Span,
        entry: Span,
        option: str,
        *,
        tool: IndexTool = "pip",
        name: str | None = None,
    ) -> None:
        """Keep the parts."""
        self.tool = tool
        self.name = name
        self.kind = kind
        self.url = url
        self.span = span
        self.entry = entry
        self.option = option


class Setting:
    """Something that a manifest says of the installation as a whole.

    ``kind``: ``trusted-host``, ``pre-releases``, ``require-hashes``, ``no-index``; ``value``: as written, or "".
    """

    __slots__ = ("entry", "kind", "option", "span", "value")

    def __init__(self, kind: str, value: str, span: Span, entry: Span, option: str) -> None:
        """Keep the parts."""
        self.kind = kind
        self.value = value
        self.span = span
        self.entry = entry
        self.option = option


class Manifest:
    """What one file declares, in file order."""

    __slots__ = (
        "blocks",
        "dependencies",
        "foreign",
        "format",
        "includes",
        "indexes",
        "problems",
        "publishable",
        "python",
        "reason",
        "role",
        "settings",
        "source",
        "stacks",
    )

    def __init__(self, source: Source, format: str, role: Role) -> None:  # noqa: A002 - the field's own word
        """Start empty; the format's reader fills it in."""
        self.source = source
        self.format = format
        self.role = role
        self.reason = "by its format"  # for the role, in words
        self.dependencies: list[Dependency] = []
        self.problems: list[Problem] = []
        self.includes: list[Include] = []
        self.stacks: list[Stack] = []
        self.indexes: list[Index] = []
        self.settings: list[Setting] = []
        self.publishable = False  # whether a distribution is built from it that may be meant for an index
        self.python: str | None = (
            None  # the versions of Python that it is for, by PEP 440 (``>=3.9``), where it says so
        )
        self.foreign = False  # whether it only has the name of its format, and is none of our business
        self.blocks: Sequence[tuple[int, int]] = ()
        """Runs of dependencies that may be reordered among themselves, as half-open ranges of their indexes."""

    @property
    def named_files(self) -> list[Include]:
        """All other files that it names: those that it includes, and those that are installed together by its word."""
        return [*self.includes, *(include for stack in self.stacks for include in stack.named)]

    @property
    def path(self) -> str:
        """Where the file is."""
        return self.source.path

    def __repr__(self) -> str:
        """Name the file."""
        return f"<Manifest {self.path} ({self.format})>"

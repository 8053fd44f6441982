"""One requirement's text, split into parts that know their places.

``packaging`` says whether a requirement is valid and what it means, but not where its parts stand; this module does, for
the grammar of PEP 508 (as packaging reads it) and for what pip adds in requirements files: paths, archives, wheels and
nameless URLs. Sources: PEP 440, PEP 508, and pip's documentation of the requirements file format.

All spans are half-open ranges of 0-based code-point offsets, shifted by the ``base`` that the caller gives.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.source import Span

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?"
_HEAD = re.compile(rf"[ \t]*({_NAME})(?![A-Za-z0-9_])[ \t]*(?:\[([^\]]*)\])?[ \t]*")
_EXTRAS = re.compile(rf"[ \t]*(?:{_NAME}[ \t]*(?:,[ \t]*{_NAME}[ \t]*)*)?")
_CONSTRAINT = re.compile(r"(===)\s*([^\s,;)]*)|(==|~=|!=|<=|>=|<|>)\s*((?:\$\{[^}]{0,200}\}|[^\s,;()])++)")
_VARIABLE = re.compile(r"\$\{[^}]{0,200}\}")
_PIP_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")

# What most lines are: a name, and perhaps one clause with a plain release.
_PLAIN = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)(?:([=!~<>]=|[<>])([0-9]+(?:\.[0-9]+)+))?", re.ASCII)

# PEP 440, appendix B, as packaging's specifiers read it: a suffix of the release.
_SUFFIX = (
    r"(?:[-_.]?(?:alpha|beta|preview|pre|a|b|c|rc)[-_.]?[0-9]*)?"
    r"(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?(?:[-_.]?dev[-_.]?[0-9]*)?"
)
_LOCAL = r"(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?"
_RELEASE = r"v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*"

_MARKER_VARIABLE = (
    r"(?:python_version|python_full_version|os[._]name|sys[._]platform|platform_(?:release|system)"
    r"|platform[._](?:version|machine|python_implementation)|python_implementation|implementation_(?:name|version)|extra)"
)
_MARKER_VARIABLES = frozenset(
    "python_version python_full_version os_name os.name sys_platform sys.platform platform_release platform_system "
    "platform_version platform.version platform_machine platform.machine platform_python_implementation "
    "platform.python_implementation python_implementation implementation_name implementation_version extra".split()
)
_QUOTED = r"""(?:'[^'\\]*'|"[^"\\]*")"""
_COMPARISON = r"(?:===|==|~=|!=|<=|>=|<|>|\bin\b|\bnot[ \t]+in\b)"
_CLAUSE = (
    rf"(?:\b{_MARKER_VARIABLE}\b[ \t]*{_COMPARISON}[ \t]*{_QUOTED}"
    rf"|{_QUOTED}[ \t]*{_COMPARISON}[ \t]*\b{_MARKER_VARIABLE}\b)"
)

ARCHIVE_ENDINGS = (
    ".zip", ".whl", ".tar.bz2", ".tbz", ".tar.gz", ".tgz", ".tar", ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma",
)  # fmt: skip

#: The URL schemes that pip takes for a URL requirement (its ``is_url``): plain ones and those of the four VCS.
URL_SCHEMES = frozenset(
    "http https ftp file "
    "git+http git+https git+ssh git+git git+file "
    "hg+file hg+http hg+https hg+ssh hg+static-http "
    "svn+ssh svn+http svn+https svn+svn svn+file "
    "bzr+http bzr+https bzr+ssh bzr+sftp bzr+ftp bzr+lp bzr+file".split()
)
_VCS_SCHEMES = frozenset(scheme for scheme in URL_SCHEMES if "+" in scheme)

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_DRIVE = re.compile(r"[a-zA-Z]:[\\/]")
_SCP = re.compile(r"(?:(?:git|hg|svn|bzr)\+)?[\w.-]+@(?!file:)[\w.-]+:(?!//)[^\s/]")

_SOURCES = {
    "equal": (rf"{_RELEASE}(?:\.\*|{_SUFFIX}{_LOCAL})", re.IGNORECASE | re.ASCII),
    "compatible": (rf"v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)+{_SUFFIX}", re.IGNORECASE | re.ASCII),
    "ordered": (rf"{_RELEASE}{_SUFFIX}", re.IGNORECASE | re.ASCII),
    "legacy": (r"[0-9][a-z0-9._+!*-]{0,50}", re.IGNORECASE | re.ASCII),
    "clause": (
        (
            rf"(?:\b([a-z_.]+)\b[ \t]*{_COMPARISON}[ \t]*{_QUOTED}|{_QUOTED}[ \t]*{_COMPARISON}[ \t]*\b([a-z_.]+)\b)"
            r"(?:[ \t]*\b(and|or)\b[ \t]*)?"
        ),
        re.ASCII,
    ),
    "unquoted": (rf"{_MARKER_VARIABLE}\s*{_COMPARISON}\s*[\w.]+", re.IGNORECASE | re.ASCII),
    "egg": (r"[#&]egg=([^&]*)", 0),
    "egg name": (r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?", 0),
    "tag": (
        r"(?:refs/tags/|tags/)?(?:[a-z][a-z0-9]*[-_/])*(?:v|r|ver|version|release|rel)?[-_.]?[0-9]+(?:[._-][0-9a-z]+)+",
        re.IGNORECASE | re.ASCII,
    ),
    "plain tag": (r"v[0-9]+", re.IGNORECASE | re.ASCII),
}
_compiled: dict[str, re.Pattern[str]] = {}


def _pattern(name: str) -> re.Pattern[str]:
    """A pattern, compiled when it is first needed: most files need few of them."""
    compiled = _compiled.get(name)
    if compiled is None:
        compiled = _compiled[name] = re.compile(*_SOURCES[name])
    return compiled


class InvalidRequirementError(ValueError):
    """The text is no requirement in this dialect.

    ``reason``: what is wrong, in words that follow the text; ``span``: where, relative to the text.
    """

    def __init__(self, reason: str, start: int, end: int) -> None:
        """Keep the reason and the 0-based half-open span of the fault."""
        super().__init__(reason)
        self.reason = reason
        self.span: Span = (start, end)


class Constraint:
    """One clause of a specifier: ``operator``, ``version`` as written, and their spans.

    ``templated`` is true when the version is a variable, so that nothing can be said of it; ``clauses`` is what the clause
    means in the terms of PEP 440, as pairs of operator and version that all hold (``^1.2`` is ``>=1.2`` and ``<2``), or
    None when PEP 440 cannot say it.
    """

    __slots__ = ("_clauses", "operator", "span", "templated", "version", "version_span")

    def __init__(
        self,
        operator: str,
        version: str,
        span: Span,
        version_span: Span,
        *,
        templated: bool = False,
        clauses: tuple[tuple[str, str], ...] | None = (),
    ) -> None:
        """Keep the parts; without ``clauses`` the clause is one of PEP 440 already."""
        self.operator = operator
        self.version = version
        self.span = span
        self.version_span = version_span
        self.templated = templated
        self._clauses = clauses

    @property
    def clauses(self) -> tuple[tuple[str, str], ...] | None:
        """What the clause means in the terms of PEP 440; None when PEP 440 cannot say it."""
        return ((self.operator, self.version),) if self._clauses == () else self._clauses

    def __repr__(self) -> str:
        """Show the clause as it would be written."""
        return f"<Constraint {self.operator}{self.version}>"


class Vcs:
    """A version control reference, split as pip splits it.

    ``scheme``: ``git``, ``hg``, ``svn`` or ``bzr``; ``transport``: what follows the ``+`` (``https``, ``ssh``, ...);
    ``repository``: the URL without the ``git+``, ref and fragment; ``ref``: tag, branch or commit as written, or None;
    ``ref_kind``: ``commit``, ``tag``, ``branch``, ``unknown`` (what cannot be told from the text alone), or None without
    a ref; ``slot`` and ``slot_format``: the span to replace in order to write another ref, and what to write around it;
    ``scp``: whether the URL is of the ``git@host:path`` form in a place that does not take it.
    """

    __slots__ = (
        "ref",
        "ref_kind",
        "ref_span",
        "repository",
        "repository_span",
        "scheme",
        "scp",
        "slot",
        "slot_format",
        "subdirectory",
        "transport",
    )

    def __init__(
        self,
        scheme: str,
        transport: str,
        repository: str,
        repository_span: Span,
        ref: str | None,
        ref_span: Span | None,
        subdirectory: str | None = None,
        *,
        ref_kind: str | None = None,
        scp: bool = False,
        slot: tuple[Span, str] | None = None,
    ) -> None:
        """Keep the parts; ``ref_kind`` is worked out from the ref, and the slot is that of ``url@ref``, when not given."""
        self.scheme = scheme
        self.transport = transport
        self.repository = repository
        self.repository_span = repository_span
        self.ref = ref
        self.ref_span = ref_span
        self.subdirectory = subdirectory
        self.ref_kind = ref_kind or (kind_of_ref(scheme, ref) if ref is not None else None)
        self.scp = scp
        if slot is not None:
            self.slot, self.slot_format = slot
        elif ref_span is not None:
            self.slot, self.slot_format = ref_span, "{}"
        else:
            self.slot, self.slot_format = (repository_span[1], repository_span[1]), "@{}"


class Requirement:
    """The parts of one requirement. A part that is not there is None (or empty), and so is its span.

    ``kind``: ``name`` (a name, maybe with a specifier), ``url`` (a direct reference, with or without a name), ``path`` (a
    local directory or archive), or ``scp`` (a ``git@host:path`` that no tool takes).

    ``constraints``: all clauses as written; ``alternatives``: the same in groups of which one must hold (``>=1,<2 || >=3``
    has two), empty when all must hold. ``slot``: the span to replace in order to write another specifier, with
    ``slot_format`` around what is written (``{}`` is the specifier); None where the dialect's usual place is meant.
    ``build`` and ``channel`` are conda's.
    """

    __slots__ = (
        "alternatives",
        "build",
        "build_span",
        "channel",
        "channel_span",
        "constraints",
        "egg_span",
        "extras",
        "extras_span",
        "kind",
        "marker",
        "marker_span",
        "name",
        "name_span",
        "slot",
        "slot_format",
        "specifier_span",
        "url",
        "url_span",
    )

    def __init__(self, kind: str, name: str | None = None, name_span: Span | None = None) -> None:
        """Start with nothing but a kind and perhaps a name; the parser fills in the rest."""
        self.kind = kind
        self.name = name
        self.name_span = name_span
        self.extras: tuple[str, ...] = ()
        self.extras_span: Span | None = None
        self.constraints: tuple[Constraint, ...] = ()
        self.alternatives: tuple[tuple[Constraint, ...], ...] = ()
        self.slot: Span | None = None
        self.slot_format = "{}"
        self.build: str | None = None
        self.build_span: Span | None = None
        self.channel: str | None = None
        self.channel_span: Span | None = None
        self.specifier_span: Span | None = None  # from the first clause to the end of the last, without parentheses
        self.url: str | None = None
        self.url_span: Span | None = None
        self.egg_span: Span | None = None  # the value of "#egg="
        self.marker: str | None = None
        self.marker_span: Span | None = None


def normalize(name: str) -> str:
    """The normalized form of a project name (PEP 503).

    >>> normalize("Zope.Interface__x")
    'zope-interface-x'
    """
    name = name.lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name


def parse_pep508(text: str, base: int = 0) -> Requirement:
    """Split a dependency specifier (PEP 508); raises InvalidRequirementError where packaging would refuse it."""
    return _parse(text, base, strict=True, pip=False)


def parse_pip(text: str, base: int = 0) -> Requirement:
    """Split what a line of a requirements file asks for, options and comments already taken away.

    A requirement by name or ``name @ url``, a URL, a local path or an archive: told apart as pip does it, but without
    looking at the disk, so that a text with a path separator is a path. Raises InvalidRequirementError.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None and (plain[2] is not None or not is_archive(text)):
        return _parse_plain(plain, base)
    scheme = url_scheme(text)
    if scheme in URL_SCHEMES:
        return _parse_url(text, base)
    if _SCP.match(text):
        return _parse_scp(text, base)
    body = text.partition(";")[0].rstrip()
    direct = _is_direct_reference(body)
    if body.endswith("]"):
        _check_last_extras(body)
    if ("/" in body or "\\" in body or body.startswith(".") or is_archive(body)) and not direct:
        _check_path(body, scheme)
        return _parse_path(text, body, base)
    requirement = _parse(text, base, strict=False, pip=True)
    if direct and body.endswith("]"):  # pip reads the end of the URL as extras
        _, extras = _split_extras(body)
        requirement.extras = extras or requirement.extras
    return requirement


def parse_editable(value: str, base: int = 0) -> Requirement:
    """Split the value of ``-e``: a path, a VCS URL, or ``name @ url``; raises InvalidRequirementError."""
    if _SCP.match(value):
        return _parse_scp(value, base)
    if _is_direct_reference(value):
        requirement = _parse(value, base, strict=True, pip=True)
        url = requirement.url or ""
        if url_scheme(url) not in _VCS_SCHEMES and not url.startswith("file:"):
            start = value.index(url)
            raise InvalidRequirementError(_NOT_EDITABLE, start, start + len(url))
        return requirement
    scheme = url_scheme(value)
    if scheme in ("git", "svn") or scheme in _VCS_SCHEMES:  # pip reads `git:` as `git+git:`, and so on
        requirement = Requirement("url")
        _take_url(requirement, value, base)
        if requirement.name is None:
            reason = "an editable version control URL needs a name: end it with `#egg=name`"
            raise InvalidRequirementError(reason, 0, len(value))
        return requirement
    if value.startswith("file:"):
        requirement = Requirement("url")
        if value.endswith("]"):
            _check_last_extras(value)
        _take_url(requirement, _take_last_extras(requirement, value, base), base)
        return requirement
    if not value.strip() or scheme in URL_SCHEMES:
        raise InvalidRequirementError(_NOT_EDITABLE, 0, len(value))
    if ";" in value:
        reason = "a marker may only follow `name @ url` here"
        raise InvalidRequirementError(reason, value.index(";"), len(value))
    if value.endswith("]"):
        _check_last_extras(value)
    _check_path(value, scheme)
    return _parse_path(value, value, base)


_NOT_EDITABLE = "`-e` takes a local directory or a version control URL"


def url_scheme(text: str) -> str:
    """The lower-case scheme of a text that begins like a URL, else an empty string."""
    match = _SCHEME.match(text)
    return match[1].lower() if match else ""


def is_archive(text: str) -> bool:
    """Whether pip takes this for the name of an archive: it looks at the ending, extras in brackets left out."""
    if text.endswith("]"):
        text = text[: text.rfind("[")].rstrip()
    return text[-9:].lower().endswith(ARCHIVE_ENDINGS)


def _is_direct_reference(text: str) -> bool:
    """Whether the text is ``name @ anything``, so that neither a slash nor an ending makes it a path."""
    head = _HEAD.match(text)
    return head is not None and text.startswith("@", head.end())


def _parse_plain(plain: re.Match[str], base: int) -> Requirement:
    """A name with at most one clause that is surely valid."""
    requirement = Requirement("name", plain[1], (base, base + plain.end(1)))
    if plain[2] is not None:
        span = (base + plain.end(1), base + plain.end())
        version = (base + plain.start(3), base + plain.end())
        requirement.constraints = (Constraint(plain[2], plain[3], span, version),)
        requirement.specifier_span = span
    return requirement


def _check_last_extras(body: str) -> None:
    """Brackets at the end of anything but a URL are extras to pip, which stops where they hold something else."""
    start = body.rfind("[")
    if start > 0 and start + 2 < len(body) and not _EXTRAS.fullmatch(body, start + 1, len(body) - 1):
        reason = "extras are names with commas between them: `name[a,b]`"
        raise InvalidRequirementError(reason, start, len(body))


def _check_path(body: str, scheme: str) -> None:
    """Refuse what has a separator and yet is no path: a URL that pip does not know, a sentence with a link, an operator."""
    if body[0] in "<>=!^*|&(),'\"`":
        raise InvalidRequirementError("a requirement begins with a package name", 0, len(body))
    if ":" not in body or body.startswith((".", "/", "\\", "~", "$")) or _DRIVE.match(body):
        return
    if scheme in ("git", "hg", "svn", "bzr", "ssh"):
        prefix = "git" if scheme == "ssh" else scheme
        reason = f"a repository's URL begins with `{prefix}+`: `{prefix}+ssh://` or `{prefix}+https://`"
    elif len(scheme) > 1 and body.startswith("//", len(scheme) + 1):
        reason = "pip knows no such kind of URL"
    else:
        reason = "this is neither a name, nor a path, nor a URL"
    raise InvalidRequirementError(reason, 0, len(body))


def _parse(text: str, base: int, *, strict: bool, pip: bool) -> Requirement:
    """Split ``name[extras] specifier ; marker`` or ``name[extras] @ url ; marker``.

    ``strict``: the whole text is to be read as PEP 508 has it; otherwise, as pip reads a line, the marker is cut off at the
    first semicolon before anything else, and an empty one is none. ``pip``: what pip looks at besides counts too.
    """
    head = _HEAD.match(text)
    if head is None:
        raise InvalidRequirementError("a requirement begins with a package name", 0, len(text))
    start, end = head.span(1)
    requirement = Requirement("name", head[1], (base + start, base + end))
    if head[2] is not None:
        _take_extras(requirement, head, base)
    position = head.end()
    size = len(text)
    if position == size:
        return requirement
    if not strict:
        semicolon = text.find(";", position)
        if semicolon >= 0:
            size = semicolon
            while size > position and text[size - 1].isspace():
                size -= 1
            if size == position:
                _take_marker(requirement, text, semicolon, base, strict=False)
                return requirement
    if text[position] == "@":
        position = _take_direct_reference(requirement, text, position, size, base, pip=pip)
    elif text[position] != ";":
        position = _take_specifier(requirement, text, position, size, base, pip=pip)
    _take_marker(requirement, text, position if strict else text.find(";", position), base, strict=strict)
    return requirement


def _take_extras(requirement: Requirement, head: re.Match[str], base: int) -> None:
    """Read ``[a, b]``, which PEP 508 lets be empty."""
    inner = head[2]
    start, end = head.span(2)
    if not _EXTRAS.fullmatch(inner):
        raise InvalidRequirementError("extras are names with commas between them: `name[a,b]`", start - 1, end + 1)
    requirement.extras = tuple(extra.strip() for extra in inner.split(",")) if inner.strip() else ()
    requirement.extras_span = (base + start - 1, base + end + 1)


def _take_direct_reference(
    requirement: Requirement, text: str, position: int, limit: int, base: int, *, pip: bool
) -> int:
    """Read ``@ url``; the URL ends at a blank (PEP 508). Returns where it ends."""
    start = position + 1
    while start < limit and text[start] in " \t":
        start += 1
    end = start
    while end < limit and text[end] not in " \t":
        end += 1
    if start == end:
        raise InvalidRequirementError("a URL must follow the `@`", position, limit)
    requirement.kind = "url"
    _take_url(requirement, text[start:end], base, start, pip=pip)
    after = _skip_blanks(text, end)
    if after < limit and text[after] != ";":
        raise InvalidRequirementError("only a marker may follow the URL: ` ; marker`", after, limit)
    return after


def _take_specifier(requirement: Requirement, text: str, position: int, limit: int, base: int, *, pip: bool) -> int:
    """Read the clauses with commas between them, in parentheses or not. Returns where they end."""
    parenthesis = position if text[position] == "(" else None
    if parenthesis is not None:
        position = _skip_blanks(text, position + 1)
    constraints = []
    while position < limit:
        match = _CONSTRAINT.match(text, position, limit)
        if match is None:
            break
        operator, version = match[1] or match[3], match[2] if match[1] else match[4]
        group = 2 if match[1] else 4
        templated = _check_version(operator, version, match.start(), match.end(), pip=pip)
        start, end = match.span()
        constraint = Constraint(
            operator,
            version,
            (base + start, base + end),
            (base + match.start(group), base + match.end(group)),
            templated=templated,
        )
        constraints.append(constraint)
        position = _skip_blanks(text, end)
        if position >= limit or text[position] != ",":
            break
        comma, position = position, _skip_blanks(text, position + 1)
        if operator == "===" and comma == end and comma + 1 < position < limit and text[position] not in ",;)":
            # To packaging `===1,` is one word, after which a blank ends the list of clauses.
            raise InvalidRequirementError("no blank may follow the comma after `===`", comma, position)
    if constraints:
        requirement.constraints = tuple(constraints)
        requirement.specifier_span = (constraints[0].span[0], constraints[-1].span[1])
    if parenthesis is not None:
        if position >= limit or text[position] != ")":
            raise InvalidRequirementError("the parenthesis is not closed", parenthesis, limit)
        position = _skip_blanks(text, position + 1)
    if position < limit and text[position] != ";":
        _raise_bad_tail(text, position, limit, constraints)
    return position


def _raise_bad_tail(text: str, position: int, limit: int, constraints: list[Constraint]) -> None:
    """Say what the rest of a line should have been."""
    if _CONSTRAINT.match(text, position, limit):
        raise InvalidRequirementError("a comma is missing between the two clauses", position, limit)
    if constraints:
        reason = "what follows the version is neither `, another clause` nor `; marker`"
        raise InvalidRequirementError(reason, position, limit)
    raise InvalidRequirementError("what follows the name is no version specifier", position, limit)


def _check_version(operator: str, version: str, start: int, end: int, *, pip: bool) -> bool:
    """Raise unless PEP 440 allows this version after this operator; true when the version is a variable."""
    bare = version.replace(".", "")
    if bare.isdigit() and bare.isascii() and ".." not in version and version[-1] != "." and version[0] != ".":
        if operator == "~=" and "." not in version:
            raise InvalidRequirementError("`~=` needs at least two parts: `~=1.0`", start, end)
        return False
    if "${" in version and (_PIP_VARIABLE if pip else _VARIABLE).search(version):
        return True
    if operator == "===":
        return False
    if operator in ("==", "!="):
        pattern = _pattern("equal")
    elif operator == "~=":
        pattern = _pattern("compatible")
    else:
        pattern = _pattern("ordered")
    if pattern.fullmatch(version):
        return False
    raise InvalidRequirementError(_version_fault(operator, version), start, end)


def _version_fault(operator: str, version: str) -> str:
    """Why PEP 440 refuses the version after the operator."""
    if version.endswith(".*"):
        if operator in ("==", "!="):
            return "`.*` may only follow a plain release: `==1.2.*`"
        return f"`.*` may only follow `==` or `!=`; pip dropped it behind `{operator}` in 24.1"
    if "+" in version and operator not in ("==", "!="):
        return "a local version (`+...`) may only follow `==` or `!=`"
    if operator == "~=" and "." not in version:
        return "`~=` needs at least two parts: `~=1.0`"
    if _pattern("legacy").fullmatch(version):
        return f"`{version}` is no version by PEP 440; pip dropped such legacy versions in 24.1"
    return f"no version follows the `{operator}`"


def _take_marker(requirement: Requirement, text: str, position: int, base: int, *, strict: bool) -> None:
    """Read ``; marker`` up to the end of the text, from the semicolon at ``position`` (none when there is no such place)."""
    if not 0 <= position < len(text):
        return
    start = _skip_blanks(text, position + 1)
    if strict:
        marker = text[start:].rstrip(" \t")
    else:
        rest = text[start:]
        marker = rest.strip()
        start += len(rest) - len(rest.lstrip())
    if not marker:
        if strict:
            raise InvalidRequirementError("no marker follows the semicolon", position, len(text))
        return
    check_marker(marker, start)
    requirement.marker = marker
    requirement.marker_span = (base + start, base + start + len(marker))


def _is_plain_marker(marker: str) -> bool:
    """Whether a marker is of clauses with `and` and `or` between them; one with parentheses is for packaging to judge."""
    pattern, position = _pattern("clause"), 0
    while match := pattern.match(marker, position):
        if (match[1] or match[2]) not in _MARKER_VARIABLES:
            return False
        position = match.end()
        if match[3] is None:
            return position == len(marker)
    return False


def check_marker(marker: str, start: int = 0) -> None:
    """Raise InvalidRequirementError unless packaging takes this for a marker; ``start`` shifts the span it names."""
    if _is_plain_marker(marker):
        return
    from packaging.markers import InvalidMarker, Marker

    try:
        Marker(marker)
    except RecursionError:
        raise InvalidRequirementError("the marker is nested too deeply", start, start + len(marker)) from None
    except InvalidMarker as error:
        reason = "the marker is not valid"
        if _pattern("unquoted").match(marker):
            reason = "the value in a marker must stand in quotes: `python_version < '3.12'`"
        cause = error.__cause__
        low, high = getattr(cause, "span", (0, len(marker)))
        raise InvalidRequirementError(reason, start + low, start + max(high, low + 1)) from None


def _skip_blanks(text: str, position: int) -> int:
    """The offset of the next character that is neither a blank nor a tab."""
    while position < len(text) and text[position] in " \t":
        position += 1
    return position


def _parse_url(text: str, base: int) -> Requirement:
    """Split a nameless URL; pip takes a marker off only at a semicolon with a blank behind it."""
    requirement = Requirement("url")
    cut = text.find("; ")
    url = (text if cut < 0 else text[:cut]).rstrip()
    if cut >= 0:
        _take_marker(requirement, text, cut, base, strict=False)
    _take_url(requirement, url, base, wheel=True)
    return requirement


def _take_url(
    requirement: Requirement, url: str, base: int, offset: int = 0, *, wheel: bool = False, pip: bool = True
) -> None:
    """Note the URL and, for a requirement without a name, the one that ``#egg=`` or a wheel's file name gives.

    ``offset``: where the URL begins in the text, for the span of a fault; ``wheel``: whether it may be that of a wheel;
    ``pip``: whether to refuse what pip refuses.
    """
    requirement.url = url
    requirement.url_span = (base + offset, base + offset + len(url))
    if pip:
        _check_authority(url, offset)
    if wheel and ".whl" in url:
        _take_wheel_name(requirement, _path_of(url), offset, len(url))
    egg = _pattern("egg").search(url) if "egg=" in url else None
    if egg is None:
        return
    name = _pattern("egg name").fullmatch(egg[1])
    if name is None:
        if not pip:
            return
        start, end = egg.span(1)
        raise InvalidRequirementError("`#egg=` takes a bare name", offset + start, offset + max(end, start + 1))
    requirement.egg_span = (base + offset + egg.start(1), base + offset + egg.end(1))
    if requirement.name is None:
        requirement.name = name[1]
        requirement.name_span = (requirement.egg_span[0], requirement.egg_span[0] + len(name[1]))
        if name[2]:
            requirement.extras = tuple(part.strip() for part in name[2].split(","))


def _path_of(url: str) -> str:
    """The path of a URL, without its host, query and fragment."""
    start = url.find("://")
    start = _first(url, "/?#", start + 3) if start >= 0 else 0
    return url[start : _first(url, "?#", start)]


def _check_authority(url: str, offset: int) -> None:
    """Refuse a host that no URL can have: Python's own splitter fails on an open bracket, and pip with it."""
    if url.isascii() and "[" not in url and "]" not in url:
        return
    from urllib.parse import urlsplit

    try:
        urlsplit(url)
    except ValueError:
        raise InvalidRequirementError("the host in this URL is not valid", offset, offset + len(url)) from None


def _take_wheel_name(requirement: Requirement, path: str, offset: int, length: int) -> None:
    """A wheel's file name says its project (PEP 427); ``offset`` and ``length``: of the text, for the span of a fault."""
    file = path.rstrip("/").rpartition("/")[2]
    if not file.endswith(".whl"):
        return
    if "%" in file:
        from urllib.parse import unquote

        file = unquote(file)
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        parse_wheel_filename(file)
    except InvalidWheelFilename:
        reason = "this is no file name of a wheel: `name-1.0-py3-none-any.whl`"
        raise InvalidRequirementError(reason, offset, offset + length) from None
    requirement.name = file.partition("-")[0]


def _parse_scp(text: str, base: int) -> Requirement:
    """Keep a ``git@host:owner/repository`` whole: it is no URL, and no tool reads it as meant."""
    requirement = Requirement("scp")
    cut = text.find(";")
    url = (text if cut < 0 else text[:cut]).rstrip()
    if cut >= 0:
        _take_marker(requirement, text, cut, base, strict=False)
    _take_url(requirement, url, base)
    return requirement


def _parse_path(text: str, body: str, base: int) -> Requirement:
    """Split a local path: extras in brackets at its end, and a marker."""
    requirement = Requirement("path")
    path = _take_last_extras(requirement, body, base)
    _take_marker(requirement, text, text.find(";", len(body)), base, strict=False)
    requirement.url = path
    requirement.url_span = (base, base + len(path))
    _take_wheel_name(requirement, path.replace("\\", "/"), 0, len(path))
    return requirement


def _take_last_extras(requirement: Requirement, text: str, base: int) -> str:
    """Read the brackets at the end of a path as extras; returns what stands before them."""
    start, extras = _split_extras(text)
    if extras:
        requirement.extras = extras
        requirement.extras_span = (base + start, base + len(text))
    return text[:start].rstrip()


def _split_extras(text: str) -> tuple[int, tuple[str, ...]]:
    """Where brackets at the end of a text begin (or its end), and the extras in them."""
    start = text.rfind("[") if text.endswith("]") else 0
    if start <= 0 or start + 2 == len(text):
        return len(text), ()
    return start, tuple(extra.strip() for extra in text[start + 1 : -1].split(","))


_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_MOVING = frozenset(
    "main master develop development dev trunk head default staging production next nightly latest tip".split()
)


def kind_of_ref(scheme: str, ref: str) -> str:
    """What a ref is, as far as its text tells: ``commit``, ``tag``, ``branch`` or ``unknown``.

    A git commit is 40 (SHA-1) or 64 (SHA-256) hex digits; fewer, from 7 on, are an abbreviated commit and count as one
    here. A Mercurial changeset is whole at 12. In Subversion and Bazaar a number is a revision. A text like a version is
    taken for a tag.
    """
    if "$" in ref or "{" in ref or "%" in ref or len(ref) > 250:
        return "unknown"
    if scheme in ("svn", "bzr"):
        return "commit" if ref.lstrip("r").isdigit() else "unknown"
    if _COMMIT.fullmatch(ref) and any(letter.isdigit() for letter in ref):
        return "commit"
    if ref.lower() in _MOVING or ref.lower().startswith(("refs/heads/", "release/", "feature/", "origin/", "heads/")):
        return "branch"
    if _pattern("tag").fullmatch(ref) or ref.startswith(("refs/tags/", "tags/")):
        return "tag"
    if _pattern("plain tag").fullmatch(ref):
        return "tag"
    return "unknown"


def split_vcs(url: str, base: int = 0) -> Vcs | None:
    """Split a version control URL as pip does; None when the URL names no version control system.

    The ref is what follows the last ``@`` of the path, never of the host part; a query or a fragment ends the path.
    """
    match = _SCHEME.match(url)
    scp = match is None and _SCP.match(url) is not None
    if match is not None:
        scheme, plus, transport = match[1].lower().partition("+")
        prefix = len(scheme) + 1 if plus else 0
        if not plus:
            transport = scheme
        if scheme not in ("git", "hg", "svn", "bzr"):
            return None
        after = match.end()
        path_start = _first(url, "/?#", after + 2) if url.startswith("//", after) else after
    elif scp:
        lead = re.match(r"(git|hg|svn|bzr)\+", url)
        scheme, transport, prefix = (lead[1] if lead else "git"), "ssh", lead.end() if lead else 0
        path_start = url.index(":", url.index("@")) + 1
    else:
        return None
    path_end = _first(url, "?#", path_start)
    at = url.rfind("@", path_start, path_end)
    ref_start = at + 1 if at >= 0 else None
    repository_end = at if at >= 0 else path_end
    subdirectory = re.search(r"[#&]subdirectory=([^&]*)", url)
    colon = not scp and _has_scp_path(url, path_start)
    return Vcs(
        scheme,
        transport,
        url[prefix:repository_end],
        (base + prefix, base + repository_end),
        url[ref_start:path_end] if ref_start is not None else None,
        (base + ref_start, base + path_end) if ref_start is not None else None,
        subdirectory[1] if subdirectory else None,
        scp=scp or colon,
    )


def _has_scp_path(url: str, path_start: int) -> bool:
    """Whether the host is followed by ``:owner`` where only a port number may stand."""
    authority = url[:path_start].rpartition("//")[2]
    port = authority.rpartition("@")[2].rpartition("]")[2].partition(":")[2]
    return bool(port) and not port.isdigit() and "$" not in port and "{" not in port


def _first(text: str, characters: str, start: int) -> int:
    """The offset of the first of these characters from ``start`` on, or the length of the text."""
    found = [offset for character in characters if (offset := text.find(character, start)) >= 0]
    return min(found, default=len(text))

"""A conda match spec, split into parts that know their places.

``[channel[/subdir]::][namespace:]name[ version[ build]]`` or ``name[=version[=build]]``, then ``[key=value, ...]``. Sources:
conda's documentation of package match specifications, CEP 26 for names, and how conda (24.7) and rattler (py-rattler 0.28)
read them, by which the tests judge. conda is the judge where the two differ; what is not as it looks is told as a Quirk.

Refused here though conda takes it, because nothing can come of it: a name that no package may have (CEP 26), with which
conda reads ``foo; marker`` as the package ``foo;``; a build with a blank in it, as a row of ``conda list`` gives; a URL
that is no package file, which conda reads as a namespace and a name; ``===``, which conda's releases read in two ways.
A version that brackets override must be one all the same. Taken here though conda refuses it: blanks around the whole spec, a
trailing ``=``, and the keys ``extras``, ``flags``, ``when`` and ``namespace``, which only rattler and conda's solver of that
name know.

conda orders versions in its own way; ``Constraint.clauses`` say what a clause means for versions that PEP 440 knows, an exact
version of another kind (``1.1.1w``) being ``===``. Before ``<``, conda counts the pre-releases of the limit in.

Offsets are 0-based, in code points, and half-open.
"""

from __future__ import annotations

import re

from reqlint.requirement import Constraint, InvalidRequirementError, Requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.source import Span

    Clauses = tuple[tuple[str, str], ...]
    Groups = list[list[Constraint]]

# What most specs are: a name, a version with a plain operator or none, and a build.
_PLAIN = re.compile(r"([a-z0-9_][a-z0-9_.-]*)(?:(==?)([0-9]+(?:\.[0-9]+)*)(?:=([a-z0-9_]+))?)?", re.ASCII)

_NAME = re.compile(r"[A-Za-z0-9_*][A-Za-z0-9_.*-]*")
_BUILD = re.compile(r"[A-Za-z0-9_.+*]+|\^[^ ]*\$")
_PACKAGE_FILES = (".conda", ".tar.bz2")
_SUBDIRS = frozenset(
    "noarch emscripten-wasm32 wasi-wasm32 freebsd-64 linux-32 linux-64 linux-aarch64 linux-armv6l linux-armv7l linux-ppc64 "
    "linux-ppc64le linux-riscv32 linux-riscv64 linux-s390x osx-64 osx-arm64 win-32 win-64 win-arm64 zos-z".split()
)
_KEYS = frozenset(
    "name version build build_number channel subdir md5 sha256 url fn features track_features license license_family "
    "extras flags when namespace".split()
)
_ITEM = re.compile(
    r"[,\s]*(?:(?P<key>[A-Za-z0-9_-]+)=(?:'(?P<single>[^'\"]*)'|\"(?P<double>[^'\"]*)\"|(?P<list>\[[^\]]*\])"
    r"|(?P<bare>[^'\", \[\]]*))(?=[,\s]|\Z)|(?P<junk>[^,\s]+(?:\s*=\s*[^,\s]*)?))[,\s]*"
)
_AT = re.compile(r"(?:\[[^\]]*\])?\s*@(?!\Z)")
_ODD = re.compile(r"['\"{}]|\$(?=[A-Za-z(])|%\(")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

# A version as conda takes it: components with dots, underscores or else dashes between them; an epoch; a local part.
_COMPONENT = r"[a-z0-9*]+"
_VERSION = re.compile(
    rf"(?:[0-9]+!)?(?:{_COMPONENT}(?:[._]{_COMPONENT})*_?(?:\+{_COMPONENT}(?:[._]{_COMPONENT})*)?"
    rf"|{_COMPONENT}(?:[.-]{_COMPONENT})*-?(?:\+{_COMPONENT}(?:[.-]{_COMPONENT})*)?)",
    re.IGNORECASE | re.ASCII,
)
# The versions that conda and PEP 440 read alike.
_RELEASE = re.compile(r"(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*", re.ASCII)
_PUBLIC = re.compile(rf"{_RELEASE.pattern}(?:(?:a|b|rc)[0-9]+)?(?:\.?post[0-9]+)?(?:\.?dev[0-9]+)?", re.ASCII)
_EXACT = re.compile(rf"{_PUBLIC.pattern}(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?", re.ASCII)

_OPERATORS = frozenset(("", "=", "==", "!=", "<", "<=", ">", ">=", "~="))
_MARKER = "conda has no markers: use `# [linux]` selectors of conda-lock, or a file for each platform"
_DIRECT = "conda has no direct references: a URL belongs in the `pip:` list"
_TWO_EQUALS = "one `=` may stand before the version and one before the build, which holds no dash"
_QUOTES = "quotes belong in brackets only: `name[version='>=1']`"
_VARIABLES = "conda fills in no variables here"
_NO_CARET = "conda has no `^`: write `>=1.2,<2`, or `=1.2`"
_DIGITS = {"md5": 32, "sha256": 64}
_MOST_ALTERNATIVES = 64
_DEEPEST = 20


class Quirk:
    """Something in a spec that conda reads otherwise than it looks, or drops, or that conda and rattler read in two ways.

    ``kind``: ``dropped-parenthesis`` (``foo (>=1)``), ``dropped-brackets`` (a bracket's item that conda skips),
    ``dropped-namespace`` (``conda-forge:foo``), ``dropped-condition`` (``foo if ...``), ``dropped-wildcard`` (``>1.0.*``),
    ``empty-version`` (``foo=``), ``trailing-equals`` (``foo=1=``), ``trailing-dot`` (``foo=1.``), ``reversed-operator``
    (``foo=>1``), ``pypi-extra`` (``foo[extra]``), ``misplaced-brackets`` (``foo[build=x]=1``), ``feature`` (``foo@``);
    ``span``: where it stands, shifted as all spans are; ``message``: what is wrong, in words that follow the spec.
    """

    __slots__ = ("kind", "message", "span")

    def __init__(self, kind: str, span: Span, message: str) -> None:
        """Keep the parts."""
        self.kind = kind
        self.span = span
        self.message = message

    def __repr__(self) -> str:
        """Name the kind and the place."""
        return f"<Quirk {self.kind} {self.span}>"


def parse(text: str, base: int = 0) -> tuple[Requirement, list[Quirk]]:
    """Split a match spec, and say what in it is not as it looks.

    All spans are shifted by ``base``. A ``# comment`` is no part of the spec. The requirement is of the kind ``name``,
    ``url`` or ``path`` (a package file). Its name is in lower case but not folded: to conda ``_`` and ``-`` differ. Its
    channel is as written, without the subdir that may follow it. Operators are as written: ``=`` is conda's "begins with",
    an empty one stands for a version behind a blank or in brackets. ``alternatives`` are filled in where ``|`` stands, in
    disjunctive form; ``*`` asks for nothing and gives no clause, so that a group may be empty.

    ``slot`` is what to replace in order to write another version, with its operator and perhaps ``=build`` behind it: all
    from the name to the end of version and build, or nothing behind a bare name. Where the version stands in brackets it
    is the value alone, and takes no build.

    Raises InvalidRequirementError, its span relative to the text. No reason repeats a part of the text.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None and not text.endswith(_PACKAGE_FILES):
        return _parse_plain(plain, base), []
    requirement, quirks = _Parser(text, base).parse()
    quirks.sort(key=lambda quirk: quirk.span)
    return requirement, quirks


def parse_version(
    text: str, base: int = 0
) -> tuple[tuple[Constraint, ...], tuple[tuple[Constraint, ...], ...], list[Quirk]]:
    """Split a version alone, as it stands behind ``version=`` or behind a name in ``pixi.toml``.

    Returns all clauses, the alternatives (empty when all clauses must hold) and the quirks; raises as ``parse`` does.
    """
    parser = _Parser(text, base)
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    constraints, groups = parser.read_expression(start, end, "bracket")
    return constraints, _alternatives(groups), parser.quirks


def _parse_plain(plain: re.Match[str], base: int) -> Requirement:
    """A name with at most one clause and a build that are surely valid."""
    name_end = base + plain.end(1)
    requirement = Requirement("name", plain[1], (base, name_end))
    requirement.slot = (name_end, base + plain.end())
    operator, version, build = plain[2], plain[3], plain[4]
    if version is not None:
        span = (name_end, base + plain.end(3))
        fuzzy = operator == "=" and build is None
        clauses = (("==", f"{version}.*" if fuzzy else version),)
        where = (base + plain.start(3), base + plain.end(3))
        requirement.constraints = (Constraint(operator, version, span, where, clauses=clauses),)
        requirement.specifier_span = span
    if build is not None:
        requirement.build = build
        requirement.build_span = (base + plain.start(4), base + plain.end(4))
    return requirement


def _alternatives(groups: Groups) -> tuple[tuple[Constraint, ...], ...]:
    """The groups as a requirement keeps them: none, when there is no choice."""
    return tuple(map(tuple, groups)) if len(groups) > 1 else ()


class _Parser:
    """One spec on its way to a requirement. In ``rest`` the parts that were taken out are blank."""

    __slots__ = ("base", "lead", "quirks", "requirement", "rest", "text")

    def __init__(self, text: str, base: int) -> None:
        """Start with all of the text to be read."""
        self.text = text
        self.rest = text
        self.base = base
        self.lead = 0  # where the first clause of a version begins
        self.quirks: list[Quirk] = []
        self.requirement = Requirement("name")

    def parse(self) -> tuple[Requirement, list[Quirk]]:
        """Take the spec apart in the order in which conda does it."""
        requirement = self.requirement
        self._drop_comment()
        start = len(self.rest) - len(self.rest.lstrip())
        if not self.rest.strip():
            raise InvalidRequirementError("a spec begins with a package name", 0, len(self.text))
        end = len(self.rest.rstrip())
        if self.rest.endswith(_PACKAGE_FILES, start, end):
            self._take_file(start, end)
            return requirement, self.quirks
        self._refuse_direct_reference(start, end)
        if self.rest[end - 1] == "@" and _NAME.fullmatch(self.rest, start, end - 1):
            message = "asks for any package with this feature, which no package has had for years"
            self._note("feature", start, end, message)
            return requirement, self.quirks
        brackets = self._take_brackets(start, end)
        parentheses_end = self._take_parentheses()
        start = self._take_channel(start)
        name_end = self._take_name(start)
        end = self._take_version(name_end, parentheses_end)
        if brackets is not None:
            inner, junk_only = self._read_items(*brackets)
            if inner is not None:
                self._override_version(*inner)
                end = -1
            elif end > brackets[0] and not junk_only:
                self._note(
                    "misplaced-brackets",
                    brackets[0],
                    brackets[1],
                    "has its brackets before the version; rattler refuses it",
                )
                name_end = brackets[1]
        if end >= 0:
            requirement.slot = self._span(name_end, max(end, name_end))
        return requirement, self.quirks

    def _span(self, start: int, end: int) -> Span:
        """The span of a part, shifted."""
        return (self.base + start, self.base + end)

    def _note(self, kind: str, start: int, end: int, message: str) -> None:
        """Keep a quirk."""
        self.quirks.append(Quirk(kind, self._span(start, end), message))

    def _blank(self, start: int, end: int) -> None:
        """Take a part out of what is left to read, without moving the others."""
        self.rest = self.rest[:start] + " " * (end - start) + self.rest[end:]

    def _drop_comment(self) -> None:
        """Cut off a comment, which to conda begins at any ``#``, and a condition, which conda ignores."""
        comment = self.rest.find("#")
        if comment >= 0:
            self.rest = self.rest[:comment]
        condition = self.rest.find(" if ")
        if condition >= 0:
            end = len(self.rest.rstrip())
            self._note("dropped-condition", condition + 1, end, "has a condition, which conda ignores")
            self.rest = self.rest[:condition]

    def _take_file(self, start: int, end: int) -> None:
        """A package file, by URL or by path; its name says which package it holds."""
        path = self.rest[start:end]
        requirement = self.requirement
        url = _URL.match(path) is not None
        if not url and "::" in path:
            raise InvalidRequirementError("a package file stands alone, without a channel", start, end)
        requirement.kind = "url" if url else "path"
        requirement.url = path
        requirement.url_span = self._span(start, end)
        folder, _, file = path.replace("\\", "/").rpartition("/")
        parts = file.rsplit("-", 2)
        if len(parts) == 3 and _NAME.fullmatch(parts[0]):
            where = start + len(path) - len(file)
            requirement.name = parts[0].lower()
            requirement.name_span = self._span(where, where + len(parts[0]))
        elif url and folder.rpartition("/")[2] in _SUBDIRS:
            raise InvalidRequirementError("a package file is called `name-version-build.conda`", start, end)

    def _refuse_direct_reference(self, start: int, end: int) -> None:
        """PEP 508's ``name @ url``, with or without blanks, and other URLs and options that are no spec."""
        name = _NAME.match(self.rest, start, end)
        if name is not None:
            after = _AT.match(self.rest, name.end(), end)
            if after is not None and "::" not in self.rest:
                raise InvalidRequirementError(_DIRECT, after.end() - 1, end)
        if _URL.match(self.rest, start) and "::" not in self.rest:
            reason = (
                "a URL in a spec is that of a package file (`.conda`, `.tar.bz2`), or of a channel with `::` behind it"
            )
            raise InvalidRequirementError(reason, start, end)
        if self.rest[start] == "-":
            raise InvalidRequirementError("this is an option of a command, and no spec", start, end)

    def _take_brackets(self, start: int, end: int) -> Span | None:
        """Find ``[...]`` and blank it; returns where it is."""
        rest = self.rest
        opening = rest.find("[", start, end)
        if opening < 0:
            stray = rest.find("]", start, end)
            if stray >= 0:
                raise InvalidRequirementError("the bracket has no opening one", stray, stray + 1)
            return None
        depth = 0
        offset = opening
        while offset < end:
            letter = rest[offset]
            if letter in "'\"":
                offset = max(offset, rest.find(letter, offset + 1, end))  # past what is quoted
            elif letter == "[":
                depth += 1
            elif letter == "]":
                depth -= 1
                if depth == 0:
                    break
            offset += 1
        else:
            raise InvalidRequirementError("the bracket is not closed", opening, end)
        closing = offset + 1
        again = rest.find("[", closing, end)
        if again >= 0:
            raise InvalidRequirementError("a spec has one pair of brackets: `name[version='>=1', build=x]`", again, end)
        if closing < end and rest[closing] not in " =<>!~(;":
            raise InvalidRequirementError("nothing but a version may follow the brackets", closing, end)
        self._blank(opening, closing)
        return opening, closing

    def _take_parentheses(self) -> int:
        """Blank what stands in parentheses, as conda does; returns where it ends, or -1."""
        opening = self.rest.rfind("(")
        closing = self.rest.rfind(")")
        if opening < 0 or closing < opening:
            return -1
        message = "has parentheses, which conda drops with all that is in them, and rattler reads as a version"
        self._note("dropped-parenthesis", opening, closing + 1, message)
        self._blank(opening, closing + 1)
        return closing + 1

    def _take_channel(self, start: int) -> int:
        """Read ``channel/subdir::`` and ``namespace:``; returns where the name begins."""
        rest = self.rest
        colon = rest.rfind(":")
        if colon < 0:
            return start
        before = rest.rfind(":", start, colon)
        if before < 0:
            self._take_namespace(start, colon)
            return colon + 1
        if before > start and (rest[before - 1] == ":" or "::" in rest[start:before]):
            raise InvalidRequirementError("a spec has one channel", start, colon + 1)
        if before + 1 < colon:
            if _URL.match(rest, start) and rest.startswith("//", before + 1):
                raise InvalidRequirementError("two colons follow a channel: `channel::name`", colon, colon + 1)
            self._take_namespace(before + 1, colon)
        if rest[before - 1 : before].isspace() or rest[colon + 1 : colon + 2].isspace():
            raise InvalidRequirementError("no blank may stand beside the `::`", before, colon + 1)
        if before > start:
            self._keep_channel(start, before)
        return colon + 1

    def _take_namespace(self, start: int, colon: int) -> None:
        """Note a namespace, which means nothing yet."""
        if not _NAME.fullmatch(self.rest, start, colon):
            raise InvalidRequirementError("a colon may only follow a channel (`channel::name`)", colon, colon + 1)
        message = "has one colon, which marks a namespace that conda drops; two mark a channel"
        self._note("dropped-namespace", start, colon + 1, message)

    def _keep_channel(self, start: int, end: int) -> None:
        """Keep a channel, without the subdir that may follow it."""
        channel, slash, subdir = self.text[start:end].rpartition("/")
        if slash and subdir in _SUBDIRS:
            end = start + len(channel)
        self.requirement.channel = self.text[start:end]
        self.requirement.channel_span = self._span(start, end)

    def _take_name(self, start: int) -> int:
        """Read the name; returns where it ends."""
        rest = self.rest
        end = start
        while end < len(rest) and rest[end] not in " =<>!~":
            end += 1
        if _NAME.fullmatch(rest, start, end):
            self.requirement.name = rest[start:end].lower()
            self.requirement.name_span = self._span(start, end)
            return end
        stop = len(rest.rstrip())
        if start == end:
            start = min(start, len(rest) - 1)
            raise InvalidRequirementError("a spec begins with a package name", start, max(stop, start + 1))
        match = _NAME.match(rest, start, end)
        at = match.end() if match is not None else start
        if rest[at] == ";":
            raise InvalidRequirementError(_MARKER, at, stop)
        if rest[at] == "@":
            raise InvalidRequirementError(_DIRECT, at, stop)
        if rest[at] == "^" and at > start:
            raise InvalidRequirementError(_NO_CARET, at, end)
        if rest[at] == "\t":
            raise InvalidRequirementError("conda takes a tab for a part of the name", at, at + 1)
        if rest[at] in ",|":
            raise InvalidRequirementError("no comma or bar may stand between name and version", at, at + 1)
        reason = "a package name holds letters, digits, `_`, `-` and `.`, and begins with neither `-` nor `.`"
        raise InvalidRequirementError(reason, at, end)

    def _take_version(self, name_end: int, parentheses_end: int) -> int:
        """Read version and build; returns where they end."""
        rest = self.rest
        end = len(rest.rstrip())
        start = name_end
        while start < end and rest[start] == " ":
            start += 1
        if start >= end:
            return max(parentheses_end, name_end)
        semicolon = rest.find(";", start, end)
        if semicolon >= 0:
            raise InvalidRequirementError(_MARKER, semicolon, end)
        odd = _ODD.search(rest, start, end)
        if odd is not None:
            raise InvalidRequirementError(_QUOTES if odd[0] in "'\"" else _VARIABLES, start, end)
        stop = end
        if end - start == 1 and start == name_end and rest[start] in "=<>!~":
            self._note("empty-version", start, end, "has an operator without a version; conda drops it")
            return max(end, parentheses_end)
        if rest[end - 1] == "=" and end - start > 1 and rest[end - 2] not in " =<>!~|,":
            self._note("trailing-equals", end - 1, end, "ends with `=`, which conda refuses; a build is to follow it")
            stop = end - 1
        stop_of_build = stop
        stop, build = self._split_build(start, stop)
        if build is not None:
            if stop_of_build < end:
                raise InvalidRequirementError(_TWO_EQUALS, start, end)
            self._keep_build(*build)
        try:
            constraints, groups = self.read_expression(start, stop, "build" if build is not None else "version")
        except InvalidRequirementError:
            if parentheses_end < 0:
                raise
            reason = "conda drops what stands in parentheses, and the rest is no version; brackets may hold them: `name[version='>=1,(<2|>3)']`"
            raise InvalidRequirementError(reason, start, max(end, parentheses_end)) from None
        self._keep_version(constraints, groups, start, stop)
        return max(end, parentheses_end)

    def _split_build(self, start: int, end: int) -> tuple[int, Span | None]:
        """Find the build: what follows the first blank or ``=`` behind which no operator stands any more."""
        rest = self.rest
        last = max(rest.rfind(letter, start, end) for letter in "-=,|<>~")
        for offset in range(max(start + 1, last), end - 1):
            if rest[offset] not in " =" or rest[offset - 1] in "=!|,<>~":
                continue
            first = offset + 1
            while rest[first] == " ":
                first += 1
            stop = offset
            while rest[stop - 1] == " ":
                stop -= 1
            return stop, (first, end)
        return end, None

    def _keep_build(self, start: int, end: int) -> None:
        """Keep a build that a package can have."""
        build = self.rest[start:end]
        if " " in build:
            raise InvalidRequirementError("nothing may follow the build; rows of `conda list` are no specs", start, end)
        if not _BUILD.fullmatch(build):
            reason = "a build holds letters, digits, `_`, `.` and `+`, and `*` for anything"
            raise InvalidRequirementError(reason, start, end)
        self.requirement.build = build
        self.requirement.build_span = self._span(start, end)

    def _keep_version(self, constraints: tuple[Constraint, ...], groups: Groups, start: int, end: int) -> None:
        """Keep clauses in the requirement."""
        self.requirement.constraints = constraints
        self.requirement.alternatives = _alternatives(groups)
        self.requirement.specifier_span = self._span(start, end)

    def _override_version(self, start: int, end: int, quoted: bool) -> None:
        """Keep the version that stands in the brackets, whatever stands outside."""
        self.rest = self.text
        constraints, groups = self.read_expression(start, end, "bracket")
        self._keep_version(constraints, groups, start, end)
        self.requirement.slot = self._span(start, end)
        self.requirement.slot_format = "{}" if quoted else "'{}'"

    def _read_items(self, start: int, end: int) -> tuple[tuple[int, int, bool] | None, bool]:
        """Read ``key=value, ...``; returns where the version stands and whether it has quotes, and if no item is any good."""
        version = None
        good = False
        position = start + 1
        while position < end - 1:
            match = _ITEM.match(self.text, position, end - 1)
            if match is None:
                break
            position = match.end()
            if match["key"] is None:
                self._note_junk(match)
                continue
            good = True
            key = match["key"]
            group = next(name for name in ("single", "double", "list", "bare") if match[name] is not None)
            span = match.span(group)
            if key not in _KEYS:
                raise InvalidRequirementError("the brackets have a key that conda does not know", *match.span("key"))
            if not match[group]:
                raise InvalidRequirementError(
                    "a key in the brackets has no value", match.start("key"), max(span[1], span[0] + 1)
                )
            if key == "version":
                version = (*span, group != "bare")
            else:
                self._take_item(key, *span)
        return version, not good

    def _note_junk(self, match: re.Match[str]) -> None:
        """Note an item without a key, or one that is not written as conda wants it."""
        start, stop = match.span("junk")
        if _NAME.fullmatch(match["junk"]):
            message = "has a name in brackets; conda has no extras, and drops it"
            self._note("pypi-extra", start, stop, message)
        else:
            message = "has something in its brackets that conda drops: items are `key=value`, or `key='a value'`"
            self._note("dropped-brackets", start, stop, message)

    def _take_item(self, key: str, start: int, end: int) -> None:
        """Keep what a key other than ``version`` says."""
        value = self.text[start:end]
        if key == "build":
            self._keep_build_of_brackets(start, end)
        elif key == "channel":
            self._keep_channel(start, end)
        elif key == "url":
            self.requirement.kind = "url"
            self.requirement.url = value
            self.requirement.url_span = self._span(start, end)
        elif key == "name":
            message = "has a second name in its brackets, which conda drops and rattler refuses"
            self._note("dropped-brackets", start, end, message)
        elif key == "build_number" and re.match(r"[=<>!~]", value):
            if not re.fullmatch(r"(?:==?|!=|<=?|>=?|~=)[0-9]+", value):
                raise InvalidRequirementError("a build number follows an operator here", start, end)
        elif key in _DIGITS and not re.fullmatch(f"[0-9a-fA-F]{{{_DIGITS[key]}}}", value):
            raise InvalidRequirementError("this is no such hash", start, end)

    def _keep_build_of_brackets(self, start: int, end: int) -> None:
        """Keep a build from the brackets, where conda lets it hold anything."""
        self.requirement.build = self.text[start:end]
        self.requirement.build_span = self._span(start, end)

    def read_expression(self, start: int, end: int, place: str) -> tuple[tuple[Constraint, ...], Groups]:
        """Read clauses with ``,`` and ``|`` between them; returns all of them, and the groups of which one must hold.

        ``place``: where it stands, which changes what ``=`` means: ``version`` (behind the name), ``build`` (the same,
        with a build behind it) or ``bracket``.
        """
        constraints: list[Constraint] = []
        self.lead = self._skip(start, end)
        groups, position = self._read_or(start, end, place, constraints, 0)
        if position < end:
            raise InvalidRequirementError("the parenthesis has no opening one", position, end)
        return tuple(constraints), groups

    def _read_or(
        self, position: int, end: int, place: str, constraints: list[Constraint], depth: int
    ) -> tuple[Groups, int]:
        """``and_expression ("|" and_expression)*``."""
        groups, position = self._read_and(position, end, place, constraints, depth)
        while position < end and self.rest[position] == "|":
            more, position = self._read_and(position + 1, end, place, constraints, depth)
            groups += more
        return groups, position

    def _read_and(
        self, position: int, end: int, place: str, constraints: list[Constraint], depth: int
    ) -> tuple[Groups, int]:
        """``operand ("," operand)*``, spread over the alternatives inside."""
        groups, position = self._read_operand(position, end, place, constraints, depth)
        while position < end and self.rest[position] == ",":
            more, position = self._read_operand(position + 1, end, place, constraints, depth)
            if len(groups) == len(more) == 1:
                groups[0] += more[0]
            else:
                if len(groups) * len(more) > _MOST_ALTERNATIVES:
                    raise InvalidRequirementError("the version has too many alternatives", 0, position)
                groups = [[*left, *right] for left in groups for right in more]
        return groups, position

    def _read_operand(
        self, position: int, end: int, place: str, constraints: list[Constraint], depth: int
    ) -> tuple[Groups, int]:
        """A clause, or an expression in parentheses."""
        position = self._skip(position, end)
        if position < end and self.rest[position] == "(":
            if depth == _DEEPEST:
                raise InvalidRequirementError("the version is nested too deeply", position, end)
            groups, after = self._read_or(position + 1, end, place, constraints, depth + 1)
            if after >= end or self.rest[after] != ")":
                raise InvalidRequirementError("the parenthesis is not closed", position, end)
            after = self._skip(after + 1, end)
            if after < end and self.rest[after] not in ",|)":
                raise InvalidRequirementError("a comma is missing between the two clauses", after, end)
            return groups, after
        group, position = self._read_clause(position, end, place, constraints)
        return [group], position

    def _skip(self, position: int, end: int) -> int:
        """The offset of the next character that is no blank."""
        while position < end and self.rest[position] == " ":
            position += 1
        return position

    def _read_clause(
        self, start: int, end: int, place: str, constraints: list[Constraint]
    ) -> tuple[list[Constraint], int]:
        """Read an operator and a version; returns the clause (none, when it asks for nothing) and what follows it."""
        rest = self.rest
        stop = start
        if rest.startswith("^", start):
            dollar = rest.find("$", start, end)
            if dollar < 0:
                raise InvalidRequirementError(_NO_CARET, start, end)
            stop = dollar + 1
        else:
            while stop < end and rest[stop] not in ",|()":
                stop += 1
        after = self._skip(stop, end)
        while stop > start and rest[stop - 1] == " ":
            stop -= 1
        if after < end and rest[after] not in ",|)":
            raise InvalidRequirementError("a comma is missing between the two clauses", after, end)
        operator_end = start
        while operator_end < stop and rest[operator_end] in "=<>!~":
            operator_end += 1
        operator = rest[start:operator_end]
        at = self._skip(operator_end, stop)
        version = rest[at:stop]
        first = start == self.lead
        alone = first and after == end and place != "bracket"
        reversed_operator = alone and bool(version) and operator in ("=>", "=<")
        if not reversed_operator:
            self._check_operator(operator, version, start, operator_end, stop)
        self._check_version(operator, version, at, stop, dot=alone and operator == "=" and place == "version")
        if reversed_operator:
            message = f"has `{operator}`, which conda reads as `{operator[1]}` and rattler refuses"
            self._note("reversed-operator", start, operator_end, message)
        leads = first and place != "bracket"
        clauses = self._meaning(operator, version, (start, stop), place, leads=leads, alone=alone)
        if clauses == ():
            return [], after
        constraint = Constraint(operator, version, self._span(start, stop), self._span(at, stop), clauses=clauses)
        constraints.append(constraint)
        return [constraint], after

    def _check_operator(self, operator: str, version: str, start: int, operator_end: int, stop: int) -> None:
        """Refuse what is no operator, and an operator with nothing behind it."""
        if operator not in _OPERATORS:
            reason = "conda has no such operator"
            if operator == "===":
                reason = "conda has no `===`: `==` asks for one version"
            elif operator == "~":
                reason = "conda has no `~`: write `~=1.2`, or `=1.2`"
            elif operator in ("=>", "=<"):
                reason = "the `=` comes last: `>=` or `<=`"
            elif operator == "<>":
                reason = "conda has no `<>`: write `!=`"
            raise InvalidRequirementError(reason, start, operator_end)
        if not version:
            if operator:
                raise InvalidRequirementError("no version follows the operator", start, stop)
            raise InvalidRequirementError("a version is missing here", max(start - 1, 0), max(start, 1))

    def _check_version(self, operator: str, version: str, start: int, end: int, *, dot: bool) -> None:
        """Raise unless conda takes this for a version."""
        if version[:1] == "^" and version[-1:] == "$" and not operator:
            return
        if dot and version.endswith("."):
            self._note(
                "trailing-dot", end - 1, end, "ends with a dot, which conda reads over and rattler takes for a build"
            )
            version = version[:-1]
        stem = version.removesuffix(".*")
        if _VERSION.fullmatch(stem) and (operator in ("", "=", "==", ">=") or stem.strip("*")):
            if operator == "~=" and version.endswith("*"):
                raise InvalidRequirementError("no wildcard may follow `~=`", start, end)
            return
        raise InvalidRequirementError(_version_fault(version), start, end)

    def _meaning(
        self, operator: str, version: str, span: Span, place: str, *, leads: bool, alone: bool
    ) -> Clauses | None:
        """What a clause means by PEP 440: nothing when any version will do, None when PEP 440 cannot say it."""
        if operator in ("=>", "=<"):
            if place == "version" and not version.endswith("*"):
                version += "*"  # so conda does it, as if it were `=1`
            return self._ordered(operator[1], version, span)
        if operator == "=":
            version = version.removesuffix(".")
            if alone and place == "build":
                return _bare(version)  # with a build, `=` is no more than a separator
            if not alone and version.endswith("*") and not version.endswith(".*"):
                self._note(
                    "dropped-wildcard",
                    *span,
                    "has `=` and a wildcard without a dot, which conda does not read as one here",
                )
                return None
            return _begins_with(version)
        if operator == "==":
            if leads and place == "version":
                return _bare(version)
            if version.endswith("*"):
                self._note("dropped-wildcard", *span, "has `==` with a wildcard, which conda drops here")
            return _exact(version.removesuffix(".*"))
        if not operator:
            return _bare(version)
        return self._ordered(operator, version, span)

    def _ordered(self, operator: str, version: str, span: Span) -> Clauses | None:
        """What ``!=``, ``~=`` and the four comparisons mean; a wildcard behind them is not always one."""
        stem = version.removesuffix("*").removesuffix(".")
        star = version[len(stem) :]
        if operator == ">=" and not stem.strip("*."):
            return ()
        if operator == "!=":
            if star == "*":
                self._note(
                    "dropped-wildcard",
                    *span,
                    "has a wildcard without a dot, which conda does not read as one behind `!=`",
                )
                return None
            if star:
                return (("!=", f"{stem}.*"),) if _RELEASE.fullmatch(stem) else None
            return (("!=", version),) if _EXACT.fullmatch(version) else None
        if operator == "~=":
            return _compatible(version)
        if star == ".*" and operator in (">", "<="):
            self._note("dropped-wildcard", *span, f"has a wildcard behind `{operator}`, which conda drops")
        if not _PUBLIC.fullmatch(stem):
            return None
        if star == "*":  # less than all that begins with it
            operator = {">": ">=", "<=": "<"}.get(operator, operator)
        return ((operator, stem),)


def _bare(version: str) -> Clauses | None:
    """What a version without an operator means: itself, or what begins with it when a star follows."""
    if version == "*":
        return ()
    if version[0] == "^" or "*" in version.rstrip("*"):
        return None
    return _begins_with(version) if version.endswith("*") else _exact(version)


def _exact(version: str) -> Clauses | None:
    """What one version means: by PEP 440 where it knows it, else by its letters."""
    if "*" in version:
        return None
    return (("==" if _EXACT.fullmatch(version) else "===", version),)


def _begins_with(version: str) -> Clauses | None:
    """What ``=1.2`` and ``1.2.*`` mean, which PEP 440 knows for plain releases only."""
    stem = version.removesuffix("*").removesuffix(".")
    if not stem:
        return ()
    return (("==", f"{stem}.*"),) if _RELEASE.fullmatch(stem) else None


def _compatible(version: str) -> Clauses | None:
    """What ``~=`` means: conda takes the last part off, PEP 440 the last one of the release."""
    stem = version.rpartition(".")[0]
    if not _PUBLIC.fullmatch(version) or not _RELEASE.fullmatch(stem):
        return None
    return (("~=", version),) if _RELEASE.fullmatch(version) else ((">=", version), ("==", f"{stem}.*"))


def _version_fault(version: str) -> str:
    """Why conda takes this for no version."""
    if _ODD.search(version):
        return _VARIABLES
    operators = set(version[1:]) & set("<>=!~")
    if operators == {"="} and not re.search("[<>!~ ]", version):
        return _TWO_EQUALS
    if operators - {"!"}:
        return "a comma is missing between the two clauses"
    if version.startswith("^"):
        return "no operator may stand before `^`"
    if version.endswith("$"):
        return "a regular expression begins with `^` and ends with `$`"
    if " " in version:
        return "a version holds no blank; rows of `conda list` are no specs"
    if "-" in version and "_" in version:
        return "a version holds dashes or underscores, not both"
    if not version.strip("*."):
        return "a wildcard alone is written `*`"
    return "this is no version: letters, digits and dots, `_` or `-`, an epoch (`1!`), a local part (`+1`)"

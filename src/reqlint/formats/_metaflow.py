"""Metaflow's flows: the packages that ``@pypi``, ``@conda`` and their bases give to steps.

Source: ``metaflow/plugins/pypi`` of Metaflow 2.19, which hands each pair of name and version on as one text:

- to pip ``name==version``, or ``name`` and the version as it is where that begins with one of ``< > ! ~ @`` or is empty
  (``Pip.solve``), so that ``"@git+https://…"`` is a direct reference;
- to micromamba ``name==version``, its ``==`` taken away before another operator (``Micromamba.solve``).

The module is not run: decorators and dictionaries are worked out from literals (``_python_interpreter``). Only what is
imported from Metaflow counts, under whatever name.

All spans are half-open ranges of 0-based code-point offsets into the source's text.
"""

from __future__ import annotations

import re

import libcst as cst

from reqlint.fixes import Edit, Fix
from reqlint.formats._pep508 import report
from reqlint.formats._python import PythonError, parse
from reqlint.formats._python_interpreter import Interpreter
from reqlint.formats._python_values import (
    Call,
    Choice,
    Const,
    Function,
    Scope,
    Seq,
    Str,
    Symbol,
    Table,
    TooComplexError,
    Unknown,
    truth,
)
from reqlint.formats._setuptools import excerpt
from reqlint.formats._tables import Place, add
from reqlint.match_spec import parse as parse_match_spec
from reqlint.model import Group, Index, Problem
from reqlint.requirement import InvalidRequirementError, parse_pep508, parse_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reqlint.formats._python import Tree
    from reqlint.formats._python_values import Value
    from reqlint.model import Dependency, Manifest
    from reqlint.requirement import Requirement
    from reqlint.source import Span

_DECORATORS = frozenset(("pypi", "pypi_base", "conda", "conda_base"))
#: What a flow's own configuration file holds, or an expression on that.
_CONFIGURED = ("metaflow.Config", "metaflow.config_expr")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\[\]]*\])?\s*")
_JOINT = re.compile(r"""['"]?\s*[:=]\s*\(?\s*[rRuU]?['"]""")
_RELEASE = re.compile(r"\d+(?:\.\d+)+")


def read(manifest: Manifest) -> bool:
    """Read the flows of a Python file into its manifest; whether there is a decorator of Metaflow's for packages.

    What is no Python, or is too complex, is left alone: that it is none is for others to say.
    """
    try:
        flows = _Flows(parse(manifest.source.text))
        flows.run()
    except (PythonError, TooComplexError):
        return False
    reader = _Reader(manifest)
    for flow in flows.found:
        reader.read(flow)
    return any(flow.all_uses() for flow in flows.found)


class _Use:
    """One decorator: its ``name`` (``pypi_base``), its ``call``, and where it stands."""

    __slots__ = ("call", "name", "span")

    def __init__(self, name: str, call: Call, span: Span) -> None:
        self.name = name
        self.call = call
        self.span = span

    @property
    def installer(self) -> str:
        """``pypi`` or ``conda``."""
        return self.name.removesuffix("_base")

    @property
    def disabled(self) -> bool | None:
        """What ``disabled=`` says; None where it is not there."""
        value = self.call.keywords.get("disabled")
        if value is None or (isinstance(value, Const) and value.value is None):
            return None
        if isinstance(value, Str) and value.text.lower() == "false":
            return False
        return truth(value) is not False  # what is not known may be true

    def values(self) -> Iterator[tuple[str, Value]]:
        """The dictionaries of packages: of ``libraries``, the older word for them, what ``packages`` does not say."""
        packages = self.call.keywords.get("packages")
        if packages is not None:
            yield "packages", packages
        libraries = self.call.keywords.get("libraries") if self.installer == "conda" else None
        if isinstance(libraries, Table) and isinstance(packages, Table):
            rest = Table(libraries.span)
            rest.entries = {name: pair for name, pair in libraries.entries.items() if name not in packages.entries}
            rest.rest = libraries.rest
            yield "libraries", rest
        elif libraries is not None:
            yield "libraries", libraries

    def has_packages(self) -> bool:
        """Whether it surely names one."""
        return any(isinstance(value, Table) and bool(value.entries) for _, value in self.values())


class _Flow:
    """A class with its decorators, and its functions with theirs."""

    __slots__ = ("bases", "name", "scope", "steps")

    def __init__(self, name: str, bases: list[_Use], scope: Scope) -> None:
        self.name = name
        self.bases = bases
        self.scope = scope
        self.steps: list[tuple[str, list[_Use]]] = []

    def all_uses(self) -> list[_Use]:
        """All decorators, those of the class first."""
        return [*self.bases, *(use for _, uses in self.steps for use in uses)]


class _Flows(Interpreter):
    """Walks a module and the bodies of its classes; ``found``: those classes."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree, self._note)
        self.found: list[_Flow] = []
        self._flow: _Flow | None = None
        self._noted: list[tuple[str, Call]] = []

    def _note(self, name: str, call: Call) -> None:
        """Keep a call of one of Metaflow's decorators."""
        module, _, last = name.rpartition(".")
        if module == "metaflow" and last in _DECORATORS:
            self._noted.append((last, call))

    def _statement(self, statement: cst.BaseStatement | cst.BaseSmallStatement, scope: Scope) -> str | None:
        if isinstance(statement, cst.ClassDef):
            self._class(statement, scope)
            return None
        if isinstance(statement, cst.FunctionDef) and self._flow is not None and scope is self._flow.scope:
            self._flow.steps.append((statement.name.value, self._uses(statement.decorators, scope)))
            scope.bind(statement.name.value, Function(statement, scope, self.tree.span(statement)))
            return None
        return super()._statement(statement, scope)

    def _class(self, statement: cst.ClassDef, scope: Scope) -> None:
        """Walk the body of a class as Python does, in a scope of its own."""
        flow = _Flow(statement.name.value, self._uses(statement.decorators, scope), Scope(scope))
        self.found.append(flow)
        outer, self._flow = self._flow, flow
        self._suite(statement.body, flow.scope)
        self._flow = outer
        scope.bind(flow.name, Unknown(self.tree.span(statement)))

    def _uses(self, decorators: Sequence[cst.Decorator], scope: Scope) -> list[_Use]:
        """Those of Metaflow's decorators that count; one may come from a function of the file."""
        uses = []
        for decorator in decorators:
            self._noted = []
            value = self.evaluate(decorator.decorator, scope)
            span = self.tree.span(decorator.decorator)
            if isinstance(value, Symbol):
                self._note(value.name, Call(span))
            uses += [_Use(name, call, span) for name, call in self._noted]
        return uses

    def _import(self, statement: cst.Import | cst.ImportFrom, scope: Scope) -> None:
        if isinstance(statement, cst.ImportFrom) and isinstance(statement.names, cst.ImportStar):
            if isinstance(statement.module, cst.Name) and statement.module.value == "metaflow":
                for name in (*_DECORATORS, "Config", "config_expr"):
                    scope.bind(name, Symbol(f"metaflow.{name}", self.tree.span(statement)))
            return
        super()._import(statement, scope)

    def _call_symbol(self, name: str, call: Call) -> Value:
        return Symbol(name, call.span) if name.startswith(_CONFIGURED) else super()._call_symbol(name, call)

    def _subscript(self, node: cst.Subscript, scope: Scope) -> Value:
        if isinstance(node.value, cst.Name | cst.Attribute):
            value = self.evaluate(node.value, scope)
            if _is_configured(value):
                return value
        return super()._subscript(node, scope)


def _is_configured(value: Value) -> bool:
    """Whether a value comes from the flow's own configuration file, on purpose."""
    return isinstance(value, Symbol) and value.name.startswith(_CONFIGURED)


class _Reader:
    """Makes dependencies of the decorators of flows."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.text = manifest.source.text
        self.seen: set[object] = set()
        self.pythons: set[str] = set()

    def read(self, flow: _Flow) -> None:
        """Read the decorators of one flow, and judge whether they go together."""
        for use in flow.bases:
            if not use.disabled or any(other.disabled is False for other in flow.all_uses()):
                self._read_use(use, flow.name)
        for step, uses in flow.steps:
            for use in uses:
                if not use.disabled:
                    self._read_use(use, f"{flow.name}.{step}")
        if len(self.pythons) == 1 and self.manifest.python is None:
            (python,) = self.pythons
            self.manifest.python = f"=={python}" if python.count(".") > 1 else f"=={python}.*"
        self._check_installers(flow)

    # Installers

    def _check_installers(self, flow: _Flow) -> None:
        """Report where a step gets packages from both: Metaflow refuses to run the flow."""
        bases = {use.installer: use for use in flow.bases}
        is_told = False
        for step, uses in flow.steps or [("", [])]:
            own = {use.installer: use for use in uses}
            pair = self._pair(own, bases)
            if pair is None:
                continue
            pypi, conda = pair
            mine = [use for use in pair if use in uses]
            if mine:
                where = max(mine, key=lambda use: use.span[0])
                message = f"the step `{step}` gets packages by `@{pypi.name}` and by `@{conda.name}`"
            elif not is_told:
                is_told = True
                where = max(pair, key=lambda use: use.span[0])
                message = f"all steps get packages by `@{pypi.name}` and by `@{conda.name}`"
            else:
                continue
            self.manifest.problems.append(
                Problem(
                    "mixed-installers",
                    excerpt(self.text, where.span),
                    f"{message}: Metaflow does not run the flow",
                    label="either this or the other",
                    help="take all packages of a step from PyPI, or all from conda",
                    scope=where.span,
                )
            )

    def _pair(self, own: dict[str, _Use], bases: dict[str, _Use]) -> tuple[_Use, _Use] | None:
        """What asks pip, and what asks conda, for packages in one step; None where only one does, or it is disabled.

        ``@pypi`` counts without packages too, since Metaflow adds those that it needs itself.
        """
        for installer in ("pypi", "conda"):
            said = [use.disabled for use in (own.get(installer), bases.get(installer)) if use is not None]
            if next((word for word in said if word is not None), False):
                return None
        pypi = own.get("pypi") or bases.get("pypi")
        conda = next((use for use in (own.get("conda"), bases.get("conda")) if use and use.has_packages()), None)
        return (pypi, conda) if pypi is not None and conda is not None else None

    # Packages

    def _read_use(self, use: _Use, where: str) -> None:
        """Read one decorator."""
        group = Group("group", "application", where)
        call = use.call
        python = call.keywords.get("python")
        if isinstance(python, Str) and _RELEASE.fullmatch(python.text):
            self.pythons.add(python.text)
        if use.installer == "pypi" and "libraries" in call.names:
            self._report_libraries(use)
        for key, value in use.values():
            place = call.places.get(key, value.span)
            self._packages(value, use, group, place, call.entries.get(key, place))
        if "packages" not in call.keywords and call.rest:
            self._dynamic(use.span, use.span)

    def _report_libraries(self, use: _Use) -> None:
        """``libraries`` is conda's."""
        call, place = use.call, use.call.names["libraries"]
        fix = None
        if "packages" not in call.keywords:
            fix = Fix("Write `packages`", [Edit(*place, "packages")])
        self.manifest.problems.append(
            Problem(
                "invalid-requirement",
                place,
                f"`@{use.name}` takes no `libraries`, and Metaflow stops here",
                label="this is conda's",
                help="`--fix` writes `packages`" if fix else "move them to `packages`",
                fix=fix,
                scope=call.entries.get("libraries", place),
            )
        )

    def _packages(self, value: Value, use: _Use, group: Group, place: Span, entry: Span) -> None:
        """What ``packages=`` or ``libraries=`` is given."""
        if isinstance(value, Choice):
            for one in value.values:
                self._packages(one, use, group, place, entry)
        elif isinstance(value, Table):
            for key, item in value.entries.values():
                self._package(key, item, use, group)
            if value.rest:
                self._dynamic(place, entry)
        elif isinstance(value, Str) or (isinstance(value, Seq) and all(isinstance(item, Str) for item in value.items)):
            message = f"`@{use.name}` takes a dictionary: the name of each package, and its version"
            report(self.manifest, excerpt(self.text, place), message, scope=entry)
        elif not isinstance(value, Const) and not _is_configured(value):
            self._dynamic(place, entry)

    def _dynamic(self, place: Span, entry: Span) -> None:
        """Note packages that cannot be read without running the file."""
        message = "these packages are put together when the flow runs, so they are not checked"
        help_ = "write them as a dictionary of literals"
        where = excerpt(self.text, place)
        if (where, entry) not in self.seen:
            self.seen.add((where, entry))
            report(self.manifest, where, message, rule="dynamic-dependencies", help=help_, scope=entry)

    def _package(self, key: Str, value: Value, use: _Use, group: Group) -> None:
        """One package, wherever it is used: a dictionary may be many decorators'."""
        if (key.span, key.text, use.installer) in self.seen or key.text.startswith("-"):
            return
        self.seen.add((key.span, key.text, use.installer))
        place = self._place(key, value)
        if isinstance(value, Const) and not isinstance(value.value, str):
            self._not_a_string(key, value, use, place)
        elif isinstance(value, Str) and not value.open:
            add_package = self._from_conda if use.installer == "conda" else self._from_pypi
            add_package(key, value, group, place)
        elif not _is_configured(value):
            message = f"the version of `{key.text}` is put together when the flow runs, so it is not checked"
            self.manifest.problems.append(Problem("templated-version", place.span, message, scope=place.entry))

    def _place(self, key: Str, value: Value) -> Place:
        """Where one package stands: its key, and its version where that follows at once."""
        start, end = key.span
        is_near = _JOINT.match(self.text, end) is not None and end < value.span[0]
        if is_near and self.text[end : value.span[0]].count("\n") < 2 and isinstance(value, Str):
            end = value.span[1]
        start -= self.text[start - 1 : start] in ("'", '"')
        end += self.text[end : end + 1] in ("'", '"')
        entry = key.entry or (start, start)
        return Place(key.text, key.span, (start, end), entry, self.text, whole=entry[0] < entry[1])

    def _not_a_string(self, key: Str, value: Const, use: _Use, place: Place) -> None:
        """A number: pip's half refuses it, conda's writes it as Python does."""
        written = self.text[slice(*value.span)]
        if use.installer == "conda" and re.fullmatch(r"\d+(?:\.\d*[1-9]|\.0)?", written):
            return
        message = f"the version of `{key.text}` is no string"
        report(self.manifest, value.span, message, help=f'write `"{written}"`', scope=place.entry)

    def _is_rewritable(self, value: Str, place: Place) -> bool:
        """Whether the version stands behind its key as it is."""
        return value.start is not None and value.editable and place.span[0] < value.start < place.span[1]

    def _from_pypi(self, key: Str, value: Str, group: Group, place: Place) -> Dependency | None:
        """A package for pip."""
        version = value.text
        if not _NAME.fullmatch(key.text):
            return self._from_key(key, value, group, place)
        if version.startswith("=="):
            self._report_operator(value, place)
            return None
        glue = "" if not version or version[0] in "<>!~@" else "=="
        plain = self._is_rewritable(value, place)
        lead = len(key.text) + len(glue)
        base = (value.start or 0) - lead if plain else 0
        try:
            parts = parse_pep508(f"{key.text}{glue}{version}", base)
        except InvalidRequirementError as error:
            self._report_version(key, value, error, lead, place)
            return None
        self._settle(parts, key, value, base, plain=plain)
        return add(self.manifest, place, parts, group, dialect="metaflow", rewritable=plain)

    def _from_key(self, key: Str, value: Str, group: Group, place: Place) -> Dependency | None:
        """A key that is a whole requirement, as Metaflow's own parser of requirements files makes them of URLs."""
        plain = key.start is not None and not value.text
        try:
            parts = parse_pip(key.text + value.text, key.start or 0 if plain else 0)
        except InvalidRequirementError as error:
            message = f"pip cannot read this name: {error.reason}"
            report(self.manifest, key.span, message, scope=place.entry)
            return None
        return add(
            self.manifest, place, parts, group, dialect="metaflow", rewritable=plain and parts.kind in ("url", "path")
        )

    def _from_conda(self, key: Str, value: Str, group: Group, place: Place) -> Dependency | None:
        """A package for micromamba."""
        glue = "" if not value.text or value.text[0] in "<=>!~" else "=="
        plain = self._is_rewritable(value, place)
        lead = len(key.text) + len(glue)
        base = (value.start or 0) - lead if plain else 0
        try:
            parts, _ = parse_match_spec(f"{key.text}{glue}{value.text}", base)
        except InvalidRequirementError as error:
            self._report_version(key, value, error, lead, place, tool="conda")
            return None
        self._settle(parts, key, value, base, plain=plain)
        dependency = add(self.manifest, place, parts, group, dialect="metaflow", ecosystem="conda", rewritable=plain)
        dependency.redirected = dependency.name == "python"
        if parts.channel is not None and "://" in parts.channel and parts.channel_span is not None:
            where = parts.channel_span if plain and key.start is not None else key.span
            self.manifest.indexes.append(Index("channel", parts.channel, where, place.entry, "::", tool="conda"))
        return dependency

    def _settle(self, parts: Requirement, key: Str, value: Str, base: int, *, plain: bool) -> None:
        """Move the places of what stands in the key there, and give the version its slot; of no use unless ``plain``."""
        if not plain or value.start is None:
            return
        start = value.start
        for name in ("name_span", "extras_span", "channel_span"):
            span = getattr(parts, name)
            if span is not None:
                shift = key.span[0] - base
                setattr(parts, name, (span[0] + shift, span[1] + shift) if key.start is not None else key.span)
        for clause in parts.constraints:
            clause.span = (max(start, clause.span[0]), clause.span[1])
        if parts.specifier_span is not None:
            parts.specifier_span = (max(start, parts.specifier_span[0]), parts.specifier_span[1])
        if parts.kind == "name":
            end = max(start, (parts.build_span or parts.specifier_span or (start, start))[1])
            parts.slot, parts.slot_format = (start, end), "{}"

    # What does not work

    def _report_operator(self, value: Str, place: Place) -> None:
        """``==`` in the version of a package for pip."""
        fix = None
        rest = value.text.lstrip("=").lstrip()
        if self._is_rewritable(value, place) and value.start is not None:
            fix = Fix("Take out the `==`", [Edit(value.start, value.start + len(value.text) - len(rest))])
        self.manifest.problems.append(
            Problem(
                "invalid-requirement",
                value.span,
                "Metaflow writes `==` before this version by itself, and pip finds none that is called so",
                help="`--fix` takes the `==` out" if fix else "write the version without `==`",
                fix=fix,
                scope=place.entry,
            )
        )

    def _report_version(
        self, key: Str, value: Str, error: InvalidRequirementError, lead: int, place: Place, *, tool: str = "pip"
    ) -> None:
        """Report a version that pip or conda cannot read; its text may hold a secret."""
        text = value.text
        where = value.span if value.span[0] < value.span[1] else place.span
        if self._is_rewritable(value, place) and value.start is not None and error.span[0] >= lead:
            low, high = (value.start + offset - lead for offset in error.span)
            where = (min(low, value.span[1] - 1), max(low + 1, min(high, value.span[1])))
        fix = None
        message = f"{tool} cannot read the version of `{key.text}`: {error.reason}"
        help_ = 'write one version, `"1.2.3"`, or a range, `">=1.2,<2"`'
        if "://" in text and tool == "pip":
            where = value.span
            message = f"Metaflow takes this for a version of `{key.text}`, since no `@` stands before the URL"
            help_ = "write `@` before it"
            if self._is_rewritable(value, place) and value.start is not None and _is_direct(f"{key.text}@{text}"):
                fix, help_ = (
                    Fix("Write `@` before the URL", [Edit(value.start, value.start, "@")]),
                    "`--fix` writes `@`",
                )
        elif text.strip() in ("*", "latest", "any"):
            help_ = 'write `""` for any version'
        self.manifest.problems.append(
            Problem("invalid-requirement", where, message, help=help_, fix=fix, scope=place.entry)
        )


def _is_direct(text: str) -> bool:
    """Whether a text is a direct reference."""
    try:
        return parse_pep508(text).kind == "url"
    except InvalidRequirementError:
        return False

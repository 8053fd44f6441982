"""What a module of Python does, worked out from its literals without running it.

The statements are walked in the order in which Python would run them: lists and what is added to them, strings and what
they are split into, tables, names, the file's own functions, comprehensions. A branch whose condition is not known is walked
as well as its alternative, and what they bind is put together. Of files only the names are known: what is read from one is a
``File``, whatever is done with its lines. Everything else is ``Unknown``.

Source of the language: the Python reference.
"""

from __future__ import annotations

import posixpath
import re

import libcst as cst

from reqlint.formats._python import element_entry, whole_lines
from reqlint.formats._python_values import (
    LISTED,
    Call,
    Choice,
    Const,
    File,
    Function,
    Path,
    Scope,
    Seq,
    Str,
    Symbol,
    Table,
    TooComplexError,
    Unknown,
    characters,
    computed,
    concatenate,
    iterate,
    merge,
    merge_tables,
    path_of,
    path_plus,
    shown,
    spelled,
    split,
    truth,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from reqlint.formats._python import Tree
    from reqlint.formats._python_values import Value
    from reqlint.source import Span

_STEPS = 200_000
_CALLS = 8
_FIELD = re.compile(r"%(?:\(([^)]*)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?([a-zA-Z%])")
_READERS = frozenset(("open", "io.open", "codecs.open", "os.open", "file"))
_SAME_PATH = frozenset(
    "os.path.abspath os.path.realpath os.path.normpath os.path.expanduser os.fspath os.path.normcase pathlib.Path "
    "pathlib.PurePath pathlib.PosixPath str unicode Path".split()
)
_SAME_TEXT = frozenset("textwrap.dedent inspect.cleandoc copy.copy copy.deepcopy dedent cleandoc deepcopy".split())
_HERE = frozenset(("os.getcwd", "pathlib.Path.cwd", "os.getcwdu"))
_KEEPING = frozenset("strip lstrip rstrip encode decode expandtabs".split())
_PATH_KEEPING = frozenset("resolve absolute expanduser as_posix __str__ __fspath__".split())
_STRIPPING = frozenset("str unicode strip rstrip".split())
_READING = frozenset("open read_text read_bytes".split())
_EXITS = frozenset(("sys.exit", "exit", "quit", "os._exit"))


class Interpreter:
    """Walks the statements of a tree; calls ``on_call`` for each call of something that another module defines."""

    def __init__(self, tree: Tree, on_call: Callable[[str, Call], None]) -> None:
        """``on_call``: given the full name of what is called, and the call, as often as it would run."""
        self.tree = tree
        self.on_call = on_call
        self.steps = 0
        self.branches = 0  # how many conditions that are not known, or loops, lead here
        self.frames: list[tuple[cst.CSTNode, list[Value], list[Value]]] = []  # function, returns, yields
        self.opened: list[File] = []
        self.block: Sequence[cst.BaseStatement | cst.BaseSmallStatement] = ()
        self.module = Scope()
        self.called: set[cst.CSTNode] = set()
        self._evaluators: dict[type[cst.CSTNode], Callable[[Any, Scope], Value]] = {
            cst.Name: self._name,
            cst.Integer: self._integer,
            cst.Float: self._float,
            cst.Ellipsis: self._ellipsis,
            cst.SimpleString: self._simple_string,
            cst.ConcatenatedString: self._concatenated_string,
            cst.FormattedString: self._formatted_string,
            cst.List: self._list,
            cst.Tuple: self._tuple,
            cst.Set: self._set,
            cst.Dict: self._dict,
            cst.Attribute: self._attribute,
            cst.Subscript: self._subscript,
            cst.BinaryOperation: self._binary_operation,
            cst.BooleanOperation: self._boolean_operation,
            cst.UnaryOperation: self._unary_operation,
            cst.Comparison: self._comparison,
            cst.IfExp: self._if_exp,
            cst.NamedExpr: self._named_expr,
            cst.Lambda: self._lambda,
            cst.ListComp: self._list_comp,
            cst.SetComp: self._set_comp,
            cst.GeneratorExp: self._generator_exp,
            cst.DictComp: self._dict_comp,
            cst.Yield: self._yield,
            cst.Call: self._call,
        }

    def run(self) -> None:
        """Walk the module; raises TooComplexError when it goes on for too long."""
        try:
            self._run(self.tree.module.body, self.module)
        except RecursionError:
            raise TooComplexError from None

    def run_uncalled(self, word: str) -> None:
        """Walk the functions that nothing called and that hold a word, their arguments not known."""
        try:
            for function in [value for value in self.module.names.values() if isinstance(value, Function)]:
                if function.node not in self.called and word in self.tree.text[slice(*function.span)]:
                    call = Call(function.span)
                    call.rest.append(Unknown(function.span))
                    self._call_function(function, call)
        except RecursionError:
            raise TooComplexError from None

    def _count(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > _STEPS:
            raise TooComplexError

    # Statements

    def _run(self, body: Sequence[cst.BaseStatement | cst.BaseSmallStatement], scope: Scope) -> str | None:
        """Walk a block; returns how it surely ends when it does not run to its end."""
        for statement in body:
            self._count()
            self.block = body
            signal = self._statement(statement, scope)
            if signal is not None:
                return signal
        return None

    def _suite(self, suite: cst.BaseSuite, scope: Scope) -> str | None:
        """Walk the block of a compound statement."""
        return self._run(suite.body, scope)

    def _statement(self, statement: cst.BaseStatement | cst.BaseSmallStatement, scope: Scope) -> str | None:
        """Walk one statement."""
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                signal = self._small(small, scope)
                if signal is not None:
                    return signal
        elif isinstance(statement, cst.BaseSmallStatement):
            return self._small(statement, scope)
        elif isinstance(statement, cst.FunctionDef):
            for decorator in statement.decorators:
                self.evaluate(decorator.decorator, scope)
            scope.bind(statement.name.value, Function(statement, scope, self.tree.span(statement)))
        elif isinstance(statement, cst.ClassDef):
            for decorator in statement.decorators:
                self.evaluate(decorator.decorator, scope)
            scope.bind(statement.name.value, Unknown(self.tree.span(statement)))
        elif isinstance(statement, cst.If):
            return self._if(statement, scope)
        elif isinstance(statement, cst.For):
            return self._for(statement, scope)
        elif isinstance(statement, cst.While):
            self.evaluate(statement.test, scope)
            self._branch([statement.body], scope, skippable=True)
            if statement.orelse is not None:
                self._suite(statement.orelse.body, scope)
        elif isinstance(statement, cst.With):
            for item in statement.items:
                value = self.evaluate(item.item, scope)
                if item.asname is not None:
                    self._assign(item.asname.name, value, scope)
            return self._suite(statement.body, scope)
        elif isinstance(statement, cst.Try | cst.TryStar):
            return self._try(statement, scope)
        elif isinstance(statement, cst.Match):
            self.evaluate(statement.subject, scope)
            self._branch([case.body for case in statement.cases], scope, skippable=True)
        return None

    def _small(self, statement: cst.BaseSmallStatement, scope: Scope) -> str | None:
        """Walk one simple statement."""
        if isinstance(statement, cst.Assign):
            value = self.evaluate(statement.value, scope)
            for target in statement.targets:
                self._assign(target.target, value, scope)
        elif isinstance(statement, cst.AnnAssign):
            if statement.value is not None:
                self._assign(statement.target, self.evaluate(statement.value, scope), scope)
        elif isinstance(statement, cst.AugAssign):
            self._augment(statement, scope)
        elif isinstance(statement, cst.Expr):
            value = self.evaluate(statement.value, scope)
            if isinstance(value, Symbol) and value.name == "raise":
                return "raise"
        elif isinstance(statement, cst.Return):
            if self.frames:
                span = self.tree.span(statement)
                value = self.evaluate(statement.value, scope) if statement.value is not None else Const(None, span)
                self.frames[-1][1].append(value)
            return "return"
        elif isinstance(statement, cst.Import | cst.ImportFrom):
            self._import(statement, scope)
        elif isinstance(statement, cst.Global | cst.Nonlocal):
            scope.outer.update(item.name.value for item in statement.names)
        elif isinstance(statement, cst.Del):
            self._delete(statement.target, scope)
        elif isinstance(statement, cst.Raise):
            return "raise"
        elif isinstance(statement, cst.Break):
            return "break"
        elif isinstance(statement, cst.Continue):
            return "continue"
        return None

    def _branch(self, suites: Sequence[cst.BaseSuite | None], scope: Scope, *, skippable: bool = False) -> str | None:
        """Walk alternatives of which one runs (None: nothing does), and put together what they bind."""
        before = scope.names
        ends: list[dict[str, Value]] = [dict(before)] if skippable else []
        signals: list[str | None] = [None] if skippable else []
        self.branches += 1
        for suite in suites:
            scope.names = dict(before)
            signal = self._suite(suite, scope) if suite is not None else None
            signals.append(signal)
            if signal is None:
                ends.append(scope.names)
        self.branches -= 1
        if ends:
            scope.names = self._join(ends)
            return None
        scope.names = before
        return signals[0] if len(set(signals)) == 1 else "return"

    def _join(self, ends: list[dict[str, Value]]) -> dict[str, Value]:
        """The names that several ways through the file bind."""
        if len(ends) == 1:
            return ends[0]
        joined: dict[str, Value] = {}
        for name in dict.fromkeys(name for end in ends for name in end):
            values = [end[name] for end in ends if name in end]
            first = values[0]
            joined[name] = first if all(value is first for value in values) else merge(values, first.span)
        return joined

    def _if(self, statement: cst.If, scope: Scope) -> str | None:
        """``if``: the one branch when the condition is known, else both."""
        known = truth(self.evaluate(statement.test, scope))
        orelse = statement.orelse
        if known is True:
            return self._suite(statement.body, scope)
        if known is False:
            if isinstance(orelse, cst.If):
                return self._if(orelse, scope)
            return self._suite(orelse.body, scope) if orelse is not None else None
        suites: list[cst.BaseSuite | None] = [statement.body]
        while isinstance(orelse, cst.If):
            self.evaluate(orelse.test, scope)
            suites.append(orelse.body)
            orelse = orelse.orelse
        suites.append(orelse.body if orelse is not None else None)
        return self._branch(suites, scope)

    def _for(self, statement: cst.For, scope: Scope) -> str | None:
        """``for``: over what is known, as often as Python would; else once."""
        value = self.evaluate(statement.iter, scope)
        if (isinstance(value, Seq) and self._is_exact(value)) or (isinstance(value, Table) and not value.rest):
            for item in iterate(value):
                self._assign(statement.target, item, scope)
                signal = self._suite(statement.body, scope)
                if signal == "break":
                    return None
                if signal in ("return", "raise"):
                    return signal
        else:
            self.branches += 1
            before = dict(scope.names)
            for item in iterate(value):
                self._assign(statement.target, item, scope)
                self._suite(statement.body, scope)
            scope.names = self._join([scope.names, before])
            self.branches -= 1
        return self._suite(statement.orelse.body, scope) if statement.orelse is not None else None

    def _try(self, statement: cst.Try | cst.TryStar, scope: Scope) -> str | None:
        """``try``: its own way through, and that of each handler."""
        before = dict(scope.names)
        signal = self._suite(statement.body, scope)
        if signal is None and statement.orelse is not None:
            signal = self._suite(statement.orelse.body, scope)
        ends = [scope.names] if signal is None else []
        self.branches += 1
        for handler in statement.handlers:
            scope.names = dict(before)
            if handler.name is not None:
                self._assign(handler.name.name, Unknown(self.tree.span(handler.name)), scope)
            if self._suite(handler.body, scope) is None:
                ends.append(scope.names)
        self.branches -= 1
        if ends:
            scope.names = self._join(ends)
        if statement.finalbody is not None:
            return self._suite(statement.finalbody.body, scope) or (None if ends else signal)
        return None if ends else signal

    def _import(self, statement: cst.Import | cst.ImportFrom, scope: Scope) -> None:
        """Bind the names of an import."""
        span = self.tree.span(statement)
        if isinstance(statement, cst.Import):
            for alias in statement.names:
                name = _dotted(alias.name)
                if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                    scope.bind(alias.asname.name.value, Symbol(name, span))
                else:
                    root = name.partition(".")[0]
                    scope.bind(root, Symbol(root, span))
            return
        if isinstance(statement.names, cst.ImportStar):
            return
        module = "." * len(statement.relative) + (_dotted(statement.module) if statement.module is not None else "")
        for alias in statement.names:
            name = _dotted(alias.name)
            bound = name
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                bound = alias.asname.name.value
            scope.bind(bound, Symbol(f"{module}.{name}", span))

    def _assign(self, target: cst.BaseExpression, value: Value, scope: Scope) -> None:
        """Bind a target."""
        if isinstance(target, cst.Name):
            scope.bind(target.value, value)
        elif isinstance(target, cst.Tuple | cst.List):
            items = value.items if isinstance(value, Seq) and len(value.items) == len(target.elements) else None
            for number, element in enumerate(target.elements):
                starred = isinstance(element, cst.StarredElement)
                part = items[number] if items is not None and not starred else _unknown_part(value)
                self._assign(element.value, part, scope)
        elif isinstance(target, cst.Subscript):
            holder = self.evaluate(target.value, scope)
            key = self._index(target, scope)
            for one in holder.values if isinstance(holder, Choice) else (holder,):
                if isinstance(one, Table) and key is not None:
                    known = one.entries.get(key.text) if isinstance(key, Str) else None
                    if known is not None and self.branches:
                        value = merge([known[1], value], value.span)
                    one.put(key, value)
                elif isinstance(one, Seq):
                    one.items.append(value if isinstance(value, Str) else Unknown(value.span))

    def _augment(self, statement: cst.AugAssign, scope: Scope) -> None:
        """``+=`` on a list changes it in place; on anything else it binds a new value."""
        value = self.evaluate(statement.value, scope)
        current = self.evaluate(statement.target, scope)
        span = self.tree.span(statement)
        if isinstance(statement.operator, cst.AddAssign):
            if isinstance(current, Seq) and current.kind == "list":
                self._extend(current, value)
                return
            result = self._add(current, value, span)
        elif isinstance(statement.operator, cst.BitOrAssign) and isinstance(current, Table):
            current.update(value)
            return
        else:
            result = Unknown(span)
        self._assign(statement.target, result, scope)

    def _extend(self, holder: Seq, value: Value) -> None:
        """Add the items of a value to a list."""
        items = iterate(value)
        self._count(len(items))
        holder.items += items

    def _delete(self, target: cst.BaseExpression, scope: Scope) -> None:
        """``del``: of a key of a table, where it surely runs."""
        if isinstance(target, cst.Subscript) and not self.branches:
            holder = self.evaluate(target.value, scope)
            key = self._index(target, scope)
            if isinstance(holder, Table) and isinstance(key, Str):
                holder.entries.pop(key.text, None)

    # Expressions

    def evaluate(self, node: cst.BaseExpression, scope: Scope) -> Value:
        """What an expression is worth."""
        self._count()
        evaluator = self._evaluators.get(type(node))
        return evaluator(node, scope) if evaluator is not None else Unknown(self.tree.span(node))

    def _name(self, node: cst.Name, scope: Scope) -> Value:
        span = self.tree.span(node)
        if node.value in ("None", "True", "False"):
            return Const({"None": None, "True": True, "False": False}[node.value], span)
        value = scope.find(node.value)
        if value is not None:
            return value
        if node.value == "__file__":
            return Path("__file__", span)
        return Symbol(node.value, span)

    def _integer(self, node: cst.Integer, _: Scope) -> Value:
        try:
            return Const(int(node.value, 0), self.tree.span(node))
        except ValueError:
            return Unknown(self.tree.span(node))

    def _float(self, node: cst.Float, _: Scope) -> Value:
        return Const(1.5, self.tree.span(node))  # its worth tells nothing, its kind does

    def _ellipsis(self, node: cst.Ellipsis, _: Scope) -> Value:
        return Const(..., self.tree.span(node))

    def _simple_string(self, node: cst.SimpleString, _: Scope) -> Value:
        span = self.tree.span(node)
        prefix = node.prefix.lower()
        if "b" in prefix:
            return Const(b"...", span)
        quote = len(node.quote)
        start, end = span[0] + len(prefix) + quote, span[1] - quote
        text = self.tree.text[start:end]
        if "\r" not in text and ("r" in prefix or "\\" not in text):
            return Str(text, (start, end), start=start)
        return spelled(characters(text, start, raw="r" in prefix), (start, end))

    def _concatenated_string(self, node: cst.ConcatenatedString, scope: Scope) -> Value:
        span = self.tree.span(node)
        halves: list[tuple[Str, Span]] = []
        rest: cst.BaseExpression = node
        while isinstance(rest, cst.ConcatenatedString):
            left = self.evaluate(rest.left, scope)
            if not isinstance(left, Str):
                return left if isinstance(left, Const) else Unknown(span)
            halves.append((left, self.tree.span(rest.left)))
            rest = rest.right
        last = self.evaluate(rest, scope)
        if not isinstance(last, Str):
            return last if isinstance(last, Const) else Unknown(span)
        halves.append((last, self.tree.span(rest)))
        whole = halves[0][0]
        for half, _ in halves[1:]:
            whole = concatenate(whole, half, span)
        whole.halves = tuple(halves)
        return whole

    def _formatted_string(self, node: cst.FormattedString, scope: Scope) -> Value:
        span = self.tree.span(node)
        raw = "r" in node.prefix.lower()
        held: list[tuple[str, Span]] = []
        path: Path | None = None
        has_file = None
        is_open = False
        for number, part in enumerate(node.parts):
            place = self.tree.span(part)
            if isinstance(part, cst.FormattedStringText):
                held += characters(self.tree.text[slice(*place)], place[0], raw=raw, braces=True)
                continue
            if not isinstance(part, cst.FormattedStringExpression):
                return Unknown(span)
            value = self.evaluate(part.expression, scope)
            if isinstance(value, Path) and number == 0:
                path = value
                continue
            has_file = value if isinstance(value, File) else has_file
            text, opened = shown(value, self.tree.text[slice(*self.tree.span(part.expression))])
            is_open |= opened
            held += [(character, place) for character in text]
        if has_file is not None:
            return has_file
        text = "".join(character for character, _ in held)
        if path is not None:
            return path_plus(path, text, span) if not is_open else Unknown(span)
        whole = spelled(held, (span[0] + len(node.start), span[1] - len(node.end)))
        whole.open, whole.editable = is_open, False
        return whole

    def _list(self, node: cst.List, scope: Scope) -> Value:
        return self._sequence(node, node.elements, "list", scope)

    def _tuple(self, node: cst.Tuple, scope: Scope) -> Value:
        return self._sequence(node, node.elements, "tuple", scope)

    def _set(self, node: cst.Set, scope: Scope) -> Value:
        return self._sequence(node, node.elements, "set", scope)

    def _sequence(
        self, node: cst.BaseExpression, elements: Sequence[cst.BaseElement], kind: str, scope: Scope
    ) -> Value:
        """A list, tuple or set, each string in it with what to delete to be rid of it."""
        items: list[Value] = []
        bare = isinstance(node, cst.Tuple) and not node.lpar
        pair = kind == "tuple" and len(elements) == 2
        for number, element in enumerate(elements):
            value = self.evaluate(element.value, scope)
            if isinstance(element, cst.StarredElement):
                items += iterate(value)
                continue
            if isinstance(value, Str):
                before = self.tree.span(elements[number - 1])[1] if number else None
                span = self.tree.span(element)
                entry = element_entry(self.tree.text, span, before, keep_comma=pair)
                value = value.piece(0, len(value.text))
                if (bare and len(elements) == 1) or (pair and number == 0 and not _has_comma(elements[1])):
                    entry = value.removable(0, len(value.text)) or span  # without it, no tuple would be left
                value.entry = entry
            items.append(value)
        return Seq(items, self.tree.span(node), kind)

    def _dict(self, node: cst.Dict, scope: Scope) -> Value:
        table = Table(self.tree.span(node))
        for number, element in enumerate(node.elements):
            value = self.evaluate(element.value, scope)
            if isinstance(element, cst.DictElement):
                key = self.evaluate(element.key, scope)
                if isinstance(key, Str):
                    key = key.piece(0, len(key.text))
                    before = self.tree.span(node.elements[number - 1])[1] if number else None
                    key.entry = element_entry(self.tree.text, self.tree.span(element), before)
                table.put(key, value)
            else:
                table.update(value)
        return table

    def _attribute(self, node: cst.Attribute, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        name = node.attr.value
        span = self.tree.span(node)
        if isinstance(value, Symbol):
            full = f"{value.name}.{name}"
            if full in ("os.curdir", "os.path.curdir"):
                return Path("", span)
            if full in ("os.sep", "os.path.sep"):
                return Str("/", span)
            return Symbol(full, span)
        if isinstance(value, Path):
            if name == "parent":
                return value.parent
            return Str(posixpath.basename(value.path), value.span) if name == "name" else Unknown(span)
        return value if isinstance(value, File) else Unknown(span)

    def _index(self, node: cst.Subscript, scope: Scope) -> Value | None:
        """The value of a plain index; None when there are several, or a slice."""
        if len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
            return None
        return self.evaluate(node.slice[0].slice.value, scope)

    def _subscript(self, node: cst.Subscript, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        span = self.tree.span(node)
        index = self._index(node, scope)
        if isinstance(value, File):
            return value
        if index is None:
            return self._slice(node, value, scope)
        if isinstance(value, Table) and isinstance(index, Str):
            if index.text not in value.entries and value.factory:
                value.put(index, Seq([], span))
            return value.entries[index.text][1] if index.text in value.entries else Unknown(span)
        if (
            isinstance(value, Seq)
            and isinstance(index, Const)
            and isinstance(index.value, int)
            and self._is_exact(value)
        ):
            return value.items[index.value] if -len(value.items) <= index.value < len(value.items) else Unknown(span)
        return _file_in(value) or Unknown(span)

    def _slice(self, node: cst.Subscript, value: Value, scope: Scope) -> Value:
        """A slice of a list or string, by numbers."""
        span = self.tree.span(node)
        part = node.slice[0].slice
        if len(node.slice) != 1 or not isinstance(part, cst.Slice) or part.step is not None:
            return Unknown(span)
        bounds: list[int | None] = []
        for edge in (part.lower, part.upper):
            bound = self.evaluate(edge, scope) if edge is not None else None
            if bound is not None and not (isinstance(bound, Const) and isinstance(bound.value, int)):
                return Unknown(span)
            bounds.append(bound.value if isinstance(bound, Const) and isinstance(bound.value, int) else None)
        if isinstance(value, Seq) and (self._is_exact(value) or bounds == [None, None]):
            return Seq(value.items[slice(*bounds)], value.span, value.kind)
        if isinstance(value, Seq):  # a slice of a file's lines: the file it is
            return Seq(value.items, value.span, value.kind)
        if isinstance(value, Str):
            start, end, _ = slice(*bounds).indices(len(value.text))
            return value.piece(start, max(start, end))
        return Unknown(span)

    def _is_exact(self, value: Seq) -> bool:
        """Whether each item of a list is one item."""
        return not any(isinstance(item, Unknown | File | Choice) for item in value.items)

    def _binary_operation(self, node: cst.BinaryOperation, scope: Scope) -> Value:
        left = self.evaluate(node.left, scope)
        right = self.evaluate(node.right, scope)
        span = self.tree.span(node)
        if isinstance(node.operator, cst.Add):
            return self._add(left, right, span)
        if isinstance(node.operator, cst.Divide) and isinstance(left, Path) and isinstance(right, Str):
            return left.join(right.text, right.span) if not right.open else Unknown(span)
        if isinstance(node.operator, cst.Modulo) and isinstance(left, Str):
            return self._percent(left, right)
        if isinstance(node.operator, cst.BitOr) and isinstance(left, Table):
            table = merge_tables([left], span)
            table.update(right)
            return table
        if isinstance(left, Seq) and isinstance(node.operator, cst.Multiply | cst.Subtract | cst.BitAnd):
            return left  # what a set loses here is not worked out
        if isinstance(left, Seq) and isinstance(node.operator, cst.BitOr):
            return Seq([*left.items, *iterate(right)], span, left.kind)
        return Unknown(span)

    def _add(self, left: Value, right: Value, span: Span) -> Value:
        """``left + right``."""
        if isinstance(left, Choice) or isinstance(right, Choice):
            lefts = left.values if isinstance(left, Choice) else [left]
            rights = right.values if isinstance(right, Choice) else [right]
            if len(lefts) * len(rights) > 8:
                return Unknown(span)
            return merge([self._add(one, other, span) for one in lefts for other in rights], span)
        if isinstance(left, Str) and isinstance(right, Str):
            return concatenate(left, right, span)
        if isinstance(left, Seq | Table) or isinstance(right, Seq | Table):
            items = [item if not isinstance(item, Const) else Unknown(item.span) for item in (left, right)]
            kind = left.kind if isinstance(left, Seq) else "list"
            whole = Seq([part for item in items for part in iterate(item)], span, kind)
            self._count(len(whole.items))
            return whole
        if isinstance(left, File) or isinstance(right, File):
            return (
                Seq([left, right], span)
                if isinstance(left, File) and isinstance(right, File)
                else (left if isinstance(left, File) else right)
            )
        if isinstance(left, Path) and isinstance(right, Str) and not right.open:
            return path_plus(left, right.text, right.span)
        if isinstance(left, Path) or isinstance(right, Path):
            return Unknown(span)
        if isinstance(left, Str) or isinstance(right, Str):
            text = "".join(shown(one, self.tree.text[slice(*one.span)])[0] for one in (left, right))
            joined = Str(text, span)
            joined.open = True
            return joined
        return Unknown(span)

    def _percent(self, left: Str, right: Value) -> Value:
        """``left % right``: a path when it begins with one."""
        values = right.items if isinstance(right, Seq) and right.kind == "tuple" else [right]
        table = right if isinstance(right, Table) else None
        number = 0
        pieces: list[str | Value] = []
        end = 0
        for match in _FIELD.finditer(left.text):
            pieces.append(left.text[end : match.start()])
            end = match.end()
            if match[2] == "%":
                pieces.append("%")
            elif table is not None and match[1] in table.entries:
                pieces.append(table.entries[match[1]][1])
            elif table is None and number < len(values):
                pieces.append(values[number])
                number += 1
            else:
                pieces.append(Unknown(right.span))
        pieces.append(left.text[end:])
        return self._filled(left, pieces)

    def _filled(self, pattern: Str, pieces: Sequence[str | Value]) -> Value:
        """A pattern with its fields filled in."""
        held = [piece for piece in pieces if piece != ""]
        if held and isinstance(held[0], Path) and all(isinstance(piece, str) for piece in held[1:]):
            return path_plus(held[0], "".join(str(piece) for piece in held[1:]), pattern.span)
        file = next((piece for piece in held if isinstance(piece, File)), None)
        if file is not None:
            return file
        is_open = pattern.open
        texts = []
        for piece in held:
            if isinstance(piece, str):
                texts.append(piece)
            else:
                text, opened = shown(piece, self.tree.text[slice(*piece.span)])
                is_open |= opened
                texts.append(text)
        whole = Str("".join(texts), pattern.span)
        whole.entry, whole.open = pattern.entry, is_open
        return whole

    def _boolean_operation(self, node: cst.BooleanOperation, scope: Scope) -> Value:
        left = self.evaluate(node.left, scope)
        known = truth(left)
        is_or = isinstance(node.operator, cst.Or)
        if known is not None and known is is_or:
            return left
        right = self.evaluate(node.right, scope)
        if known is not None:
            return right
        span = self.tree.span(node)
        if truth(right) is not None and not isinstance(right, Str):
            return (
                merge([left, right], span) if is_or and isinstance(left, Seq | Table | File | Choice) else Unknown(span)
            )
        return merge([left, right], span) if is_or else right

    def _unary_operation(self, node: cst.UnaryOperation, scope: Scope) -> Value:
        value = self.evaluate(node.expression, scope)
        span = self.tree.span(node)
        if isinstance(node.operator, cst.Not) and truth(value) is not None:
            return Const(not truth(value), span)
        if isinstance(node.operator, cst.Minus) and isinstance(value, Const) and isinstance(value.value, int):
            return Const(-value.value, span)
        return Unknown(span)

    def _comparison(self, node: cst.Comparison, scope: Scope) -> Value:
        left = self.evaluate(node.left, scope)
        span = self.tree.span(node)
        rights = [(part.operator, self.evaluate(part.comparator, scope)) for part in node.comparisons]
        if len(rights) != 1:
            return Unknown(span)
        operator, right = rights[0]
        result: bool | None = None
        if isinstance(operator, cst.Is | cst.IsNot) and isinstance(right, Const) and right.value is None:
            if isinstance(left, Const):
                result = left.value is None
            elif isinstance(left, Str | Seq | Table | File | Path):
                result = False
        elif isinstance(left, Str) and not left.open:
            if isinstance(right, Str) and not right.open:
                if isinstance(operator, cst.Equal | cst.NotEqual):
                    result = left.text == right.text
                elif isinstance(operator, cst.In | cst.NotIn):
                    result = left.text in right.text
            elif isinstance(operator, cst.In | cst.NotIn) and isinstance(right, Seq) and not self.branches:
                if all(isinstance(item, Str) and not item.open for item in right.items):
                    result = any(isinstance(item, Str) and item.text == left.text for item in right.items)
            elif isinstance(operator, cst.In | cst.NotIn) and isinstance(right, Table) and not right.rest:
                result = left.text in right.entries if not self.branches else None
        if result is None:
            return Unknown(span)
        return Const(result is not isinstance(operator, cst.NotEqual | cst.NotIn | cst.IsNot), span)

    def _if_exp(self, node: cst.IfExp, scope: Scope) -> Value:
        known = truth(self.evaluate(node.test, scope))
        if known is not None:
            return self.evaluate(node.body if known else node.orelse, scope)
        span = self.tree.span(node)
        return merge([self.evaluate(node.body, scope), self.evaluate(node.orelse, scope)], span)

    def _named_expr(self, node: cst.NamedExpr, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        self._assign(node.target, value, scope)
        return value

    def _lambda(self, node: cst.Lambda, scope: Scope) -> Value:
        return Function(node, scope, self.tree.span(node))

    def _list_comp(self, node: cst.ListComp, scope: Scope) -> Value:
        return Seq(self._comprehend(node.for_in, node.elt, scope), self.tree.span(node))

    def _set_comp(self, node: cst.SetComp, scope: Scope) -> Value:
        return Seq(self._comprehend(node.for_in, node.elt, scope), self.tree.span(node), "set")

    def _generator_exp(self, node: cst.GeneratorExp, scope: Scope) -> Value:
        return Seq(self._comprehend(node.for_in, node.elt, scope), self.tree.span(node), "iterator")

    def _dict_comp(self, node: cst.DictComp, scope: Scope) -> Value:
        table = Table(self.tree.span(node))
        for inner, _ in self._loop(node.for_in, Scope(scope)):
            table.put(self.evaluate(node.key, inner), self.evaluate(node.value, inner))
        return table

    def _comprehend(self, loop: cst.CompFor, element: cst.BaseExpression, scope: Scope) -> Iterator[Value]:
        """The items of a comprehension: what is computed from an element can be deleted with it."""
        for inner, item in self._loop(loop, Scope(scope)):
            value = self.evaluate(element, inner)
            if isinstance(value, Str) and value.entry is None and isinstance(item, Str) and item.entry is not None:
                value = value.piece(0, len(value.text))
                value.entry = item.entry
            yield value

    def _loop(self, loop: cst.CompFor, scope: Scope) -> Iterator[tuple[Scope, Value]]:
        """The rounds of a comprehension that its conditions let through, or may let through."""
        for item in iterate(self.evaluate(loop.iter, scope)):
            self._count()
            self._assign(loop.target, item, scope)
            if any(truth(self.evaluate(condition.test, scope)) is False for condition in loop.ifs):
                continue
            if loop.inner_for_in is not None:
                yield from self._loop(loop.inner_for_in, scope)
            else:
                yield scope, item

    def _yield(self, node: cst.Yield, scope: Scope) -> Value:
        if self.frames and node.value is not None:
            inner = node.value.item if isinstance(node.value, cst.From) else node.value
            value = self.evaluate(inner, scope)
            self.frames[-1][2].extend(iterate(value) if isinstance(node.value, cst.From) else [value])
        return Unknown(self.tree.span(node))

    # Calls

    def _call(self, node: cst.Call, scope: Scope) -> Value:
        if isinstance(node.func, cst.Attribute):
            receiver = self.evaluate(node.func.value, scope)
            if not isinstance(receiver, Symbol):
                call = self._arguments(node, scope)
                return self._method(node, receiver, node.func.attr.value, call)
        callee = self.evaluate(node.func, scope)
        call = self._arguments(node, scope)
        if isinstance(callee, Choice):
            callee = next((one for one in callee.values if isinstance(one, Function)), callee.values[0])
        if isinstance(callee, Function):
            return self._call_function(callee, call)
        if isinstance(callee, Symbol):
            self.on_call(callee.name, call)
            return self._call_symbol(callee.name, call)
        return self._guess(call)

    def _arguments(self, node: cst.Call, scope: Scope) -> Call:
        """Evaluate the arguments of a call."""
        call = Call(self.tree.span(node))
        for number, arg in enumerate(node.args):
            value = self.evaluate(arg.value, scope)
            if arg.star == "**":
                if isinstance(value, Table):
                    for name, (_, item) in value.entries.items():
                        call.keywords[name] = item
                    call.rest += value.rest
                elif not (isinstance(value, Const) and value.value is None):
                    call.rest.append(Unknown(self.tree.span(arg)))
            elif arg.star == "*":
                call.args += iterate(value)
            elif arg.keyword is not None:
                name = arg.keyword.value
                call.keywords[name] = value
                call.places[name] = self._whole(arg.value)
                call.names[name] = self.tree.span(arg.keyword)
                before = self.tree.span(node.args[number - 1])[1] if number else None
                call.entries[name] = element_entry(self.tree.text, self.tree.span(arg), before)
            else:
                call.args.append(value)
        return call

    def _whole(self, node: cst.BaseExpression) -> Span:
        """Where an expression stands with its parentheses."""
        start, end = self.tree.span(node)
        if node.lpar and node.rpar:
            return self.tree.span(node.lpar[0])[0], self.tree.span(node.rpar[-1])[1]
        return start, end

    def _call_function(self, function: Function, call: Call) -> Value:
        """Walk a function of the file with these arguments; returns what it returns."""
        node = function.node
        if len(self.frames) >= _CALLS or any(frame[0] is node for frame in self.frames):
            return self._guess(call)
        self.called.add(node)
        scope = Scope(function.scope)
        self._bind_parameters(node.params, call, scope, function.scope)
        if isinstance(node, cst.Lambda):
            self.frames.append((node, [], []))
            try:
                return self.evaluate(node.body, scope)
            finally:
                self.frames.pop()
        returns: list[Value] = []
        yields: list[Value] = []
        opened = len(self.opened)
        block = self.block
        self.frames.append((node, returns, yields))
        try:
            self._suite(node.body, scope)
        finally:
            self.frames.pop()
            self.block = block
        result = Seq(yields, call.span, "iterator") if yields else merge(returns, call.span)
        files = [file for file in self.opened[opened:] if file.probable]
        items = result.items if isinstance(result, Seq) else [result]
        if files and any(isinstance(item, File) for item in items):
            return (
                Seq([item for item in items if not isinstance(item, Unknown)], call.span) if len(items) > 1 else result
            )
        if all(isinstance(item, Unknown) for item in items):
            if files:  # whatever it does with their lines, it is a reader of requirements
                return Seq(files, call.span)
            guess = self._guess(call)
            return result if isinstance(guess, Unknown) else guess
        return result

    def _bind_parameters(self, params: cst.Parameters, call: Call, scope: Scope, outer: Scope) -> None:
        """Bind the parameters of a function."""
        positional = [*params.posonly_params, *params.params]
        for number, param in enumerate([*positional, *params.kwonly_params]):
            name = param.name.value
            if number < len(positional) and number < len(call.args):
                value = call.args[number]
            elif name in call.keywords:
                value = call.keywords[name]
            elif param.default is not None:
                value = self.evaluate(param.default, outer)
            else:
                value = Unknown(self.tree.span(param))
            scope.names[name] = value
        if isinstance(params.star_arg, cst.Param):
            scope.names[params.star_arg.name.value] = Seq(call.args[len(positional) :], call.span, "tuple")
        if params.star_kwarg is not None:
            table = Table(call.span)
            known = {param.name.value for param in (*positional, *params.kwonly_params)}
            for name, value in call.keywords.items():
                if name not in known:
                    table.put(Str(name, call.places.get(name, call.span)), value)
            table.rest += call.rest
            scope.names[params.star_kwarg.name.value] = table

    def _guess(self, call: Call) -> Value:
        """What a function that is not known gives: the lines of the file of requirements that it is called with, if any."""
        for value in (*call.args, *call.keywords.values()):
            if isinstance(value, File) and value.plausible:
                return Seq([value], call.span)
            path = path_of(value)
            if path is not None and LISTED.fullmatch(path):
                return Seq([File(path, value.span)], call.span)
        return Unknown(call.span)

    def _call_symbol(self, name: str, call: Call) -> Value:
        """What a function of Python, or of a module that is known, gives."""
        last = name.rpartition(".")[2]
        first = call.args[0] if call.args else None
        span = call.span
        if name in _EXITS:
            return Symbol("raise", span)
        if name in _READERS or last == "open":
            return self._open(call.argument(0, "file"), span)
        if name in _HERE:
            return Path("", span)
        if name in _SAME_PATH and first is not None:
            return self._same_path(name, call, first)
        if name == "os.path.join":
            return self._join_path(call.args, span)
        if name == "os.path.dirname" and isinstance(first, Path):
            return first.parent
        if name == "os.path.split" and isinstance(first, Path):
            return Seq([first.parent, Unknown(span)], span, "tuple")
        if name in _SAME_TEXT and first is not None:
            return Seq(first.items, first.span, first.kind) if isinstance(first, Seq) else first
        if last == "parse_requirements":
            root = name.partition(".")[0]
            return self._parse_requirements(call, "iterator" if root in ("pip", "pkg_resources") else "list")
        if last in ("dict", "OrderedDict", "defaultdict", "Munch"):
            return self._make_table(call)
        if "." not in name or name.startswith(("itertools.", "builtins.", "functools.", "dict.")):
            made = self._builtin(last if name != "itertools.chain.from_iterable" else "sum", call)
            if made is not None:
                return made
        return self._guess(call)

    def _builtin(self, name: str, call: Call) -> Value | None:
        """What Python's own functions on lists give."""
        span = call.span
        first = call.args[0] if call.args else None
        if name in ("list", "tuple", "sorted", "set", "frozenset", "reversed", "iter"):
            if first is None:
                return Seq([], span, "set" if name == "set" else "list")
            if isinstance(first, Str | Const | Path):
                return None
            kind = {"set": "set", "tuple": "tuple", "frozenset": "tuple", "reversed": "iterator", "iter": "iterator"}
            return Seq(iterate(first), span, kind.get(name, "list"))
        if name in ("filter", "map", "ifilter", "imap", "filterfalse") and len(call.args) == 2:
            return Seq(self._map(name, call.args[0], call.args[1]), span, "iterator")
        if name == "chain":
            return Seq([item for arg in call.args for item in iterate(arg)], span, "iterator")
        if name == "fromkeys" and first is not None:
            return Seq(iterate(first), span)
        if name in ("sum", "reduce") and call.args:
            holder = call.args[1] if name == "reduce" and len(call.args) > 1 else call.args[0]
            return Seq([item for part in iterate(holder) for item in iterate(part)], span)
        if name == "enumerate" and first is not None:
            return Seq([Seq([Unknown(span), item], span, "tuple") for item in iterate(first)], span, "iterator")
        return None

    def _map(self, name: str, function: Value, items: Value) -> Iterator[Value]:
        """The items that ``map`` or ``filter`` gives."""
        for item in iterate(items):
            call = Call(item.span)
            call.args.append(item)
            result = self._call_function(function, call) if isinstance(function, Function) else None
            if name.endswith("map"):
                if isinstance(function, Symbol) and function.name.rpartition(".")[2] in _STRIPPING:
                    result = item.strip() if isinstance(item, Str) else item
                if isinstance(result, Str) and result.entry is None and isinstance(item, Str):
                    result.entry = item.entry
                yield result if result is not None else (item if isinstance(item, File) else Unknown(item.span))
            elif result is None or name == "filterfalse" or truth(result) is not False:
                yield item

    def _make_table(self, call: Call) -> Table:
        """``dict(…)`` and its cousins."""
        table = Table(call.span)
        for arg in call.args:
            if isinstance(arg, Symbol | Function):  # what a defaultdict makes its values with
                table.factory = True
            else:
                table.update(arg)
        for name, value in call.keywords.items():
            place = call.names.get(name)
            key = Str(name, place or call.span, start=place[0] if place is not None else None)
            key.entry = call.entries.get(name)
            table.put(key, value)
        table.rest += call.rest
        return table

    def _parse_requirements(self, call: Call, kind: str) -> Value:
        """``parse_requirements`` of pip (the name of a file) or of pkg_resources (text, or lines), or one like them."""
        value = call.argument(0, "filename")
        if isinstance(value, Str) and "\n" in value.text:
            return Seq(value.lines(), value.span, kind)
        if isinstance(value, Seq | File):
            return Seq(iterate(value), call.span, kind)
        path = path_of(value) if value is not None else None
        if value is None or path is None:
            return Unknown(call.span)
        return Seq([self._opened(path, value.span)], call.span, kind)

    def _same_path(self, name: str, call: Call, first: Value) -> Value:
        """A function that gives the path that it is given."""
        if name in ("str", "unicode"):
            return first if isinstance(first, Str | File | Path) else Unknown(call.span)
        if name.startswith("os."):
            return first if isinstance(first, Path | Str) else Unknown(call.span)
        return self._join_path(call.args, call.span)

    def _join_path(self, parts: Sequence[Value], span: Span) -> Value:
        """Join the parts of a path; the last literal is what names the file."""
        joined = Path("", span)
        for part in parts:
            if isinstance(part, Path):
                joined = part
            elif isinstance(part, Str) and not part.open:
                joined = joined.join(part.text, part.span)
            else:
                return Unknown(span)
        return joined

    def _open(self, value: Value | None, span: Span) -> Value:
        """A file that is opened by a name that is known."""
        path = path_of(value) if value is not None else None
        return self._opened(path, value.span) if path is not None and value is not None else Unknown(span)

    def _opened(self, path: str, span: Span) -> File:
        file = File(path, span)
        self.opened.append(file)
        return file

    # Methods

    def _method(self, node: cst.Call, receiver: Value, name: str, call: Call) -> Value:
        """What a method of a value gives."""
        if isinstance(receiver, Choice):
            return merge([self._method(node, one, name, call) for one in receiver.values], call.span)
        if isinstance(receiver, Seq):
            return self._method_of_list(node, receiver, name, call)
        if isinstance(receiver, Table):
            return self._method_of_table(receiver, name, call)
        if isinstance(receiver, Str):
            return self._method_of_text(receiver, name, call)
        if isinstance(receiver, File):
            if name in ("startswith", "endswith", "isspace", "exists", "is_file"):
                return Unknown(call.span)
            return Seq([receiver], call.span) if name in ("readlines", "splitlines", "split", "rsplit") else receiver
        if isinstance(receiver, Path):
            if name in _READING:
                return self._opened(receiver.path, receiver.span)
            if name in _PATH_KEEPING:
                return receiver
            if name == "joinpath":
                return self._join_path([receiver, *call.args], call.span)
            if name == "with_name":
                return self._join_path([receiver.parent, *call.args], call.span)
            return Unknown(call.span)
        return self._guess(call)

    def _method_of_list(self, node: cst.Call, receiver: Seq, name: str, call: Call) -> Value:
        """A method of a list, most of which change it."""
        nothing = Const(None, call.span)
        if name in ("append", "add", "insert"):
            value = call.args[-1] if call.args else Unknown(call.span)
            if isinstance(value, Str) and value.entry is None:
                value = value.piece(0, len(value.text))
                value.entry = self._statement_entry(node)
            receiver.items.append(value)
        elif name in ("extend", "update"):
            for value in call.args:
                self._extend(receiver, value)
        elif name == "remove":
            unwanted = call.args[0] if call.args else None
            if isinstance(unwanted, Str) and not self.branches:
                found = [item for item in receiver.items if isinstance(item, Str) and item.text == unwanted.text]
                if found:
                    receiver.items.remove(found[0])
        elif name == "clear":
            if not self.branches:
                receiver.items.clear()
        elif name == "pop":
            if receiver.items and not self.branches and not call.args and self._is_exact(receiver):
                return receiver.items.pop()
            return Unknown(call.span)
        elif name in ("copy", "union"):
            items = [*receiver.items, *(item for arg in call.args for item in iterate(arg))]
            return Seq(items, receiver.span, receiver.kind)
        elif name not in ("sort", "reverse"):
            return Unknown(call.span)
        return nothing

    def _statement_entry(self, node: cst.Call) -> Span:
        """What to delete to undo ``x.append("…")``: the statement; or all but the ``x`` where a block would be left empty."""
        text = self.tree.text
        span = self.tree.span(node)
        whole = whole_lines(text, span)
        others = any(
            not (isinstance(one, cst.SimpleStatementLine) and len(one.body) == 1 and isinstance(one.body[0], cst.Expr))
            for one in self.block
        )
        if whole is not None and (others or self.block is self.tree.module.body):
            return whole
        func = node.func
        return (self._whole(func.value)[1] if isinstance(func, cst.Attribute) else span[0], span[1])

    def _method_of_table(self, receiver: Table, name: str, call: Call) -> Value:
        """A method of a dictionary."""
        span = call.span
        first = call.args[0] if call.args else None
        second = call.args[1] if len(call.args) > 1 else None
        if name == "update":
            for arg in call.args:
                receiver.update(arg)
            for keyword, value in call.keywords.items():
                receiver.put(Str(keyword, call.places.get(keyword, span)), value)
            receiver.rest += call.rest
            return Const(None, span)
        if name == "items":
            pairs = [Seq([key, value], span, "tuple") for key, value in receiver.entries.values()]
            return Seq([*pairs, *(Unknown(value.span) for value in receiver.rest)], span)
        if name == "values":
            return Seq([*(value for _, value in receiver.entries.values()), *receiver.rest], span)
        if name == "keys":
            return Seq(iterate(receiver), span)
        if name == "copy":
            return merge_tables([receiver], receiver.span)
        if name in ("get", "pop", "setdefault") and isinstance(first, Str):
            if first.text in receiver.entries:
                value = receiver.entries[first.text][1]
                if name == "pop" and not self.branches:
                    del receiver.entries[first.text]
                return value
            default = second if second is not None else Const(None, span)
            if name == "setdefault":
                receiver.put(first, default)
            return default if not receiver.rest else Unknown(span)
        return Unknown(span)

    def _method_of_text(self, receiver: Str, name: str, call: Call) -> Value:
        """A method of a string."""
        span = call.span
        first = call.args[0] if call.args else None
        if name in _KEEPING:
            return receiver.strip() if name.endswith("strip") and first is None else computed(receiver, name, first)
        if name == "splitlines":
            return Seq(receiver.lines(), receiver.span)
        if name in ("split", "rsplit") and len(call.args) < 2:
            return split(receiver, first)
        if name in ("startswith", "endswith") and isinstance(first, Str) and not receiver.open and not first.open:
            found = receiver.text.startswith(first.text) if name == "startswith" else receiver.text.endswith(first.text)
            return Const(found, span)
        if name == "format":
            return self._format(receiver, call)
        if name == "join":
            items = iterate(first) if first is not None else []
            if receiver.text.strip() == "" and "\n" in receiver.text:
                return Seq(items, span)  # setuptools splits it into lines again
            if all(isinstance(item, Str) for item in items) and items:
                joined = Str(receiver.text.join(item.text for item in items if isinstance(item, Str)), span)
                joined.open = any(isinstance(item, Str) and item.open for item in items)
                return joined
            if first is not None and (file := _file_in(first)) is not None:
                return file
        if name in ("replace", "lower", "upper", "title") and all(isinstance(arg, Str) for arg in call.args):
            return computed(receiver, name, *call.args)
        return Unknown(span)

    def _format(self, receiver: Str, call: Call) -> Value:
        """``"…".format(…)``."""
        from string import Formatter

        pieces: list[str | Value] = []
        number = 0
        try:
            for literal, field, _, _ in Formatter().parse(receiver.text):
                pieces.append(literal)
                if field is None:
                    continue
                if not field:
                    field, number = str(number), number + 1  # noqa: PLW2901 - the number that it stands for
                if field.isdigit() and int(field) < len(call.args):
                    pieces.append(call.args[int(field)])
                else:
                    pieces.append(call.keywords.get(field) or Unknown(call.span))
        except ValueError:
            return Unknown(call.span)
        return self._filled(receiver, pieces)


def _dotted(node: cst.BaseExpression) -> str:
    """The dotted name that a node spells."""
    parts = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if isinstance(node, cst.Name):
        parts.append(node.value)
    return ".".join(reversed(parts))


def _has_comma(element: cst.BaseElement) -> bool:
    """Whether a comma follows an element."""
    return isinstance(element, cst.Element | cst.StarredElement) and isinstance(element.comma, cst.Comma)


def _file_in(value: Value) -> File | None:
    """The file that a value, or a list's items, come from."""
    if isinstance(value, Seq):
        return next((item for item in value.items if isinstance(item, File)), None)
    return value if isinstance(value, File) else None


def _unknown_part(value: Value) -> Value:
    """What one of several targets gets from a value that cannot be taken apart."""
    return _file_in(value) or Unknown(value.span)

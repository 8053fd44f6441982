"""What commands in a shell script install: pip, uv, pipx, conda and their kin, word by word with places.

tree-sitter's grammar of bash tells the commands, their words, quotes and redirections; what lies between pip's options and
its requirements is ``_pip_argv``'s. Sources: the shell command language of POSIX (quoting, redirection), the documentation of
``pip install``, ``uv``, ``pipx``, and of ``conda install`` and ``create``.
"""

from __future__ import annotations

import re
from itertools import pairwise

from reqlint.fixes import Edit, Fix
from reqlint.formats._pip_argv import WITH_VALUE, ArgvReader, Word
from reqlint.model import Group, Index, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from reqlint.model import Include, Manifest, Role
    from reqlint.source import Span

_INSTALLS = re.compile(r"\b(?:install|create|inject|run|uvx)\b")
_PIP = re.compile(r"pip(?:-?\d+(?:\.\d+)*)?(?:\.exe)?")
_PYTHON = re.compile(r"(?:python|pypy|py)(?:w|\d+(?:\.\d+)*)?(?:\.exe)?")
_CONDA = frozenset(("conda", "mamba", "micromamba"))
#: Commands that run another one, and those of their options that take a value.
_RUNNERS = {
    "sudo": ("-u", "-g", "--user", "--group"),
    "env": ("-u", "--unset"),
    "exec": (),
    "command": (),
    "time": (),
    "nice": ("-n",),
    "nohup": (),
    "timeout": ("-s", "--signal", "-k", "--kill-after"),
}
#: A shell that is given a script, as a pattern of its name.
SHELL = r"(?:ba|da|z|k|a)?sh(?:\.exe)?"
_CONDA_WITH_VALUE = frozenset(
    "-n --name -p --prefix --solver --platform --subdir -r --root-prefix --repodata-fn --rc-file --revision --category "
    "--channel-priority --cacert-path --ssl-verify --experimental --cwd".split()
)
_CONDA_ENVIRONMENT = ("-n", "--name", "-p", "--prefix")
#: Of conda's options those of one letter without a value, which may stand before another one: ``-yc conda-forge``.
_CONDA_FLAGS = "yqdSkmCv"
_BASE = ("base", "root")
#: What stands for an expression that is replaced before the shell runs, in quotes or not (see ``_yaml_scripts``).
_EXPRESSION = re.compile(r"\$_{4,}")
#: A name that a variable goes on with (``name${SPECIFIER}``), or is one.
_GLUED = re.compile(r"[\w.,\[\]-]*\$\{")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
#: What a shell makes other words of (``*.whl``, ``{a,b}``), and what some program fills in before it sees them.
_EXPANDED = re.compile(r"[{}]|^[^=<>!~@ ]*[*?]")
#: What is run there or not, so that nothing can be said of what it is installed beside.
_CHOICES = frozenset(
    "if_statement case_statement for_statement while_statement c_style_for_statement function_definition".split()
)
_CHOSEN_TOOLS = "--from", "--spec"
_AT_VERSION = re.compile(r"[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?@[\w.+!-]+")
_MOVES = ("cd", "pushd", "popd")
_CHANNEL = ("-c", "--channel")
_FILE = ("-f", "--file")
_REDIRECTED = re.compile(r"[A-Za-z0-9][\w.-]*(?:\[[\w,.-]*\])?")


class Script:
    """A piece of shell text in a file: what to parse, and where it stands.

    ``text``: of the same length as the piece, with blanks for what is no shell; ``start``: the 0-based offset of the piece.
    """

    __slots__ = ("heads", "quotes", "start", "text")

    def __init__(self, text: str, start: int, heads: tuple[int, ...] = (), quotes: str = "\"'") -> None:
        """``heads``: offsets in the file: an ignore comment above the line of one counts for all of the script.

        ``quotes``: those that may be written into it, since it does not stand in such itself.
        """
        self.quotes = quotes
        self.text = text
        self.start = start
        self.heads = heads


class _Words:
    """The words of one command, and its redirections.

    ``raw``: what stands between the quotes of a word, by the offset of the word; ``certain``: whether it is run in any case.
    """

    __slots__ = ("certain", "quotes", "raw", "redirections", "span", "words")

    def __init__(self, span: Span, *, certain: bool = True) -> None:
        self.span = span
        self.certain = certain
        self.quotes = ""
        self.raw: dict[int, str] = {}
        self.words: list[Word] = []
        self.redirections: list[tuple[str, Word]] = []


def read_script(manifest: Manifest, script: Script, role: Role, where: str, place: str | None = None) -> list[Include]:
    """Add what the commands of a script install to a manifest; ``where``: what to call the place, for the group's name.

    Each command is a group of its own, as one may well replace what another one installed. ``place``: what tells the
    environment that all of it is installed into; None where nothing can be said of that. Returns the files that the commands
    name with ``-r`` and ``-c``, relative to the folder in which the script starts, up to the command that leaves that.
    """
    files: list[Include] = []
    if not _INSTALLS.search(script.text):
        return files
    text = script.text.replace("\\\r\n", " \\\n").replace("\r\n", " \n")
    stays = True
    for command in _commands(Script(text, script.start), manifest.source.text):
        command.quotes = script.quotes
        stays = stays and not (command.words and command.words[0].text in _MOVES)
        named = _read_command(manifest, command, role, where, place, script.heads)
        files += named if stays else ()
    return files


def read_words(
    manifest: Manifest,
    texts: Sequence[str],
    spans: Sequence[Span],
    role: Role,
    where: str,
    place: str | None = None,
    heads: tuple[int, ...] = (),
) -> None:
    """The same for one command that is given as words, each in quotes: ``spans`` are those of the quoted strings."""
    command = _Words((spans[0][0], spans[-1][1]) if spans else (0, 0))
    source = manifest.source.text
    for text, (start, end) in zip(texts, spans, strict=True):
        plain = source[start + 1 : end - 1] == text
        command.words.append(Word(text, (start + 1, end - 1), (start, end), plain=plain))
        if plain:
            command.raw[start + 1] = text
    for before, word in pairwise(command.words):
        word.entry = (before.entry[1], word.entry[1])  # with the comma before it
    _read_command(manifest, command, role, where, place, heads)


def _commands(script: Script, source: str) -> Iterator[_Words]:
    """All simple commands of a script, in file order, in whatever they are nested; ``source``: the text of the file."""
    from tree_sitter import Language, Parser
    from tree_sitter_bash import language

    data = script.text.encode("utf-8", "replace")
    file = _File(script, data, source)
    tree = Parser(Language(language())).parse(data)
    redirected: dict[Span, Node] = {}  # where a command stands -> what redirects it
    pending = [(tree.root_node, True)]
    while pending:
        node, certain = pending.pop()
        children = node.children
        if node.type == "command":
            yield _words(node, redirected.get((node.start_byte, node.end_byte)), file, certain=certain)
            children = [child for child in children if child.type != "command_name"]
        elif node.type == "redirected_statement":
            last = _last_command(node.child_by_field_name("body"))
            if last is not None:
                redirected[last.start_byte, last.end_byte] = node
        inner = certain and node.type not in _CHOICES and not (node.type == "list" and _is_choice(node))
        pending += [(child, inner) for child in reversed(children)]


def _is_choice(node: Node) -> bool:
    """Whether a list is ``a || b``."""
    return any(child.type == "||" for child in node.children)


def _last_command(node: Node | None) -> Node | None:
    """The command that a redirection behind a list belongs to: the grammar puts ``a && b > c`` together as one."""
    while node is not None and node.type in ("list", "pipeline"):
        node = node.named_children[-1] if node.named_children else None
    return node if node is not None and node.type == "command" else None


class _File:
    """Where the bytes of a script stand in the file."""

    __slots__ = ("_script", "_wide", "source")

    def __init__(self, script: Script, data: bytes, source: str) -> None:
        """``source``: the text of the file."""
        self.source = source
        self._script = script
        # Behind which bytes an offset into the text falls back: all but the first of each character.
        self._wide = [at for at, byte in enumerate(data) if byte & 0xC0 == 0x80] if not data.isascii() else []

    def offset(self, at: int) -> int:
        """From an offset into the bytes to one into the file."""
        from bisect import bisect_left

        return self._script.start + at - bisect_left(self._wide, at)

    def span(self, node: Node) -> Span:
        """Where a node stands in the file."""
        return self.offset(node.start_byte), self.offset(node.end_byte)


def _words(node: Node, redirects: Node | None, file: _File, *, certain: bool) -> _Words:
    """The words of a command node, and what it is redirected to."""
    command = _Words(file.span(node), certain=certain)
    for child in node.children:
        if child.type == "command_name":
            command.words += [_word(inner, file) for inner in child.children]
        elif child.type == "file_redirect":
            _take_redirection(command, child, file)
        elif child.type not in ("variable_assignment", "herestring_redirect", "heredoc_redirect"):
            word = _word(child, file)
            command.words.append(word)
            if child.type in ("string", "raw_string"):
                command.raw[word.span[0]] = (child.text or b"").decode("utf-8", "replace")[1:-1]
    for child in redirects.children if redirects is not None else ():
        if child.type == "file_redirect":
            _take_redirection(command, child, file)
    command.words.sort(key=lambda word: word.span)
    _give_entries(command)
    return command


def _take_redirection(command: _Words, node: Node, file: _File) -> None:
    """The operator of a redirection and its target; what the grammar takes for more targets are words of the command."""
    targets = [_word(target, file) for target in node.children_by_field_name("destination")]
    command.words += targets[1:]
    operator = next((child.type for child in node.children if child.type in ("<", ">", ">>")), None)
    if targets and operator is not None and node.child_by_field_name("descriptor") is None:
        targets[0].entry = (file.offset(node.start_byte), targets[0].span[1])
        command.redirections.append((operator, targets[0]))


def _give_entries(command: _Words) -> None:
    """Each word's entry begins behind what stands before it, so that no blank is left over."""
    ends = [target.span[1] for _, target in command.redirections]
    for before, word in pairwise(command.words):
        start = max([before.entry[1], *(end for end in ends if end <= word.span[0])])
        word.entry = (start, word.entry[1])


def _word(node: Node, file: _File) -> Word:
    """One word: its text without quotes, and whether it stands there as it is."""
    whole = file.span(node)
    text, known = _value(node)
    inner = (whole[0] + 1, whole[1] - 1) if node.type in ("string", "raw_string") else whole
    return Word(text, inner, whole, plain=known and text == file.source[slice(*inner)], known=known)


def _value(node: Node) -> tuple[str, bool]:
    """What a word comes to, and whether all of it is known: of what is not, ``${NAME}`` stands for it."""
    raw = (node.text or b"").decode("utf-8", "replace")
    if node.type == "raw_string":
        text = _EXPRESSION.sub("${X}", raw[1:-1])
        return text, text == raw[1:-1]
    if node.type in ("string", "concatenation", "word", "command_name"):
        parts = [_value(child) for child in node.children if child.type != '"']
        if parts or node.type == "string":
            inside = [text for text, _ in parts]
            return "".join(inside), all(known for _, known in parts)
        return re.sub(r"\\(?:\r?\n|(.))", r"\1", raw), True
    if node.type == "string_content":
        return re.sub(r'\\([$`"\\]|\r?\n)', lambda found: found[1].strip("\r\n"), raw), True
    if node.type in ("simple_expansion", "expansion"):
        name = re.search(r"[A-Za-z_]\w*", raw)
        return (f"${{{name[0].upper()}}}" if name else "${X}"), False
    if node.type in (
        "command_substitution",
        "process_substitution",
        "arithmetic_expansion",
        "ansi_c_string",
        "translated_string",
    ):
        return "${X}", False
    return raw, True


def _read_command(
    manifest: Manifest, command: _Words, role: Role, where: str, place: str | None, heads: tuple[int, ...]
) -> list[Include]:
    """What one command installs; returns the files that it names, which need not lie beside this one."""
    words = _unwrapped(command.words)
    inner = _script_of_shell(manifest, words, command, heads)
    if inner is not None:
        return read_script(manifest, inner, role, where, place if command.certain else None)
    found = _arguments(words)
    if found is None:
        return []
    tool, arguments = found
    row, column = manifest.source.position(command.span[0])
    group = Group("group", role, f"{where}, {tool} in {row}:{column}")
    group.heads = (*heads, command.span[0])
    if command.certain and not _is_apart(words):
        group.place = place
    _report_redirections(manifest, command, arguments)
    arguments = [word for word in _without_templates(arguments) if not _is_redirected(word, command)]
    known, included = len(manifest.dependencies), len(manifest.includes)
    if tool == "conda":
        _read_conda(manifest, arguments, group)
    else:
        ArgvReader(manifest, group).read(filter(None, map(_as_far_as_known, arguments)))
    files = manifest.includes[included:]
    del manifest.includes[included:]  # they lie where the command runs, not beside this file
    for dependency in manifest.dependencies[known:]:
        dependency.inline = True
        start = manifest.source.line_span(manifest.source.row(dependency.span[0]))[0]
        dependency.scope = (max(start, dependency.entry[0]), dependency.entry[1])
    return files


def _script_of_shell(manifest: Manifest, words: list[Word], command: _Words, heads: tuple[int, ...]) -> Script | None:
    """What ``bash -lc '…'`` is to run, where each of its characters stands in the file as it is."""
    if len(words) < 3 or not re.fullmatch(SHELL, _base(words[0])):
        return None
    for index, word in enumerate(words[1:-1], 2):
        if re.fullmatch(r"-[a-z]*c", word.text):
            text = command.raw.get(words[index].span[0], "")
            if not text or "\\" in text or "`" in text:
                return None
            start = words[index].span[0]
            quotes = command.quotes.replace(manifest.source.text[start - 1], "")
            return Script(text, start, (*heads, command.span[0]), quotes)
        if not word.text.startswith("-"):
            return None
    return None


def _is_apart(words: list[Word]) -> bool:
    """Whether a command installs elsewhere than where other commands do: into a named environment, or one of its own."""
    program = _base(words[0])
    if program in ("uvx", "pipx") or "/" in words[0].text or "\\" in words[0].text or not words[0].known:
        return True
    if program == "uv" and any(word.text == "tool" for word in words):
        return True
    if program not in _CONDA:
        return any(re.match(r"(?:-t|-p|--(?:target|python|prefix|root))(?:=|$)", word.text) for word in words)
    if any(word.text in ("run", "create") for word in words[:3]):
        return True
    for word, following in pairwise(words):
        name, equals, value = word.text.partition("=")
        if name in _CONDA_ENVIRONMENT and (value if equals else following.text) not in _BASE:
            return True
    return False


def _as_far_as_known(word: Word) -> Word | None:
    """A word with a variable in it, as pip's reader takes one (``name==${VERSION}``); None for one that may be anything."""
    if word.text == "-" or _EXPANDED.search(_VARIABLE.sub("", word.text)):
        return None
    if word.known:
        return word
    return None if _GLUED.match(word.text) else Word(word.text, word.span, word.entry, plain=False)


def _without_templates(words: Sequence[Word]) -> Iterator[Word]:
    """The words but for those of a template (``{{ name }}``), which is filled in before the shell sees it."""
    within = False
    for word in words:
        opens, closes = word.text.rfind("{{"), word.text.rfind("}}")
        if not within and opens < 0:
            yield word
        within = opens > closes or (within and closes < 0)


def _unwrapped(words: list[Word]) -> list[Word]:
    """The words without what runs the command: ``sudo -H``, ``env NAME=value``."""
    while words and _base(words[0]) in _RUNNERS:
        with_value = _RUNNERS[_base(words[0])]
        rest = words[1:]
        while rest and (rest[0].text.startswith("-") or re.match(r"[A-Za-z_]\w*=", rest[0].text)):
            rest = rest[2:] if rest[0].text in with_value else rest[1:]
        words = rest[1:] if _base(words[0]) == "timeout" else rest
    return words


def _base(word: Word) -> str:
    """The name of a program, without its folder."""
    return re.split(r"[/\\]", word.text)[-1]


def _arguments(words: list[Word]) -> tuple[str, list[Word]] | None:
    """Which tool a command is, and the words behind its ``install``; None for all other commands."""
    if not words:
        return None
    name, rest = _base(words[0]), words[1:]
    if _PYTHON.fullmatch(name):
        at = next((index for index, word in enumerate(rest) if word.text.startswith("-m")), None)
        if at is not None and len(rest[at].text) > 2:  # `-mpip`
            rest = [*rest[:at], rest[at], rest[at].tail(2), *rest[at + 1 :]]
        if at is None or at + 1 >= len(rest) or any(not word.text.startswith("-") for word in rest[:at]):
            return None
        name, rest = _base(rest[at + 1]), rest[at + 2 :]
        if not _PIP.fullmatch(name) and name != "pipx":
            return None
    if _PIP.fullmatch(name):
        return _behind(_without_values(rest), ("install",), "pip")
    if name == "uv":
        inner = _behind(rest, ("pip", "tool"), "pip")
        if inner is None:
            return None
        is_tool = any(word.text == "tool" for word in rest[: len(rest) - len(inner[1])])
        return _behind(inner[1], ("install", "run") if is_tool else ("install",), "pip", first=is_tool)
    if name == "uvx":
        return _only_first("pip", rest)
    if name == "pipx":
        return _arguments_of_pipx(rest)
    if name in _CONDA:
        return _behind(rest, ("install", "create"), "conda") or _arguments_of_conda_run(rest)
    return None


def _without_values(words: list[Word]) -> list[Word]:
    """The words behind ``pip``, the values of its own options left out: ``pip --log x install``."""
    rest = list(words)
    while len(rest) > 1 and rest[0].text.startswith("-"):
        del rest[: 2 if rest[0].text in WITH_VALUE else 1]
    return rest


def _arguments_of_pipx(words: list[Word]) -> tuple[str, list[Word]] | None:
    """``pipx install``, ``run`` and ``inject``: of the last one, the first word names what is there already."""
    found = _behind(words, ("install",), "pip") or _behind(words, ("run",), "pip", first=True)
    if found is not None:
        return found
    found = _behind(words, ("inject",), "pip")
    if found is None:
        return None
    first = next((index for index, word in enumerate(found[1]) if not word.text.startswith("-")), 0)
    return "pip", found[1][:first] + found[1][first + 1 :]


def _arguments_of_conda_run(words: list[Word]) -> tuple[str, list[Word]] | None:
    """``conda run -n name pip install …``: what it runs."""
    found = _behind(words, ("run",), "conda")
    if found is None:
        return None
    rest = found[1]
    while rest and rest[0].text.startswith("-"):
        rest = rest[2:] if rest[0].text in _CONDA_WITH_VALUE else rest[1:]
    return _arguments(rest)


def _behind(
    words: list[Word], verbs: tuple[str, ...], tool: str, *, first: bool = False
) -> tuple[str, list[Word]] | None:
    """The words behind a verb, before which only options stand; ``first``: only the first of them is a requirement."""
    for index, word in enumerate(words):
        if word.text in verbs:
            rest = words[index + 1 :]
            return _only_first(tool, rest) if first else (tool, rest)
        if not word.text.startswith("-") and (index == 0 or not words[index - 1].text.startswith("--")):
            return None
    return None


def _only_first(tool: str, words: list[Word]) -> tuple[str, list[Word]]:
    """The options and the first other word: what follows it is for the program that is run.

    ``--from`` names what that program comes with; ``name@version`` is uv's own notation, and firm.
    """
    kept: list[Word] = []
    rest = iter(words)
    for word in rest:
        if word.text in _CHOSEN_TOOLS:
            return tool, [*kept, *(following for following in (next(rest, None),) if following is not None)]
        if not word.text.startswith("-"):
            return tool, kept if _AT_VERSION.fullmatch(word.text) else [*kept, word]
        if word.text in WITH_VALUE or word.text == "--with":
            value = next(rest, None)
            kept += [word, value] if value is not None else []
        else:
            kept.append(word)
    return tool, kept


def _read_conda(manifest: Manifest, words: list[Word], group: Group) -> None:
    """The specs of ``conda install`` and ``create``, and the channels."""
    from reqlint.formats._conda import add_spec

    rest = iter(words)
    for word in rest:
        name, equals, value = word.text.partition("=")
        if word.text.startswith("-"):
            if re.match(rf"-[{_CONDA_FLAGS}]", name):
                name = "-" + name[1:].lstrip(_CONDA_FLAGS)
            if name in _CHANNEL:
                holder = word if equals else next(rest, None)
                channel = value if equals else holder.text if holder is not None else ""
                if holder is not None and holder.known and "://" in channel:
                    span = (holder.span[1] - len(channel), holder.span[1]) if holder.plain else holder.span
                    manifest.indexes.append(Index("channel", channel, span, holder.entry, name, tool="conda"))
            elif (name in _CONDA_WITH_VALUE or name in _FILE) and not equals:
                next(rest, None)
        elif word.known and word.text and not _EXPANDED.search(word.text.partition("[")[0]):
            add_spec(manifest, group, word.text, word.span, word.entry, plain=word.plain)


def _report_redirections(manifest: Manifest, command: _Words, arguments: Sequence[Word]) -> None:
    """``pip install name>=1``: to the shell, ``>`` begins the name of a file."""
    by_end = {word.span[1]: word for word in arguments if word.plain}
    for operator, target in command.redirections:
        word = by_end.get(target.entry[0])
        if word is None or not _REDIRECTED.fullmatch(word.text) or not re.match(r"=?\d", target.text):
            continue
        source = manifest.source
        text = source.text[word.span[0] : target.span[1]]
        effect = f"writes a file `{target.text}`" if operator != "<" else f"reads a file `{target.text}`"
        quote = command.quotes[:1]
        edits = [Edit(word.span[0], word.span[0], quote), Edit(target.span[1], target.span[1], quote)]
        can_be_quoted = quote and re.fullmatch(r"[^\s\"'`$\\]+", text)
        manifest.problems.append(
            Problem(
                "ignored-text",
                (word.span[0], target.span[1]),
                f"to the shell, `{operator}` is a redirection: this installs any `{word.text}`, and {effect}",
                label="no quotes stand round it",
                help=f"write `{quote}{text}{quote}`" if can_be_quoted else "put it in quotes",
                fix=Fix("Put it in quotes", edits, "unsafe") if can_be_quoted else None,
                scope=(max(word.entry[0], source.line_span(source.row(word.span[0]))[0]), target.span[1]),
            )
        )


def _is_redirected(word: Word, command: _Words) -> bool:
    """Whether a word's version is lost to the shell, which is reported."""
    return any(
        target.entry[0] == word.span[1]
        and _REDIRECTED.fullmatch(word.text) is not None
        and re.match(r"=?\d", target.text)
        for _, target in command.redirections
    )

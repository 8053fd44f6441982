"""What commands in a shell script install: pip, uv, pipx, conda and their kin, word by word with places.

tree-sitter's grammar of bash tells the commands, their words, quotes and redirections; what lies between pip's options and
its requirements is ``_pip_argv``'s. Sources: the shell command language of POSIX (quoting, redirection), the documentation of
``pip install``, ``uv``, ``pipx``, and of ``conda install`` and ``create``.
"""

from __future__ import annotations

import re
from itertools import pairwise

from reqlint.fixes import Edit, Fix
from reqlint.formats._pip_argv import ArgvReader, Word
from reqlint.model import Group, Index, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tree_sitter import Node

    from reqlint.model import Include, Manifest, Role
    from reqlint.source import Span

_INSTALLS = re.compile(r"\b(?:install|create|inject|add|run|uvx)\b")
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
}
_CONDA_WITH_VALUE = frozenset(
    "-n --name -p --prefix --solver --platform --subdir -r --root-prefix --repodata-fn --rc-file".split()
)
_MOVES = ("cd", "pushd", "popd")
_CHANNEL = ("-c", "--channel")
_FILE = ("-f", "--file")
_REDIRECTED = re.compile(r"[A-Za-z0-9][\w.-]*(?:\[[\w,.-]*\])?")


class Script:
    """A piece of shell text in a file: what to parse, and where it stands.

    ``text``: of the same length as the piece, with blanks for what is no shell; ``start``: the 0-based offset of the piece.
    """

    __slots__ = ("start", "text")

    def __init__(self, text: str, start: int) -> None:
        """Keep both."""
        self.text = text
        self.start = start


class _Words:
    """The words of one command, and its redirections."""

    __slots__ = ("redirections", "span", "words")

    def __init__(self, span: Span) -> None:
        self.span = span
        self.words: list[Word] = []
        self.redirections: list[tuple[str, Word]] = []


def read_script(manifest: Manifest, script: Script, role: Role, where: str) -> list[Include]:
    """Add what the commands of a script install to a manifest; ``where``: what to call the place, for the group's name.

    Each command is a group of its own, as one may well replace what another one installed. Returns the files that the
    commands name with ``-r`` and ``-c``, relative to the folder in which the script starts: it may leave that (``cd``), and
    no file counts that is named behind that.
    """
    files: list[Include] = []
    if not _INSTALLS.search(script.text):
        return files
    stays = True
    for command in _commands(script):
        stays = stays and not (command.words and command.words[0].text in _MOVES)
        named = _read_command(manifest, command, role, where)
        files += named if stays else ()
    return files


def read_words(manifest: Manifest, texts: Sequence[str], spans: Sequence[Span], role: Role, where: str) -> None:
    """The same for one command that is given as words, each in quotes: ``spans`` are those of the quoted strings."""
    command = _Words((spans[0][0], spans[-1][1]) if spans else (0, 0))
    source = manifest.source.text
    for text, (start, end) in zip(texts, spans, strict=True):
        command.words.append(Word(text, (start + 1, end - 1), (start, end), plain=source[start + 1 : end - 1] == text))
    _give_entries(command)
    _read_command(manifest, command, role, where)


def _commands(script: Script) -> Iterator[_Words]:
    """All simple commands of a script, in file order, in whatever they are nested."""
    from tree_sitter import Language, Parser
    from tree_sitter_bash import language

    data = script.text.encode("utf-8", "replace")
    offset = _offsets(script, data)
    tree = Parser(Language(language())).parse(data)
    redirected: dict[Span, Node] = {}  # where a command stands -> what redirects it
    pending = [tree.root_node]
    while pending:
        node = pending.pop()
        if node.type == "command":
            yield _words(node, redirected.get((node.start_byte, node.end_byte)), offset)
            pending += reversed([child for child in node.children if child.type != "command_name"])
            continue
        if node.type == "redirected_statement":
            last = _last_command(node.child_by_field_name("body"))
            if last is not None:
                redirected[last.start_byte, last.end_byte] = node
        pending += reversed(node.children)


def _last_command(node: Node | None) -> Node | None:
    """The command that a redirection behind a list belongs to: the grammar puts ``a && b > c`` together as one."""
    while node is not None and node.type in ("list", "pipeline"):
        node = node.named_children[-1] if node.named_children else None
    return node if node is not None and node.type == "command" else None


def _offsets(script: Script, data: bytes) -> Callable[[int], int]:
    """From offsets into the bytes to offsets into the file."""
    if len(data) == len(script.text):
        return lambda at: script.start + at
    return lambda at: script.start + len(data[:at].decode("utf-8", "ignore"))


def _words(node: Node, redirects: Node | None, offset: Callable[[int], int]) -> _Words:
    """The words of a command node, and what it is redirected to."""
    command = _Words((offset(node.start_byte), offset(node.end_byte)))
    for child in node.children:
        if child.type == "command_name":
            command.words += [_word(inner, offset) for inner in child.children]
        elif child.type == "file_redirect":
            _take_redirection(command, child, offset)
        elif child.type not in ("variable_assignment", "herestring_redirect", "heredoc_redirect"):
            command.words.append(_word(child, offset))
    for child in redirects.children if redirects is not None else ():
        if child.type == "file_redirect":
            _take_redirection(command, child, offset)
    command.words.sort(key=lambda word: word.span)
    _give_entries(command)
    return command


def _take_redirection(command: _Words, node: Node, offset: Callable[[int], int]) -> None:
    """The operator of a redirection and its target; what the grammar takes for more targets are words of the command."""
    targets = [_word(target, offset) for target in node.children_by_field_name("destination")]
    command.words += targets[1:]
    operator = next((child.type for child in node.children if child.type in ("<", ">", ">>")), None)
    if targets and operator is not None and node.child_by_field_name("descriptor") is None:
        targets[0].entry = (offset(node.start_byte), targets[0].span[1])
        command.redirections.append((operator, targets[0]))


def _give_entries(command: _Words) -> None:
    """Each word's entry begins behind what stands before it, so that no blank is left over."""
    ends = [target.span[1] for _, target in command.redirections]
    for before, word in pairwise(command.words):
        start = max([before.entry[1], *(end for end in ends if end <= word.span[0])])
        word.entry = (start, word.entry[1])


def _word(node: Node, offset: Callable[[int], int]) -> Word:
    """One word: its text without quotes, and whether it stands there as it is."""
    raw = (node.text or b"").decode("utf-8", "replace")
    whole = (offset(node.start_byte), offset(node.end_byte))
    if node.type == "raw_string":
        return Word(raw[1:-1], (whole[0] + 1, whole[1] - 1), whole)
    text, known = _value(node)
    if node.type == "string":
        return Word(text, (whole[0] + 1, whole[1] - 1), whole, plain=known and text == raw[1:-1], known=known)
    plain = known and text == raw
    return Word(text, whole, whole, plain=plain, known=known)


def _value(node: Node) -> tuple[str, bool]:
    """What a word comes to, and whether all of it is known: of what is not, ``${NAME}`` stands for it."""
    raw = (node.text or b"").decode("utf-8", "replace")
    if node.type == "raw_string":
        return raw[1:-1], True
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


def _read_command(manifest: Manifest, command: _Words, role: Role, where: str) -> list[Include]:
    """What one command installs; returns the files that it names, which need not lie beside this one."""
    words = _unwrapped(command.words)
    found = _arguments(words)
    if found is None:
        return []
    tool, arguments = found
    source = manifest.source
    row, column = source.position(command.span[0])
    group = Group("group", role, f"{where}, {tool} in {row}:{column}")
    _report_redirections(manifest, command, arguments)
    arguments = [word for word in arguments if not _is_redirected(word, command)]
    known = len(manifest.dependencies)
    included = len(manifest.includes)
    if tool == "conda":
        _read_conda(manifest, arguments, group)
    else:
        ArgvReader(manifest, group).read(filter(None, map(_as_far_as_known, arguments)))
    for dependency in manifest.dependencies[known:]:
        dependency.inline = True
    files = manifest.includes[included:]
    del manifest.includes[included:]  # they lie where the command runs, not beside this file
    return files


def _as_far_as_known(word: Word) -> Word | None:
    """A word with a variable in it, as pip's reader takes one (``name==${VERSION}``); None for one that may be anything."""
    if word.known:
        return word
    return None if word.text.startswith("${") else Word(word.text, word.span, word.entry, plain=False)


def _unwrapped(words: list[Word]) -> list[Word]:
    """The words without what runs the command: ``sudo -H``, ``env NAME=value``."""
    while words and _base(words[0]) in _RUNNERS:
        with_value = _RUNNERS[_base(words[0])]
        rest = words[1:]
        while rest and (rest[0].text.startswith("-") or re.match(r"[A-Za-z_]\w*=", rest[0].text)):
            rest = rest[2:] if rest[0].text in with_value else rest[1:]
        words = rest
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
        at = next((index for index, word in enumerate(rest) if word.text == "-m"), None)
        if at is None or at + 1 >= len(rest) or any(not word.text.startswith("-") for word in rest[:at]):
            return None
        name, rest = _base(rest[at + 1]), rest[at + 2 :]
        if not _PIP.fullmatch(name) and name != "pipx":
            return None
    if _PIP.fullmatch(name):
        return _behind(rest, ("install",), "pip")
    if name == "uv":
        inner = _behind(rest, ("pip",), "pip")
        if inner is not None:
            return _behind(inner[1], ("install",), "pip")
        inner = _behind(rest, ("tool",), "pip")
        return _behind(inner[1], ("install", "run"), "pip", first=True) if inner is not None else None
    if name == "uvx":
        return _only_first("pip", rest)
    if name == "pipx":
        return _behind(rest, ("install", "run"), "pip", first=True)
    if name in _CONDA:
        return _behind(rest, ("install", "create"), "conda")
    return None


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
    """The options and the first other word: what follows it is for the program that is run."""
    for index, word in enumerate(words):
        if not word.text.startswith("-"):
            return tool, words[: index + 1]
    return tool, words


def _read_conda(manifest: Manifest, words: list[Word], group: Group) -> None:
    """The specs of ``conda install`` and ``create``, and the channels."""
    from reqlint.formats._conda import add_spec

    rest = iter(words)
    for word in rest:
        name, equals, value = word.text.partition("=")
        if word.text.startswith("-"):
            if name in _CHANNEL:
                holder = word if equals else next(rest, None)
                channel = value if equals else holder.text if holder is not None else ""
                if holder is not None and holder.known and "://" in channel:
                    span = (holder.span[1] - len(channel), holder.span[1]) if holder.plain else holder.span
                    manifest.indexes.append(Index("channel", channel, span, holder.entry, name, tool="conda"))
            elif (name in _CONDA_WITH_VALUE or name in _FILE) and not equals:
                next(rest, None)
        elif word.known and word.text:
            add_spec(manifest, group, word.text, word.span, word.entry, plain=word.plain)


def _report_redirections(manifest: Manifest, command: _Words, arguments: Sequence[Word]) -> None:
    """``pip install name>=1``: to the shell, ``>`` begins the name of a file."""
    by_end = {word.span[1]: word for word in arguments if word.plain}
    for operator, target in command.redirections:
        word = by_end.get(target.entry[0])
        if word is None or not _REDIRECTED.fullmatch(word.text) or not re.match(r"=?\d", target.text):
            continue
        text = manifest.source.text[word.span[0] : target.span[1]]
        effect = f"writes a file `{target.text}`" if operator != "<" else f"reads a file `{target.text}`"
        edits = [Edit(word.span[0], word.span[0], '"'), Edit(target.span[1], target.span[1], '"')]
        manifest.problems.append(
            Problem(
                "ignored-text",
                (word.span[0], target.span[1]),
                f"to the shell, `{operator}` is a redirection: this installs any `{word.text}`, and {effect}",
                label="no quotes stand round it",
                help=f'write `"{text}"`',
                fix=Fix("Put it in quotes", edits, "unsafe") if re.fullmatch(r"[^\s\"'`$\\]+", text) else None,
                scope=word.entry,
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

"""The options that pip takes in a requirements file, split off a line with their places.

pip splits the options with ``shlex`` and reads them with ``optparse``, so the rules are theirs: unambiguous prefixes of
long options, ``--option=value`` and ``--option value``, ``-rfile`` and ``-r file`` (but ``-r=file`` names the file
``=file``). Sources: pip's documentation, "Requirements File Format", and its ``cli/cmdoptions.py`` (26.3).
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.source import Span

#: Long option -> (what it means, whether it takes a value).
LONG: dict[str, tuple[str, bool]] = {
    "--index-url": ("index-url", True),
    "--pypi-url": ("index-url", True),
    "--extra-index-url": ("extra-index-url", True),
    "--no-index": ("no-index", False),
    "--constraint": ("constraint", True),
    "--requirement": ("requirement", True),
    "--editable": ("editable", True),
    "--find-links": ("find-links", True),
    "--no-binary": ("no-binary", True),
    "--only-binary": ("only-binary", True),
    "--prefer-binary": ("prefer-binary", False),
    "--require-hashes": ("require-hashes", False),
    "--no-require-hashes": ("no-require-hashes", False),
    "--pre": ("pre", False),
    "--all-releases": ("all-releases", True),
    "--only-final": ("only-final", True),
    "--trusted-host": ("trusted-host", True),
    "--use-feature": ("use-feature", True),
    "--hash": ("hash", True),
    "--config-settings": ("config-settings", True),
}
SHORT: dict[str, tuple[str, bool]] = {
    "-i": ("index-url", True),
    "-c": ("constraint", True),
    "-r": ("requirement", True),
    "-e": ("editable", True),
    "-f": ("find-links", True),
    "-C": ("config-settings", True),
}
PER_REQUIREMENT = frozenset({"hash", "config-settings"})
#: Options that count for the whole file wherever they stand: pip notes them while it reads the line.
EVERYWHERE = frozenset({"no-binary", "only-binary", "all-releases", "only-final"})
HASHES = ("sha256", "sha384", "sha512")
_OTHER_HASHES = frozenset({"md5", "sha", "sha1", "sha224", *HASHES, "sha3", "blake2b", "blake2s"})

#: Options that an older pip took in requirements files, with the version that dropped them.
DROPPED = {
    "--install-option": "23.1",
    "--global-option": "26.0",
    "--process-dependency-links": "19.0",
    "--use-wheel": "10.0",
    "--no-use-wheel": "10.0",
    "--allow-external": "10.0",
    "--allow-all-external": "10.0",
    "--allow-unverified": "10.0",
    "--always-unzip": "20.0",
    "-Z": "20.0",
}

_SPELLING = re.compile(r"-[A-Za-z]|--[A-Za-z][a-z-]{0,30}(?![^=])")
_WORD = re.compile(r"[^ \t\r\n]+")
_PART = re.compile(r"""[^ \t\r\n'"\\]+|'[^']*'|"(?:[^"\\]++|\\.)*+"|\\.""", re.DOTALL)
_QUOTED_WORD = re.compile(rf"(?:{_PART.pattern})++", re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')


class Option:
    """One option as given: ``kind`` (see LONG), ``value`` and its span, ``spelling`` as written, and its own span."""

    __slots__ = ("kind", "span", "spelling", "value", "value_span")

    def __init__(self, kind: str, spelling: str, value: str, value_span: Span, span: Span) -> None:
        """Spans are offsets into the options text."""
        self.kind = kind
        self.spelling = spelling
        self.value = value
        self.value_span = value_span
        self.span = span


class OptionError(ValueError):
    """pip refuses this option: ``reason`` and its span; ``dropped``: the pip version that dropped it, if one did."""

    def __init__(self, reason: str, span: Span) -> None:
        """Keep what is wrong and where."""
        super().__init__(reason)
        self.reason = reason
        self.span = span


Word = tuple[str, int, int]


def split_words(text: str) -> list[Word]:
    """The shell words of a text (POSIX rules, as in ``shlex``), each with the half-open range it stands in.

    Raises OptionError on an open quotation, or on a backslash with nothing behind it.
    """
    if not any(mark in text for mark in "'\"\\"):
        return [(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
    words: list[Word] = []
    end = 0
    for match in _QUOTED_WORD.finditer(text):
        if match.start() != end and not text[end : match.start()].isspace():
            break
        word = "".join(_unquote(part) for part in _PART.findall(match[0]))
        words.append((word, match.start(), match.end()))
        end = match.end()
    rest = text[end:].lstrip(" \t\r\n")
    if rest:
        raise OptionError("a quotation or an escape is not closed", (len(text) - len(rest), len(text)))
    return words


def _unquote(part: str) -> str:
    """What a part of a shell word stands for: within double quotes, only they and the backslash can be escaped."""
    mark = part[0]
    if mark == "'":
        return part[1:-1]
    if mark == '"':
        return _ESCAPED.sub(r"\1", part[1:-1])
    if mark == "\\":
        return part[1:]
    return part


def parse_options(text: str) -> tuple[list[Option], list[Word]]:
    """The options in a text and the words that belong to none (pip drops them silently); raises OptionError."""
    words = split_words(text)
    options: list[Option] = []
    rest: list[Word] = []
    number = 0
    while number < len(words):
        word, start, end = words[number]
        number += 1
        if word == "--":
            rest.extend(words[number:])
            break
        if not word.startswith("-") or word == "-":
            rest.append((word, start, end))
            continue
        if word.startswith("--"):
            spelling, equals, value = word.partition("=")
            kind, takes = _long(spelling, (start, end))
            if equals and not takes:
                reason = f"`{spelling}` takes no value"
                raise OptionError(reason, (start, end))
            inline = bool(equals)
        else:
            spelling, value = word[:2], word[2:]
            kind, takes = _short(spelling, (start, end))
            inline = bool(value)
        value_start = end - len(value)
        finish = end
        if takes and not inline:
            if number == len(words):
                reason = f"`{spelling}` needs a value"
                raise OptionError(reason, (start, end))
            value, value_start, finish = words[number]
            number += 1
        option = Option(kind, spelling, value, (value_start, finish), (start, finish))
        _check_value(option)
        options.append(option)
    return options, rest


def _long(spelling: str, span: Span) -> tuple[str, bool]:
    """A long option by its name or an unambiguous prefix of it."""
    exact = LONG.get(spelling)
    if exact is not None:
        return exact
    found = {name: LONG[name] for name in LONG if name.startswith(spelling)}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        reason = f"`{spelling}` is ambiguous: " + ", ".join(f"`{name}`" for name in sorted(found))
        raise OptionError(reason, span)
    raise OptionError(_refusal(spelling), span)


def _short(spelling: str, span: Span) -> tuple[str, bool]:
    """A short option."""
    found = SHORT.get(spelling)
    if found is None:
        raise OptionError(_refusal(spelling), span)
    return found


def _refusal(spelling: str) -> str:
    """Why pip refuses an option."""
    if spelling in DROPPED:
        return f"pip dropped `{spelling}` from requirements files in {DROPPED[spelling]}"
    shown = _SPELLING.match(spelling)  # no more of it: a value that is run together with it could hold a secret
    return f"pip takes no `{shown[0]}` in a requirements file" if shown else "pip takes no such option"


def _check_value(option: Option) -> None:
    """The values that pip checks while it reads."""
    kind, value = option.kind, option.value
    if kind == "hash":
        algorithm, colon, _ = value.partition(":")
        if not colon:
            raise OptionError("a hash is written `--hash=sha256:digest`", option.span)
        if algorithm not in HASHES:
            shown = f", not by `{algorithm}`" if algorithm.lower() in _OTHER_HASHES else ""
            raise OptionError(f"pip takes hashes by {', '.join(HASHES)}{shown}", option.span)
    elif kind == "config-settings" and "=" not in value:
        raise OptionError("a configuration setting is written `--config-settings=key=value`", option.span)
    elif kind in EVERYWHERE and value.startswith("-"):
        raise OptionError(f"`{option.spelling}` needs a value: names with commas between them, or `:all:`", option.span)


def is_host(value: str) -> bool:
    """Whether pip finds a host in the value of ``--trusted-host``."""
    if value.isascii() and value.replace(".", "").replace("-", "").isalnum():
        return True
    from urllib.parse import urlsplit

    if value.count(":") >= 2 and "@" not in value and "[" not in value:
        value = f"[{value}]"  # an IPv6 address
    try:
        parts = urlsplit(f"https://{value}")
        return parts.hostname is not None and (parts.port or 0) >= 0
    except ValueError:
        return False

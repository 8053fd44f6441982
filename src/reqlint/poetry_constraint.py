"""A Poetry version constraint, split into clauses that know their places and what they mean by PEP 440.

``^1.2``, ``~1.2``, ``1.*``, a bare ``1.2`` (which is exact), clauses with commas or blanks between them of which all must
hold, and ``|`` or ``||`` between groups of which one must. Sources: Poetry's documentation of dependency specification, and
poetry-core 2.5, by which the tests judge: what it refuses is refused here, and what it allows is what ``clauses`` allow.

What PEP 440 cannot say has no ``clauses`` (None): a local version behind anything but ``==``, ``!=`` and ``<``, and ``!=`` with
a wildcard behind a pre- or post-release. Where poetry-core's arithmetic of ranges departs from its own clauses, the clauses
stand as written: ``!=1.2`` leaves ``1.2.post1`` in, but ``>1,!=1.2`` does not; ``>=1.2RC1`` takes ``RC`` for less than ``a``.

Offsets are 0-based, in code points, and half-open.
"""

from __future__ import annotations

import re

from reqlint.requirement import Constraint, InvalidRequirementError

TYPE_CHECKING = False
if TYPE_CHECKING:
    Clauses = tuple[tuple[str, str], ...]
    Alternatives = tuple[tuple[Constraint, ...], ...]

# PEP 440, appendix B. Possessive, as packaging has it: `1.0a.*` is no version with a wildcard, `1.0a.` took the dot.
_VERSION = (
    r"v?+(?a:(?:(?P<epoch>[0-9]+)!)?+(?P<release>[0-9]+(?:\.[0-9]+)*+)"
    r"(?:[._-]?+(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[._-]?+(?P<pre_number>[0-9]+)?)?+"
    r"(?P<post>-(?P<post_implicit>[0-9]+)|[._-]?(?:post|rev|r)[._-]?(?P<post_number>[0-9]+)?)?+"
    r"(?P<dev>[._-]?+dev[._-]?+(?P<dev_number>[0-9]+)?)?+(?:\+(?P<local>[a-z0-9]+(?:[._-][a-z0-9]+)*+))?+)"
)
_CLAUSE = re.compile(
    rf"(?P<operator>\^|~=?|<>|!=|>=?|<=?|==?|)\s*(?P<version>(?P<number>{_VERSION}|dev)(?P<stars>(?:\.\*)*))",
    re.IGNORECASE,
)
_ANY = re.compile(r"v?[x*]*(?:\.[x*])*(?![^ ,])", re.IGNORECASE)
_SEPARATOR = re.compile(r" *,? *")
_OR = re.compile(r"\|\|?")

_PHASES = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}

_MISSING = "a constraint is missing here: `*` stands for any version"
_HYPHEN = "Poetry has no ranges with a hyphen: write `>=1,<=2`"

# What people write instead, as it begins where a clause should stand, and what to tell them.
_SLIPS = (
    (r"latest\b", "Poetry knows no `latest`: `*` stands for any version"),
    (r"(?:and|or)\b", "a comma says `and`, `||` says `or`"),
    (r"~>", "Poetry has no `~>`: write `~` or `~=`"),
    (r"=>|=<", "the `=` comes last: `>=` or `<=`"),
    (r"={3}", "Poetry has no `===`: `==` asks for one version"),
    (r"-\s", _HYPHEN),
    (r"[@;]", "Poetry's constraints hold versions only; markers and URLs are keys of their own"),
    (r"[~^!<>=]*\s*(?:\$|\{\{|%[({])", "Poetry fills in no variables"),
    (r"[(\[{]", "Poetry's constraints have no brackets; extras and markers are keys of their own"),
    (r"(?:[a-z0-9+]+:/|git@)", "a URL is no version: Poetry takes it as `git = ...` or `url = ...`"),
    (r"['\"]", "quotes do not belong in a constraint"),
    (r"[~^!<>=]+\s+[~^!<>=]", "no blank may stand inside an operator"),
    (r"(?:[~^]=?|[<>!=]=?|<>)\s*(?:[|,]|\Z)", "no version follows the operator"),
    (r"[~^!<>=]+\s*[x*](?![^ ,.|])", "a wildcard stands alone: write `*`"),
    (r"[~^!<>=]*\s*v?[0-9]+(?:\.[0-9]+)*\.x\b", "a wildcard is written with a star: `1.*`"),
    (r"(?:\^|~=?)\s*v?[0-9]+(?:\.[0-9]+)*\.\*", "neither `^` nor `~` takes a wildcard: write `^1.2` or `1.2.*`"),
    (r"[~^!<>=]*\s*v?[0-9]+(?:\.[0-9]+)*(?:\.\*){2,}", "one wildcard is enough: `1.*`"),
    (r"[~^!<>=]*\s*v?[0-9]+(?:\.[0-9]+)*\.?\^", "`^` comes first: `^1.2`"),
    (r"(?!(?:~=|<>|[!<>=]=)(?![~^!<>=]))[~^!<>=]{2,}", "Poetry has no such operator"),
    (r"!(?!=)", "Poetry has no such operator: write `!=`"),
)


def parse(text: str, base: int = 0) -> Alternatives:
    """Split a constraint into groups of clauses: one group must hold, with all its clauses.

    The spans of the clauses are shifted by ``base``. A wildcard alone (``*``) asks for nothing and gives no clause, so that
    the group of ``"*"`` is empty. Operators are as written, an empty one for a bare version. Raises
    InvalidRequirementError, its span relative to the text, for what poetry-core refuses.
    """
    if not text.strip():
        raise InvalidRequirementError("an empty constraint: `*` stands for any version", 0, len(text))
    groups = []
    start = 0
    for separator in _OR.finditer(text):
        groups.append(_parse_group(text, start, separator.start(), base))
        start = separator.end()
    groups.append(_parse_group(text, start, len(text), base))
    return tuple(groups)


def is_any(alternatives: Alternatives) -> bool:
    """Whether any version will do, as far as wildcards tell: one of the groups asks for nothing."""
    return not all(alternatives)


def _parse_group(text: str, start: int, end: int, base: int) -> tuple[Constraint, ...]:
    """Read the clauses between two offsets; commas at the end do no harm."""
    group = text[start:end].rstrip()
    end = start + len(group)
    start = end - len(group.lstrip())
    stop = start + len(group.lstrip().rstrip(",").rstrip())
    constraints = []
    position = start
    while True:
        wildcard = _ANY.match(text, position, stop)
        if wildcard is not None and wildcard.end() > position:
            after = wildcard.end()
        else:
            match = _CLAUSE.match(text, position, stop)
            if match is None or not _is_known(match) or (match.end() < stop and text[match.end()] not in " ,"):
                raise _fault(text, position, end)
            after = match.end()
            span = (base + match.start(), base + after)
            version = (base + match.start("version"), base + after)
            constraint = Constraint(match["operator"], match["version"], span, version, clauses=_meaning(match))
            constraints.append(constraint)
        if after == stop:
            return tuple(constraints)
        separator = _SEPARATOR.match(text, after, stop)
        position = separator.end() if separator is not None else stop
        if position == stop or text[position] == ",":
            raise InvalidRequirementError("one comma is enough between two clauses", after, max(end, position))
        if text.startswith(("- ", "-\t"), position):
            raise InvalidRequirementError(_HYPHEN, position, position + 1)


def _is_known(match: re.Match[str]) -> bool:
    """Whether poetry-core knows such a clause, where the pattern is more generous."""
    operator, stars = match["operator"], match["stars"]
    if match["release"] is None and (match["number"] != "dev" or operator in ("^", "~", "~=")):
        return False
    if len(match["number"]) > 1000:
        return False  # Python reads no number of more than 4300 digits
    if not stars:
        return True
    if operator in ("^", "~", "~="):
        return False
    plain = match["number"].removeprefix("v") == match["release"] and match["release"].count(".") < 3
    return stars == ".*" or (plain and operator in ("", "==", "!="))


def _fault(text: str, start: int, end: int) -> InvalidRequirementError:
    """What is wrong with the clause that should begin here, and where."""
    while start < end and text[start].isspace():
        start += 1
    stop = start
    while stop < end and text[stop] not in " ,":
        stop += 1
    match = _CLAUSE.match(text, start, end)
    if match is not None and match.end() < stop and _is_known(match):
        if text[match.end()] in "<>=!~^":
            return InvalidRequirementError("a comma is missing between the two clauses", match.end(), stop)
        if text[match.end()] in ";@([":
            reason = "Poetry's constraints hold versions only; extras, markers and URLs are keys of their own"
            return InvalidRequirementError(reason, match.end(), end)
    if stop == start:
        start, stop = (start, start + 1) if start < len(text) else (start - 1, start)
        return InvalidRequirementError(_MISSING, start, stop)
    for pattern, reason in _SLIPS:
        if re.compile(pattern, re.IGNORECASE).match(text, start, end):
            return InvalidRequirementError(reason, start, stop)
    return InvalidRequirementError("this is no version by PEP 440", start, stop)


class _Version:
    """The parts of a version (PEP 440) that the limits of a range are made of."""

    __slots__ = ("dev", "epoch", "local", "post", "pre", "release")

    def __init__(self, match: re.Match[str]) -> None:
        """Take them from a clause; ``dev`` alone is ``0.0.dev0`` to Poetry."""
        release = match["release"]
        self.epoch = int(match["epoch"] or 0)
        self.release = tuple(int(part) for part in release.split(".")) if release else (0, 0)
        letters = (match["pre"] or "").lower()
        self.pre = (_PHASES.get(letters, letters), int(match["pre_number"] or 0)) if letters else None
        self.post = int(match["post_implicit"] or match["post_number"] or 0) if match["post"] else None
        self.dev = (int(match["dev_number"] or 0) if match["dev"] else None) if release else 0
        self.local: str | None = match["local"]

    def text(self, *, dev: int | None) -> str:
        """The public version in its normal form, with this number of the development release."""
        pre = "".join(map(str, self.pre or ()))
        post = f".post{self.post}" if self.post is not None else ""
        return _release(self.epoch, self.release) + pre + post + (f".dev{dev}" if dev is not None else "")


def _release(epoch: int, parts: tuple[int, ...]) -> str:
    """Write a release with its epoch, if it has one."""
    return (f"{epoch}!" if epoch else "") + ".".join(map(str, parts))


def _bump(release: tuple[int, ...], index: int) -> tuple[int, ...]:
    """The next release at this part: the part is raised, the later ones are zero, missing ones before it are filled in."""
    filled = release + (0,) * (index + 1 - len(release))
    return (*filled[:index], filled[index] + 1, *(0 for _ in filled[index + 1 :]))


def _meaning(match: re.Match[str]) -> Clauses | None:
    """What a clause means in the terms of PEP 440; None when PEP 440 cannot say it."""
    operator = match["operator"]
    version = _Version(match)
    public = version.text(dev=version.dev)
    if operator in ("^", "~", "~="):
        return None if version.local is not None else _range(operator, version, public)
    if operator == "<":
        if version.pre is None and version.dev is None and version.post is not None:
            return (("<", version.text(dev=0)),)  # PEP 440's own `<1.post1` leaves out the pre-releases of 1 as well
        return (("<", public),) if version.local is None or (version.dev is None and version.pre is None) else None
    if operator in (">", ">=", "<="):
        return None if version.local is not None else ((operator, public),)
    if match["stars"]:
        return _wildcard("!=" if operator == "!=" else "==", version)
    written = public if version.local is None else f"{public}+{version.local.lower()}"
    return (("!=" if operator == "!=" else "==", written),)


def _range(operator: str, version: _Version, public: str) -> Clauses:
    """What a caret or a tilde means: from this version up to the next one that may break something."""
    release = version.release
    if operator == "~=":
        if len(release) > 1:
            return (("~=", public),)
        index = 0
    elif operator == "~":
        index = min(len(release) - 1, 1)
    else:
        index = next((index for index, part in enumerate(release[:3]) if part), min(len(release), 3) - 1)
    return ((">=", public), ("<", _release(version.epoch, _bump(release, index))))


def _wildcard(operator: str, version: _Version) -> Clauses | None:
    """What a version with a wildcard behind it means, which PEP 440 knows for plain releases only."""
    if version.pre is None and version.post is None and version.dev is None:
        return ((operator, _release(version.epoch, version.release) + ".*"),)
    if operator == "!=":
        return None
    low = version.text(dev=0)
    if version.post is not None:
        version.post += version.dev is None
    elif version.pre is not None:
        version.pre = (version.pre[0], version.pre[1] + (version.dev is None))
    else:
        return ((">=", low), ("<", version.text(dev=(version.dev or 0) + 1)))
    return ((">=", low), ("<", version.text(dev=0)))

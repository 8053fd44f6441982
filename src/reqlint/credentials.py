"""Find, mask and describe credentials in any text or URL.

All offsets are 0-based, in code points, and half-open: ``text[start:end]`` is the secret.

URLs are parsed, not matched line by line: the authority of a URL ends at the first ``/``, ``?`` or ``#``, and its user
information at the last ``@`` in it (RFC 3986, section 3.2). What stands in the user information, in the path and in
the query is judged there, by the host and the other fields; a token that starts with a provider's own prefix is found
anywhere, in a comment as well.

The grammars come from the providers' documentation: GitHub's announcements of token formats (2021-04-05, 2024-2026),
GitLab's "token prefixes" and "routable tokens", PyPI's macaroons, Microsoft's "PAT format", JFrog's reference tokens.
A token's checksum, where it has one, only ever adds certainty: a wrong one does not make a token harmless, because
servers of one's own, truncated pastes and newer formats do not follow the rule.

Nothing in this module puts a secret into an exception, a ``repr`` or a message.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "Credential",
    "Variable",
    "find",
    "is_placeholder",
    "mask",
    "masked",
    "redact_url",
    "variables",
]


class Credential:
    """One secret and its place.

    ``kind`` is ``"token"`` (it fits a known provider's grammar), ``"channel-token"`` (``/t/<token>/`` in the URL of a
    conda channel or package) or ``"password"`` (any other literal). ``provider`` names it in words, without an
    article. The secret is ``text[start:end]``; its first ``public`` characters are the same in every such token, and
    only these may be shown. ``certain`` says that a checksum holds or that the structure decodes. ``place`` is one of
    ``"user"``, ``"password"``, ``"path"``, ``"query"`` and ``"text"``.

    ``host`` is in lower case, and ``None`` outside a URL or where the host could itself hold a secret. ``variable`` is
    a name that an environment variable could have instead. ``url`` is the span of the whole URL, and ``removal`` the
    span without which the URL is still well formed and holds this credential no more; two credentials of one URL may
    have the same ``removal``, or ones that overlap.

    Treat it as immutable. It never holds the secret, only the secret's place.
    """

    __slots__ = ("certain", "end", "host", "kind", "place", "provider", "public", "removal", "start", "url", "variable")

    kind: str
    provider: str
    start: int
    end: int
    public: int
    certain: bool
    place: str
    host: str | None
    variable: str
    url: tuple[int, int] | None
    removal: tuple[int, int] | None

    def __init__(
        self,
        *,
        kind: str,
        provider: str,
        start: int,
        end: int,
        public: int,
        certain: bool,
        place: str,
        host: str | None,
        variable: str,
        url: tuple[int, int] | None,
        removal: tuple[int, int] | None,
    ) -> None:
        self.kind = kind
        self.provider = provider
        self.start = start
        self.end = end
        self.public = public
        self.certain = certain
        self.place = place
        self.host = host
        self.variable = variable
        self.url = url
        self.removal = removal

    def __eq__(self, other: object) -> bool:
        """Tell whether all fields are equal."""
        if not isinstance(other, Credential):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __hash__(self) -> int:
        """Hash by kind and place, which equal credentials share."""
        return hash((self.kind, self.start, self.end))

    def __repr__(self) -> str:
        """Show every field; none of them holds the secret."""
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"Credential({fields})"


class Variable(tuple[int, int, str, str]):
    """A reference to a variable: ``(start, end, name, syntax)``, the first two being its span in the value.

    ``syntax`` is ``"braced"`` for ``${NAME}``, ``"bare"`` for ``$NAME``, ``"percent"`` for ``%NAME%`` and ``"env"`` for
    ``{env:NAME}`` and ``{env:NAME:default}``. The name of a braced one is all that stands between the braces, for
    instance ``NAME:-x``, since which of these a tool expands differs from tool to tool.
    """

    __slots__ = ()

    @property
    def start(self) -> int:
        """The offset of its first character."""
        return self[0]

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self[1]

    @property
    def name(self) -> str:
        """The name, as written."""
        return self[2]

    @property
    def syntax(self) -> str:
        """How it is written: ``"braced"``, ``"bare"``, ``"percent"`` or ``"env"``."""
        return self[3]


def find(text: str) -> list[Credential]:
    """Return the credentials in ``text``, in order of their start, none overlapping another.

    Any text may be given. It is read once, in time that grows with its length.
    """
    urls = list(_urls(text)) if "://" in text else []
    found = [credential for url in urls for credential in _in_url(text, url)]
    found += _in_plain_text(text, urls)
    return _disjoint(found)


def mask(text: str) -> str:
    """Return ``text`` with each secret replaced by as many ``*``, but for its public prefix: no column moves."""
    return masked(text, find(text))


def masked(text: str, credentials: Iterable[Credential]) -> str:
    """Return ``text`` with the given credentials masked as by :func:`mask`; their offsets must be offsets into it."""
    spans = ((credential.start + credential.public, credential.end) for credential in credentials)
    return _starred(text, spans, None)


def redact_url(url: str) -> str:
    """Return ``url`` for showing: each secret is replaced by ``****``, but for its public prefix.

    A password goes even when it is too short or too common to be reported. What stays is a bare user name that is no
    secret, a placeholder, and a word that some hosts ask for in place of a password (``x-oauth-basic``).
    """
    found = find(url)
    spans = [(credential.start + credential.public, credential.end) for credential in found]
    starts = {credential.start for credential in found}
    for start, authority, end in _urls(url):
        parts = _Url(url, start, authority, end)
        _, (begin, stop) = _userinfo(url, parts)
        password = url[begin:stop]
        is_hidden = password.rstrip("*") in ("", *_stems())
        is_shown = is_hidden or password in _FIXED_PASSWORDS or _is_template(password)
        if begin not in starts and not is_shown:
            spans.append((begin, stop))
    return _starred(url, _joined(spans), "****")


def is_placeholder(value: str) -> bool:
    """Tell whether ``value`` stands for a secret without being one.

    That is a variable or template (``${TOKEN}``, ``{{ token }}``, ``<token>``), a mask (``****``, ``xxxx``), words
    that say what belongs there (``your-token-here``), or one of these after a provider's prefix (``ghp_xxxx``).
    Percent-encoding is undone first. An empty value counts as a placeholder.
    """
    return _is_plain_placeholder(value) or ("%" in value and _is_plain_placeholder(_decoded(value)))


def variables(value: str) -> list[Variable]:
    """Return the references to variables in ``value``, in order.

    A ``$`` after a letter or digit starts none (``pa$word``), unless another reference ends there (``$USER$HOST``).
    A CI system's ``${{ ... }}`` is none either: it is expanded before any tool reads the file.
    """
    if "$" not in value and "%" not in value and "{env:" not in value:
        return []
    found: list[Variable] = []
    last = -1
    for match in re.finditer(_VARIABLE, value):
        start, end = match.span()
        syntax = str(match.lastgroup)
        before = value[start - 1 : start]
        if syntax == "bare" and start != last and (before.isalnum() or (before and before in "_$\\")):
            continue
        found.append(Variable((start, end, match[syntax], syntax)))
        last = end
    return found


_VARIABLE = (
    r"\$\{(?P<braced>[^{}]++)\}"
    r"|\$(?P<bare>[A-Za-z_][A-Za-z0-9_]*+)"
    # Not "%C3%A9", which is one percent-encoded letter.
    r"|%(?![0-9A-Fa-f]{2}%[0-9A-Fa-f]{2})(?P<percent>[A-Za-z_][A-Za-z0-9_]*+)%"
    r"|\{env:(?P<env>[^{}:\s]++)(?::[^{}]*+)?\}"
)


# Masking -------------------------------------------------------------------------------------------------------------


def _starred(text: str, spans: Iterable[tuple[int, int]], stars: str | None) -> str:
    """Replace each span by ``stars``, or by its own length of ``*`` when ``stars`` is None."""
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        begin, stop = max(start, done), min(end, len(text))
        if begin < stop:
            parts += text[done:begin], stars or "*" * (stop - begin)
            done = stop
    return "".join(parts) + text[done:]


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Unite the spans that overlap."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _disjoint(found: list[Credential]) -> list[Credential]:
    """Sort; of two that overlap keep the first, and let it reach as far as the second so that no tail is shown."""
    found.sort(key=lambda credential: (credential.start, -credential.end))
    kept: list[Credential] = []
    for credential in found:
        if not kept or kept[-1].end <= credential.start:
            kept.append(credential)
        elif kept[-1].end < credential.end:
            kept[-1].end = credential.end
            kept[-1].host = kept[-1].url = kept[-1].removal = None  # it is not what the URL was taken for
    return kept


# Placeholders --------------------------------------------------------------------------------------------------------

# Each of these says by itself that a value is made up; the second set only does so beside one of the first.
_WORDS = frozenset(
    "api_key apikey bar baz change changeme dummy example foo here insert key my pass passphrase passwd password pat "
    "placeholder pw pwd redacted removed replace secret token tokens user userid username xxx your".split(),
)
_FILLERS = frozenset(
    "a access account actual add an anaconda and api app artifactory auth azure bitbucket bot channel ci conda "
    "credential credentials deploy devops email enter fake fill fixme for git github gitlab goes hf hidden huggingface "
    "id in index is jfrog job login masked me name new nexus none not npm null oauth of or org personal private project "
    "put pypi read readonly real registry repo repository sample service some team test testing the this tk "
    "to todo url valid value with write".split(),
)

# Text in which characters that delimit URLs may stand, because it is replaced before the URL is used. No group runs
# over the end of a line, nor over the start of another group of its own kind, which keeps the search linear.
_LINE_ENDS = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
_GROUP = (
    rf"\$?\{{\{{[^{{}}{_LINE_ENDS}]*+\}}\}}"  # {{ token }} and ${{ secrets.TOKEN }}
    rf"|\$?\{{[^{{}}{_LINE_ENDS}]*+\}}"  # {token}, {env:TOKEN}, ${TOKEN} and ${TOKEN:-none}
    rf"|\$\([^(){_LINE_ENDS}]*+\)"  # $(command)
    rf"|%\([^(){_LINE_ENDS}]*+\)s"  # %(token)s
    rf"|<[^<>\"'`:/@{_LINE_ENDS}]{{1,64}}+>"  # <your token>
    r"|\[[A-Za-z][A-Za-z _-]*+\]"  # [your token]
)
_TEMPLATE = (
    rf"(?:{_GROUP})"
    r"|\\?\$+(?:[A-Za-z_][A-Za-z0-9_]*|[0-9])"
    r"|%+[A-Za-z_][A-Za-z0-9_]*%+"
    r"|%[sdr]"
    r"|@+[A-Za-z_][A-Za-z0-9_]*@+"
    r"|![A-Za-z_][A-Za-z0-9_]*!"
    r"|__[A-Za-z]+(?:_[A-Za-z]+)*__"
)
_CONSTANT = (
    r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_"
    r"(?:TOKEN|PASSWORD|PASSWD|PASS|PWD|PW|SECRET|KEY|PAT|USER|USERNAME|LOGIN|CREDENTIALS?)"
)
_ELLIPSES = ("***", "...", "\u2026")
_MASKING = frozenset("xX*.-_0#\u2022\u2026")


def _decoded(value: str) -> str:
    """Undo percent-encoding, byte by byte: enough to compare with ASCII, and it needs no import."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), value)


def _is_plain_placeholder(value: str) -> bool:
    if _is_template(value) or _is_masked(value) or _is_wordy(value):
        return True
    for stem in _stems():
        if value.startswith(stem):
            body = value[len(stem) :]
            return _is_template(body) or _is_masked(body) or _is_wordy(body) or _is_dull(body)
    return False


def _is_template(value: str) -> bool:
    """Tell whether something replaces the whole value before it is used, or all but a short or wordy rest of it."""
    if re.fullmatch(_TEMPLATE, value):
        return True
    if not any(mark in value for mark in "${%<["):
        return False
    rest = re.sub(_GROUP, "", value)
    if rest != value and (len(rest) < 8 or _is_wordy(rest)):
        return True
    rest = re.sub(r"(?<![A-Za-z0-9_])\$[A-Za-z_][A-Za-z0-9_]*", "", rest)
    return rest != value and not any(map(str.isalnum, rest))


def _is_masked(value: str) -> bool:
    """Tell whether nothing is left to hide: empty, one character again and again, or the middle cut out."""
    return (
        len(set(value)) <= 1 or _MASKING.issuperset(value) or value.startswith(_ELLIPSES) or value.endswith(_ELLIPSES)
    )


def _is_wordy(value: str) -> bool:
    """Tell whether the value only says what belongs in its place."""
    if len(value) > 80:
        return False
    parts = [part for part in re.split(r"[-_.+\s\[\]()]+", value.lower()) if part]
    if all(part in _FILLERS or _is_word(part) for part in parts):
        return any(map(_is_word, parts))
    if any(part.startswith("your") for part in parts):
        return all(map(str.isalpha, parts))
    return re.fullmatch(_CONSTANT, value) is not None


def _is_word(part: str) -> bool:
    if part in _WORDS or set(part) <= {"x"}:
        return True
    if part.startswith("your"):
        return part.isalpha()
    return part.startswith("my") and (part[2:] in _WORDS or part[2:] in _FILLERS)


def _is_dull(body: str) -> bool:
    """Tell whether what follows a provider's prefix is too regular to be random, by a margin that no luck bridges."""
    body = body[:40]  # whatever runs on behind a token does not make it harmless
    if len(set(body)) < 6 or 2 * max(map(body.count, set(body))) > len(body):
        return True
    is_long = len(body) >= 16
    return is_long and (body.islower() or body.isupper()) and not any(map(str.isdigit, body))


def _looks_random(value: str, least: int) -> bool:
    """Tell whether the value has letters and digits mixed as no name or title has them, and at least that length."""
    if len(value) < least:
        return False
    if re.fullmatch(_UUID, value):
        return True
    runs = re.findall(r"[A-Za-z0-9]{8,}", value)
    return any(len(re.findall(r"[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])", run)) >= 3 for run in runs)


_UUID = r"(?:[a-z]{2}-)?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"


# Tokens that can be told by their grammar ----------------------------------------------------------------------------

# A run of word characters is taken whole, even past the length that the provider documents, so that no tail of a
# longer token is ever shown.
_RUN_36 = r"[0-9A-Za-z]{36}[0-9A-Za-z_]*+"
_GITLAB_BODY = r"[0-9A-Za-z_-]{20,}+(?:(?:\.[0-9a-z]{2})?\.[0-9a-z]{9}[0-9A-Za-z_]*+)?"

_ATLASSIAN_BODY = r"[0-9A-Za-z_-]{40,}+(?:(?:=|%3D)[0-9A-F]{8}[0-9A-Za-z_]*+)?"
_WEB_TOKEN = "JSON Web Token"
# (marker, pattern after the marker, length of the public prefix, provider, variable)
_GRAMMARS = (
    ("ghp_", _RUN_36, 4, "GitHub personal access token", "GITHUB_TOKEN"),
    ("gho_", _RUN_36, 4, "GitHub OAuth token", "GITHUB_TOKEN"),
    ("ghu_", _RUN_36, 4, "GitHub App user token", "GITHUB_TOKEN"),
    # Since 2026 "ghs_" may hold a JSON Web Token of some 520 characters.
    ("ghs_", r"[0-9A-Za-z._-]{36,}(?<![._-])", 4, "GitHub App installation token", "GITHUB_TOKEN"),
    ("ghr_", _RUN_36, 4, "GitHub refresh token", "GITHUB_TOKEN"),
    ("github_pat_", r"[0-9A-Za-z_]{36,}+", 11, "GitHub personal access token", "GITHUB_TOKEN"),
    ("glpat-", _GITLAB_BODY, 6, "GitLab access token", "GITLAB_TOKEN"),
    ("gldt-", _GITLAB_BODY, 5, "GitLab deploy token", "GITLAB_TOKEN"),
    ("glcbt-", _GITLAB_BODY, 6, "GitLab job token", "CI_JOB_TOKEN"),
    ("glptt-", _GITLAB_BODY, 6, "GitLab pipeline trigger token", "GITLAB_TOKEN"),
    ("glrt-", _GITLAB_BODY, 5, "GitLab runner token", "GITLAB_TOKEN"),
    ("glrtr-", _GITLAB_BODY, 6, "GitLab runner token", "GITLAB_TOKEN"),
    ("gloas-", _GITLAB_BODY, 6, "GitLab OAuth secret", "GITLAB_TOKEN"),
    ("glft-", _GITLAB_BODY, 5, "GitLab feed token", "GITLAB_TOKEN"),
    ("glimt-", _GITLAB_BODY, 6, "GitLab incoming mail token", "GITLAB_TOKEN"),
    ("glagent-", _GITLAB_BODY, 8, "GitLab agent token", "GITLAB_TOKEN"),
    ("glsoat-", _GITLAB_BODY, 7, "GitLab SCIM token", "GITLAB_TOKEN"),
    ("glffct-", _GITLAB_BODY, 7, "GitLab feature flag token", "GITLAB_TOKEN"),
    ("glwt-", _GITLAB_BODY, 5, "GitLab workspace token", "GITLAB_TOKEN"),
    ("GR1348941", _GITLAB_BODY, 9, "GitLab runner registration token", "GITLAB_TOKEN"),
    ("ATBB", r"[0-9A-Za-z_=.-]{24,}(?<![.-])", 4, "Bitbucket app password", "BITBUCKET_TOKEN"),
    ("ATCTT3xFfGN0", _ATLASSIAN_BODY, 12, "Bitbucket access token", "BITBUCKET_TOKEN"),
    ("ATATT3xFfGF0", _ATLASSIAN_BODY, 12, "Atlassian API token", "BITBUCKET_TOKEN"),
    ("AZDO", r"", 0, "Azure DevOps personal access token", "AZURE_DEVOPS_TOKEN"),
    ("pypi-AgEIcHlwaS5vcmc", r"[0-9A-Za-z_-]{50,}+", 5, "PyPI API token", "PYPI_TOKEN"),
    ("pypi-AgENdGVzdC5weXBpLm9yZw", r"[0-9A-Za-z_-]{50,}+", 5, "TestPyPI API token", "TEST_PYPI_TOKEN"),
    ("AKCp", r"[0-9A-Za-z]{69,}+", 4, "JFrog API key", "JFROG_TOKEN"),
    ("cmVmdGtu", r"[0-9A-Za-z]{56,}+", 8, "JFrog reference token", "JFROG_TOKEN"),
    ("ya29.", r"[0-9A-Za-z_.-]{20,}(?<![.-])", 5, "Google access token", "GOOGLE_ACCESS_TOKEN"),
    ("hf_", r"[0-9A-Za-z]{34,}+", 3, "Hugging Face access token", "HF_TOKEN"),
    ("api_org_", r"[0-9A-Za-z]{34,}+", 8, "Hugging Face organization token", "HF_TOKEN"),
    ("npm_", _RUN_36, 4, "npm access token", "NPM_TOKEN"),
    ("pfx_", r"[0-9A-Za-z]{30,}+", 4, "prefix.dev API key", "PREFIX_API_KEY"),
    # A header, then two parts (signed) or four (encrypted, of which the second may be empty).
    ("eyJ", r"(?<![A-Za-z0-9_-]eyJ)[0-9A-Za-z_-]{8,}+(?:\.[0-9A-Za-z_-]*+){1,3}\.[0-9A-Za-z_-]++", 3, _WEB_TOKEN, ""),
)
# "AZDO" stands inside its token, so the whole pattern is this; a run of letters and digits is tried at its start only.
_AZURE_PATTERN = r"(?<![0-9A-Za-z])[0-9A-Za-z]{76}AZDO[0-9A-Za-z]{4,}+"

# Above this length it pays to search for all markers with one first letter at once.
_LARGE = 8192


class _Verdict:
    """What a value was found to be; an empty ``variable`` leaves the name to the host."""

    __slots__ = ("certain", "kind", "provider", "public", "variable")

    def __init__(self, kind: str, provider: str, variable: str = "", *, public: int = 0, certain: bool = False) -> None:
        self.kind = kind
        self.provider = provider
        self.variable = variable
        self.public = public
        self.certain = certain


def _stems() -> Iterator[str]:
    """Yield what a token may start with and a placeholder as well, a longer stem before its own beginning."""
    for marker, _, public, _, _ in _GRAMMARS:
        if public:
            yield marker
    yield "pypi-"


def _tokens(text: str) -> list[tuple[int, int, _Verdict]]:
    """Return start, end and description of the tokens in ``text`` that a provider's grammar tells, in their order."""
    found: list[tuple[int, int, _Verdict]] = []
    for marker, body, public, provider, variable in _present(text):
        for match in re.finditer(re.escape(marker) + body if body else _AZURE_PATTERN, text):
            start, end = match.span()
            if not _may_start(text, start):
                continue
            certain = _is_certain(marker, text, start, end)
            if certain or not (marker == "eyJ" or _is_plain_placeholder(match[0]) or _is_dull(match[0][public:])):
                found.append((start, end, _Verdict("token", provider, variable, public=public, certain=certain)))
    found.sort(key=lambda token: token[:2])
    return found


def _present(text: str) -> list[tuple[str, str, int, str, str]]:
    """Return the grammars whose marker occurs in ``text``."""
    if len(text) < _LARGE:
        return [grammar for grammar in _GRAMMARS if grammar[0] in text]
    by_letter: dict[str, list[tuple[str, str, int, str, str]]] = {}
    for grammar in _GRAMMARS:
        by_letter.setdefault(grammar[0][0], []).append(grammar)
    present = []
    for letter, grammars in by_letter.items():
        if letter in text:
            tails = "|".join(re.escape(grammar[0][1:]) for grammar in grammars)
            if re.search(f"{letter}(?:{tails})", text):
                present += [grammar for grammar in grammars if grammar[0] in text]
    return present


def _may_start(text: str, start: int) -> bool:
    """Tell whether a token may start here: after no letter or digit, unless that ends an escape (as in ``%3A``)."""
    before = text[start - 1 : start]
    if not (before.isascii() and before.isalnum()):
        return True
    if text[max(start - 2, 0) : start] in ("\\n", "\\r", "\\t"):
        return True
    return re.fullmatch("%[0-9A-Fa-f]{2}", text[max(start - 3, 0) : start]) is not None


def _is_certain(marker: str, text: str, start: int, end: int) -> bool:
    """Tell whether the token's own checksum holds, or its structure decodes."""
    token = text[start:end]
    if marker in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "npm_"):
        return _has_base62_checksum(token)
    if marker.startswith("gl"):
        instance = re.search(r"[0-9A-Za-z_-]*\Z", text[max(start - 64, 0) : start])
        prefix = instance[0] if instance else ""
        return _has_base36_checksum(token) or bool(prefix and _has_base36_checksum(prefix + token))
    if marker.startswith("AT") and marker != "ATBB":
        return _has_hex_checksum(_decoded(token))
    if marker.startswith("pypi-"):
        return _base64(token[5:]).startswith((b"\x02\x01\x08pypi.org", b"\x02\x01\x0dtest.pypi.org"))
    if marker == "cmVmdGtu":
        return _base64(token).startswith(b"reftkn:")
    if marker == "eyJ":
        return b'"alg"' in _base64(token.partition(".")[0])
    return False


def _crc32(text: str) -> int:
    from zlib import crc32

    return crc32(text.encode())


def _digits(number: int, alphabet: str, width: int) -> str:
    """Write a number in the base of the alphabet's length, padded on the left."""
    digits = ""
    while number:
        number, digit = divmod(number, len(alphabet))
        digits = alphabet[digit] + digits
    return digits.rjust(width, alphabet[0])


_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _has_base62_checksum(token: str) -> bool:
    """GitHub, npm: the last 6 of 36 characters are the CRC-32 of the first 30, in base 62."""
    return len(token) == 40 and token[34:] == _digits(_crc32(token[4:34]), _BASE62, 6)


def _has_base36_checksum(token: str) -> bool:
    """GitLab's routable tokens: the last 7 characters are the CRC-32 of all before them, in base 36."""
    return "." in token and token[-7:] == _digits(_crc32(token[:-7]), _BASE36, 7)


def _has_hex_checksum(token: str) -> bool:
    """Atlassian: what follows ``=`` is the CRC-32 of what precedes it."""
    body, _, checksum = token.partition("=")
    return checksum == f"{_crc32(body):08X}"


def _base64(text: str) -> bytes:
    """Decode the start of URL-safe base64, as far as it decodes; ``b""`` if it is none."""
    from binascii import Error, a2b_base64

    head = text[: min(len(text) // 4 * 4, 400)].translate({45: 43, 95: 47})
    try:
        return a2b_base64(head)
    except (Error, ValueError):
        return b""


# What the place says about a value -----------------------------------------------------------------------------------

_FIXED_USERS = frozenset(
    "_json_key _json_key_base64 __token__ aws build git gitlab-ci-token hg oauth2 oauth2accesstoken pat svn token "
    "x-access-token x-bitbucket-api-token-auth x-token-auth".split(),
)
_FIXED_PASSWORDS = frozenset(("x-auth-token", "x-oauth-basic"))
_LOCAL_HOSTS = frozenset(("localhost", "127.0.0.1", "[::1]", "0.0.0.0"))  # noqa: S104

# (site, user, grammar of the value, provider, variable); an empty site or user fits any. The value must look random.
_AT_HOME = (
    ("github", "", r"[0-9a-f]{40}", "GitHub personal access token", "GITHUB_TOKEN"),
    ("dev.azure.com", "", r"[0-9a-z]{52}", "Azure DevOps personal access token", "AZURE_DEVOPS_TOKEN"),
    ("visualstudio.com", "", r"[0-9a-z]{52}", "Azure DevOps personal access token", "AZURE_DEVOPS_TOKEN"),
    ("codeartifact", "", r"eyJ[0-9A-Za-z_.=-]+", "AWS CodeArtifact token", "CODEARTIFACT_AUTH_TOKEN"),
    ("", "gitlab-ci-token", r"[0-9A-Za-z_.-]{20,}", "GitLab job token", "CI_JOB_TOKEN"),
    ("", "gitlab+deploy-token-", r"[0-9A-Za-z_-]{20,}", "GitLab deploy token", "GITLAB_TOKEN"),
    (
        "",
        "_json_key_base64",
        r"(?:ewo|eyJ)[0-9A-Za-z+/=_-]+",
        "Google service account key",
        "GOOGLE_SERVICE_ACCOUNT_KEY",
    ),
    ("fury.io", "", r"[0-9A-Za-z_-]{16,44}", "Gemfury token", "FURY_TOKEN"),
    ("cloudsmith.io", "", r"[0-9A-Za-z]{12,40}", "Cloudsmith token", "CLOUDSMITH_TOKEN"),
    ("packagecloud.io", "", r"[0-9a-f]{48}", "packagecloud token", "PACKAGECLOUD_TOKEN"),
)

# (site, variable): the names that go with a host when the value itself says nothing.
_SITES = (
    ("github", "GITHUB_TOKEN"),
    ("githubusercontent.com", "GITHUB_TOKEN"),
    ("gitlab", "GITLAB_TOKEN"),
    ("bitbucket", "BITBUCKET_TOKEN"),
    ("dev.azure.com", "AZURE_DEVOPS_TOKEN"),
    ("visualstudio.com", "AZURE_DEVOPS_TOKEN"),
    ("codeartifact", "CODEARTIFACT_AUTH_TOKEN"),
    ("test.pypi.org", "TEST_PYPI_TOKEN"),
    ("pypi.org", "PYPI_TOKEN"),
    ("huggingface.co", "HF_TOKEN"),
    ("anaconda.org", "ANACONDA_TOKEN"),
    ("anaconda.com", "ANACONDA_TOKEN"),
    ("anaconda.cloud", "ANACONDA_TOKEN"),
    ("prefix.dev", "PREFIX_API_KEY"),
    ("fury.io", "FURY_TOKEN"),
    ("cloudsmith.io", "CLOUDSMITH_TOKEN"),
    ("packagecloud.io", "PACKAGECLOUD_TOKEN"),
    ("jfrog.io", "JFROG_TOKEN"),
    ("pkg.dev", "GOOGLE_ACCESS_TOKEN"),
)


def _is_at(host: str | None, site: str) -> bool:
    """Tell whether a host is of a site: a domain or below it, or, for a site without dots, any label that says so."""
    if not host or not site:
        return not site
    if "." in site:
        return host == site or host.endswith("." + site)
    return any(label == site or label.startswith(site + "-") or label.endswith("-" + site) for label in host.split("."))


def _token_in(value: str) -> _Verdict | None:
    """Judge a whole field by the providers' grammars; also a token cut short, when its prefix is there."""
    for text in (value, _decoded(value)) if "%" in value else (value,):
        tokens = _tokens(text)
        if tokens:
            start, _, verdict = tokens[0]
            if start or text != value:
                verdict.public = 0
            return verdict
    for marker, _, public, provider, variable in _GRAMMARS:
        if public > 3 and value.startswith(marker):
            is_cut = len(value) >= len(marker) + 10 and not is_placeholder(value)
            return _Verdict("token", provider, variable, public=public) if is_cut else None
    return None


def _token_at_home(value: str, host: str | None, user: str) -> _Verdict | None:
    """Judge a field by the grammars that only hold at a certain host or beside a certain user name."""
    for site, name, grammar, provider, variable in _AT_HOME:
        if _is_at(host, site) and (not name or user == name or (name.endswith("-") and user.startswith(name))):
            fits = re.fullmatch(grammar, value) and _looks_random(value, 8)
            if fits:
                return _Verdict("token", provider, variable)
            if name or site == "codeartifact":
                return _Verdict("password", provider, variable)
    return None


def _token_verdict(value: str, host: str | None, user: str) -> _Verdict | None:
    """Judge a field by grammar first, then by place; a JSON Web Token takes its provider's name from the place."""
    verdict = _token_in(value)
    if verdict is not None and verdict.provider != _WEB_TOKEN:
        return verdict
    at_home = _token_at_home(value, host, user)
    if verdict is not None and at_home is not None:
        return _Verdict("token", at_home.provider, at_home.variable, public=verdict.public, certain=verdict.certain)
    return verdict or at_home


def _variable_for(host: str | None, place: str) -> str:
    """Return a name for the environment variable that could hold the secret of a host."""
    for site, variable in _SITES:
        if host and _is_at(host, site):
            return variable
    kind = "PASSWORD" if place == "password" else "TOKEN"
    stem = re.sub(r"[^A-Z0-9]+", "_", (host or "").upper()).strip("_")
    if not stem:
        return "ACCESS_" + kind if kind == "TOKEN" else kind
    return f"HOST_{stem}_{kind}" if stem[0].isdigit() else f"{stem}_{kind}"


# URLs ----------------------------------------------------------------------------------------------------------------

# All patterns are kept as text: ``re`` compiles them when they are first needed, which for most files is never.
_ORDINARY = r"\s\"'`<>{$%\["
_OTHERWISE = rf"(?:{_GROUP})|[{{$%\[]"
_URL = rf"(?:[^{_ORDINARY}]++|{_OTHERWISE})*+"
_AUTHORITY = rf"(?:[^{_ORDINARY}/?#]++|{_OTHERWISE})*+"
_USER = rf"(?:[^{_ORDINARY}:]++|{_OTHERWISE})*+"
_USUAL_SCHEME = r"(?i:(?:(?:git|hg|svn|bzr)\+)?(?:https?|s?ftps?|ssh|git|file))\Z"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*\Z"
_HOST = r"(\[[0-9A-Fa-f:.]{2,45}\]|[\w.-]{1,253})(?=:|\Z)"


def _span(pattern: str, text: str, start: int, end: int) -> int:
    """Return where a match of ``pattern`` at ``start`` ends; ``start`` if there is none."""
    match = re.compile(pattern).match(text, start, end)
    return match.end() if match else start


class _Url:
    """Where the parts of a URL start: ``authority`` to ``at`` is the user information with its ``@``, if any."""

    __slots__ = ("at", "authority", "end", "host", "path", "query", "start")

    def __init__(self, text: str, start: int, authority: int, end: int) -> None:
        self.start = start
        self.authority = authority
        self.end = end
        self.path = _span(_AUTHORITY, text, authority, end)
        self.query = _span(r"[^?#]++", text, self.path, end)  # a fragment can hold parameters just as well
        self.at = _after_userinfo(text, authority, self.path)
        self.host = _host(text, self.at, self.path)


def _after_userinfo(text: str, authority: int, path: int) -> int:
    at = text.rfind("@", authority, path) + 1
    if not at or re.compile("sha[0-9]+:").match(text, at, path):  # docker://image:tag@sha256:...
        return authority
    first = text.find("@", authority, path)
    if text[authority:first] in ("git", "hg", "svn"):  # git+ssh://git@host:project.git@v1 has no password
        return first + 1
    return at


def _host(text: str, start: int, end: int) -> str | None:
    match = re.compile(_HOST).match(text, start, end)
    if match is None or _tokens(match[0]):
        return None
    return match[1].lower()


def _urls(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield (start, start of the authority, end) of each URL; one inside another ends the outer one where it starts."""
    mark = text.find("://")
    while mark >= 0:
        limit = _span(_URL, text, mark + 3, len(text))
        end = _without_punctuation(text, mark + 3, limit)
        start = _scheme_start(text, mark, 0)
        while 0 <= mark < end:
            following = text.find("://", mark + 3, end)
            next_start = _scheme_start(text, following, mark + 3) if following >= 0 else end
            yield start, mark + 3, next_start
            mark, start = following, next_start
        mark = text.find("://", limit)


def _scheme_start(text: str, mark: int, least: int) -> int:
    """Return where the scheme before ``://`` starts; at ``://`` itself when there is none."""
    start = max(mark - 32, least)
    before = text[start:mark]
    match = re.search(_USUAL_SCHEME, before) or re.search(_SCHEME, before)
    return start + match.start() if match else mark


def _without_punctuation(text: str, start: int, end: int) -> int:
    """Leave out what a sentence or a list puts after a URL: a dot, a comma, a bracket that the URL did not open."""
    if end == start or text[end - 1] not in ".,;:!?)]}":
        return end
    surplus = {
        closing: text.count(closing, start, end) - text.count(opening, start, end)
        for opening, closing in ("()", "[]", "{}")
    }
    while end > start and text[end - 1] in ".,;:!?)]}":
        character = text[end - 1]
        if character in surplus:
            if surplus[character] <= 0:
                break
            surplus[character] -= 1
        end -= 1
    return end


def _in_url(text: str, span: tuple[int, int, int]) -> list[Credential]:
    """Return the credentials in the user information, the path and the query of one URL, in no particular order."""
    start, authority, end = span
    rest = text[authority:end]
    if not any(sign in rest for sign in ("@", "=", "/t/", "fury.io/", "cloudsmith.io/")):
        return []
    url = _Url(text, start, authority, end)
    return [*_in_userinfo(text, url), *_in_path(text, url), *_in_query(text, url)]


def _credential(
    url: _Url | None,
    verdict: _Verdict,
    place: str,
    span: tuple[int, int],
    removal: tuple[int, int] | None,
) -> Credential:
    return Credential(
        kind=verdict.kind,
        provider=verdict.provider,
        start=span[0],
        end=span[1],
        public=verdict.public,
        certain=verdict.certain,
        place=place,
        host=url.host if url else None,
        variable=verdict.variable or _variable_for(url.host if url else None, place),
        url=(url.start, url.end) if url else None,
        removal=removal,
    )


def _userinfo(text: str, url: _Url) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the spans of the user name and of the password, empty where there is none."""
    stop = max(url.at - 1, url.authority)
    colon = _span(_USER, text, url.authority, stop)
    if text[colon : colon + 1] not in ":@":  # a group that is cut short by an "@" in it
        colon = text.find(":", colon, stop)
    if colon < 0:
        colon = stop
    return (url.authority, colon), (min(colon + 1, stop), stop)


def _in_userinfo(text: str, url: _Url) -> Iterator[Credential]:
    if url.at == url.authority:
        return
    user_span, password_span = _userinfo(text, url)
    user, password = text[slice(*user_span)], text[slice(*password_span)]
    removal = (url.authority, url.at)
    of_password = _password_verdict(password, user, url.host)
    of_user = _user_verdict(user, password, url)
    if of_user is None and of_password is not None and user == password:
        of_user = _Verdict(of_password.kind, of_password.provider)  # it tells the password
    if of_user is not None:
        yield _credential(url, of_user, "user", user_span, removal)
    if of_password is not None:
        yield _credential(url, of_password, "password", password_span, removal)


def _password_verdict(password: str, user: str, host: str | None) -> _Verdict | None:
    if len(password) < 3 or password in _FIXED_PASSWORDS:
        return None
    verdict = _token_verdict(password, host, user)
    if (verdict is None or verdict.kind != "token") and is_placeholder(password):
        return None
    if host in _LOCAL_HOSTS and password.lower() == user.lower():  # admin:admin@localhost is a default
        return None
    return verdict or _Verdict("password", "password")


def _user_verdict(user: str, password: str, url: _Url) -> _Verdict | None:
    """Judge a user name, which is a secret only if it looks like one at this host, or the password says so."""
    if len(user) < 3 or user in _FIXED_USERS:
        return None
    verdict = _token_in(user)
    if verdict is not None and verdict.provider != _WEB_TOKEN:
        return verdict
    if is_placeholder(user):
        return None
    if password == "x-auth-token":
        return _Verdict("token", "Anaconda Server token", "ANACONDA_TOKEN")
    verdict = _token_verdict(user, url.host, "")
    if verdict is not None and verdict.kind == "token":
        return verdict
    has_no_password = not password or password in _FIXED_PASSWORDS
    is_at_site = url.host is not None and any(_is_at(url.host, site) for site, _ in _SITES)
    # "key:@host" says, by its colon, that the key needs no password.
    has_colon = url.at - 1 > url.authority + len(user)
    is_key = has_no_password and (is_at_site or has_colon) and _looks_random(user, 20)
    return _Verdict("password", "secret key") if is_key or password == "x-oauth-basic" else None


def _in_path(text: str, url: _Url) -> Iterator[Credential]:
    mark = text.find("/t/", url.path, url.query)
    if mark >= 0:
        is_channel = _is_channel(url.host, text[mark : url.query])
        for found in re.compile(r"(?<=/t/)[^/]{3,}+").finditer(text, mark, url.query):
            verdict = _channel_verdict(found[0], url.host, is_channel=is_channel)
            if verdict is not None:
                yield _credential(url, verdict, "path", found.span(), (found.start() - 3, found.end()))
    if _is_at(url.host, "fury.io") or _is_at(url.host, "cloudsmith.io"):
        first = re.compile(r"/([^/]++)/[^/]").match(text, url.path, url.query)
        at_home = _token_at_home(first[1], url.host, "") if first is not None else None
        if first is not None and at_home is not None:
            yield _credential(url, at_home, "path", first.span(1), (first.start(), first.end(1)))


def _channel_verdict(value: str, host: str | None, *, is_channel: bool) -> _Verdict | None:
    """Judge what follows ``/t/``: conda's token, or part of a path that happens to have such a folder."""
    verdict = _token_in(value)
    if verdict is not None:
        verdict.kind = "channel-token"
        return verdict
    if is_placeholder(value):
        return None
    if re.fullmatch(_UUID, value):
        is_token = True
    elif any(_is_at(host, site) for site in ("github", "gitlab", "bitbucket")):
        is_token = False
    elif is_channel:
        is_token = len(value) >= 8 or re.match(r"[a-z]{2}-.", value) is not None
    else:
        is_token = _looks_random(value, 8)
    return _Verdict("channel-token", "conda channel token") if is_token else None


def _is_channel(host: str | None, rest: str) -> bool:
    """Tell whether a URL is of a conda channel, by its host or by what follows the token."""
    if host and ("conda" in host or "quetz" in host or _is_at(host, "prefix.dev")):
        return True
    return re.search(r"/(?:noarch|linux-\w+|osx-\w+|win-\w+)(?:/|\Z)|\.conda\Z|\.tar\.bz2\Z", rest) is not None


# What a parameter's name says about its value, "-" and "_" and "." left out: always a secret, or one if it looks so.
_SECRET_NAMES = frozenset(
    "accesstoken apikey apitoken authtoken clientsecret deploytoken jobtoken password passwd privatetoken token".split(),
)
_AMBIGUOUS_NAMES = frozenset(
    "auth authorization key pass pwd secret sig signature xamzsecuritytoken xamzsignature xgoogsignature".split(),
)
_NAMES_OF_SECRETS = {"apikey": "API key", "clientsecret": "client secret", "passwd": "password", "password": "password"}
_PARAMETER = rf"(?<=[?&#])([\w.-]{{1,40}}+)=((?:[^{_ORDINARY}&#]++|{_OTHERWISE})*+)"


def _in_query(text: str, url: _Url) -> Iterator[Credential]:
    for match in re.compile(_PARAMETER).finditer(text, url.path, url.end):
        name = re.sub(r"[-_.]", "", match[1]).lower()
        verdict = _parameter_verdict(name, match[2], url.host)
        if verdict is not None:
            yield _credential(
                url, verdict, "query", match.span(2), _without_parameter(text, match.start(), match.end())
            )


def _parameter_verdict(name: str, value: str, host: str | None) -> _Verdict | None:
    if len(value) < 3:
        return None
    verdict = _token_in(value)
    if verdict is not None or is_placeholder(value):
        return verdict
    if name in _SECRET_NAMES:
        if value.lower() in ("true", "false", "yes"):
            return None
        if _is_at(host, "githubusercontent.com") and re.fullmatch(r"A[A-Z0-9]{28,}", value):
            return _Verdict("token", "GitHub raw file token")
        return _Verdict("password", _NAMES_OF_SECRETS.get(name, "token"))
    if name in _AMBIGUOUS_NAMES:
        return _ambiguous_verdict(name, value)
    return None


def _ambiguous_verdict(name: str, value: str) -> _Verdict | None:
    """Judge the value of a parameter whose name is also used for what is no secret."""
    plain = _decoded(value)
    if name in ("xamzsignature", "xgoogsignature") and re.fullmatch(r"[0-9a-f]{64,}", value):
        return _Verdict("token", "signature of a presigned URL")
    if name == "sig" and re.fullmatch(r"[0-9A-Za-z+/_-]{42,}={0,2}", plain):
        return _Verdict("token", "shared access signature")
    if _looks_random(plain, 12):
        return _Verdict("password", "signature" if "sig" in name else "secret key")
    return None


def _without_parameter(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of a parameter with the one of its separators that it takes along."""
    if text[start - 1] == "&":
        return start - 1, end
    if text[end : end + 1] == "&":
        return start, end + 1
    return start - 1, end


# Plain text ----------------------------------------------------------------------------------------------------------


def _in_plain_text(text: str, urls: list[tuple[int, int, int]]) -> Iterator[Credential]:
    """Yield the tokens that their grammar tells wherever they stand; one in a URL is described as being there."""
    following = iter(urls)
    span = next(following, None)
    url: _Url | None = None
    for start, end, verdict in _tokens(text):
        while span is not None and span[2] <= start:
            span, url = next(following, None), None
        if span is None or start < span[1] or end > span[2]:
            yield _credential(None, verdict, "text", (start, end), None)
        else:
            url = url or _Url(text, *span)
            yield _credential(url, verdict, "path" if start < url.query else "query", (start, end), None)

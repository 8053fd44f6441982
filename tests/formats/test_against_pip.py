"""Our reader of requirements files against pip's own parser, line by line.

pip stops at the first line that it refuses, so its steps are taken here one logical line at a time; ``test_the_oracle``
makes sure that they are pip's. Where ours differs on purpose, ``DEVIATIONS`` says why.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from reqlint.config import Configurations
from reqlint.diagnostic import Diagnostic
from reqlint.files import Memory
from reqlint.formats import FORMATS
from reqlint.linter import Linter, Target
from reqlint.model import Dependency, Manifest
from reqlint.requirement import URL_SCHEMES
from tests.formats.fragments import TEXTS, requirement_lines

req_file = pytest.importorskip("pip._internal.req.req_file")
constructors = pytest.importorskip("pip._internal.req.constructors")
pip_index = pytest.importorskip("pip._internal.index.package_finder")
collector = pytest.importorskip("pip._internal.index.collector")
release_control = pytest.importorskip("pip._internal.models.release_control")
search_scope = pytest.importorskip("pip._internal.models.search_scope")
selection_prefs = pytest.importorskip("pip._internal.models.selection_prefs")
pip_misc = pytest.importorskip("pip._internal.utils.misc")

CORPUS = Path(os.environ.get("REQLINT_CORPUS", Path(__file__).parents[2] / "../shared/corpus")).resolve()

#: Lines that pip refuses and that we leave alone, then those that it takes and we report: what they look like, and why.
DEVIATIONS = {
    "path": "a local path that is not there may be made later, by a build step or a submodule (RQ002 tells where it is sure)",
    "variable": "what `${NAME}` holds is known to whoever runs pip; RQ111 says that the line is not checked",
    "file-host": "`file://host/share` is a path on Windows",
    "feature": "`--use-feature` knows other names in every release of pip",
    "sentence": "`see https://e.com/x.zip` is the name of an archive to pip, which then does not find it; we say so at once",
    "freeze": "what `pip freeze` writes in a conda environment can be read, but not be installed anywhere else",
    "version": "`name @ 1.0` is a project at a URL `1.0` to pip, which stops later, as that has no scheme",
    "scp": "`git@host:owner/repository` is a project `git` at a URL `host:owner/repository` to pip; nobody means that",
}


@pytest.fixture(autouse=True, scope="module")
def _surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """pip looks at the disk to tell paths from names, and expands variables: none of either is to be found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        for name in ("A", "B", "FILE", "P", "T", "TOKEN", "U", "URL", "VERSION", "X"):
            patch.delenv(name, raising=False)
        yield


@dataclass(frozen=True)
class Asked:
    """What one line asks for."""

    name: str | None
    extras: frozenset[str]
    specifier: str | None
    marker: str | None
    url: str | None
    editable: bool
    hashes: int


@dataclass
class Reading:
    """What pip makes of a text: by line number, what is asked for, included or refused; and the options of the whole."""

    requirements: dict[int, Asked] = field(default_factory=dict)
    includes: dict[int, tuple[str, str]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    options: dict[int, str] = field(default_factory=dict)
    index_urls: list[str] = field(default_factory=list)
    find_links: list[str] = field(default_factory=list)
    trusted: list[str] = field(default_factory=list)
    no_index: bool = False
    pre: bool = False
    require_hashes: bool = False


class Session:
    """What pip's reader needs of a session: a place to note trusted hosts."""

    def __init__(self) -> None:
        self.trusted: list[str] = []

    def update_index_urls(self, urls: list[str]) -> None:
        pass

    def add_trusted_host(self, host: str, source: str | None = None) -> None:  # noqa: ARG002 - pip passes it
        name, _ = pip_misc.parse_netloc(host)
        if name is None:
            raise ValueError(host)
        self.trusted.append(host)


class Options:
    """Where pip's reader puts what concerns the whole installation."""

    def __init__(self) -> None:
        self.require_hashes = False
        self.no_require_hashes = False
        self.features_enabled: list[str] = []


def _finder() -> Any:
    return pip_index.PackageFinder.create(
        collector.LinkCollector(session=None, search_scope=search_scope.SearchScope.create([], [], no_index=False)),
        selection_prefs.SelectionPreferences(allow_yanked=True, release_control=release_control.ReleaseControl()),
    )


def read_with_pip(text: str) -> Reading:
    """Take pip's own steps, one logical line at a time."""
    reading = Reading()
    finder, session, options = _finder(), Session(), Options()
    parse_line = req_file.get_line_parser(finder)
    for number, line in req_file.preprocess(text):
        try:
            parsed = req_file.ParsedLine("requirements.txt", number, *parse_line(line), constraint=False)
            if parsed.requirement is None and (parsed.opts.requirements or parsed.opts.constraints):
                kind = "requirement" if parsed.opts.requirements else "constraint"
                reading.includes[number] = ((parsed.opts.requirements or parsed.opts.constraints)[0], kind)
                continue
            held = req_file.handle_line(parsed, options=options, finder=finder, session=session)
            if held is None:
                reading.options[number] = line
            else:
                reading.requirements[number] = _asked(constructors.install_req_from_parsed_requirement(held))
        except Exception as error:  # noqa: BLE001 - pip shows some of these as a traceback, and stops at any
            message = error.msg if isinstance(error, req_file.OptionParsingError) else str(error)
            reading.refused[number] = f"{type(error).__name__}: {message}: {line!r}"
    reading.index_urls = finder.index_urls
    reading.find_links = finder.find_links
    reading.trusted = session.trusted
    reading.no_index = finder.search_scope.no_index
    reading.pre = ":all:" in finder.release_control.all_releases
    reading.require_hashes = options.require_hashes
    return reading


def _asked(requirement: Any) -> Asked:
    link = requirement.link
    return Asked(
        name=canonicalize_name(requirement.req.name) if requirement.req else None,
        extras=frozenset(canonicalize_name(extra) for extra in requirement.extras),
        specifier=str(requirement.req.specifier) if requirement.req and link is None else None,
        marker=str(requirement.markers) if requirement.markers else None,
        url=None if link is None else "path" if link.scheme == "file" else link.url,
        editable=requirement.editable,
        hashes=sum(map(len, requirement.hash_options.values())),
    )


def _meant(dependency: Dependency) -> Asked:
    url = dependency.url
    if dependency.kind == "path" or (url is not None and url.lower().startswith("file:")):
        url = "path"
    elif dependency.editable and url is not None and url.lower().startswith(("git:", "svn:")):
        url = f"{url[:3].lower()}+{url}"
    return Asked(
        name=dependency.name,
        extras=frozenset(canonicalize_name(extra) for extra in dependency.extras),
        specifier=str(SpecifierSet(dependency.specifier)) if url is None else None,
        marker=str(Marker(dependency.marker)) if dependency.marker else None,
        url=url,
        editable=dependency.editable,
        hashes=dependency.hashes,
    )


def lint(text: str | bytes) -> tuple[Manifest, list[Diagnostic]]:
    """What we make of it: the manifest and all findings."""
    data = text.encode() if isinstance(text, str) else text
    files = Memory({"nowhere/requirements.txt": data})
    linter = Linter(files, Configurations(files, {}, isolated=True))
    manifests = linter.load([Target("nowhere/requirements.txt", FORMATS["requirements.txt"])])
    return manifests[0], linter.check(manifests)


def _number(text: str, offset: int) -> int:
    """The line number as pip counts."""
    ended = text[:offset]
    lines = ended.splitlines(keepends=True)
    whole = not lines or lines[-1] != "".join(lines[-1:]).rstrip("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
    return len(lines) + (1 if whole else 0)


_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
_REPORTS = re.compile(r"RQ00[1-6]|RQ2\d\d")


def compare(text: str) -> None:
    """Fail where pip and we read a text differently."""
    data = text.encode()
    manifest, found = lint(data)
    try:
        text = req_file._decode_req_file(data, "requirements.txt")  # it may have a mark, or declare an encoding
    except (UnicodeError, LookupError):
        assert "RQ001" in {item.code for item in found}
        return
    pip = read_with_pip(text)
    if any(item.code == "RQ003" for item in found):
        if pip.refused:
            assert not manifest.dependencies
            return
        assert "@ file:///" in text, "pip reads every line of what we call another kind of file"
        found = [item for item in found if item.code != "RQ003"]  # see DEVIATIONS: freeze
    lines = text.splitlines()
    ours = {_number(text, item.entry[0]): item for item in manifest.dependencies}
    assert len(ours) == len(manifest.dependencies), "two dependencies begin in one line"
    reported: dict[int, set[str]] = {}
    for item in found:
        if _REPORTS.match(item.code):
            reported.setdefault(_number(text, item.scope[0]), set()).add(item.code)
    odd = set(pip.refused)
    unchecked = {_number(text, item.scope[0]) for item in found if item.code == "RQ111"}
    for number, asked in list(pip.requirements.items()):
        scp = number in ours and ours[number].kind == "scp" and "RQ205" in reported.get(number, ())
        prose = asked.url == "path" and re.search(r"[\s:<>=!^*|&(),'\"`]", lines[number - 1].strip())
        sentence = bool(prose) and bool(reported.get(number, set()) & {"RQ002", "RQ005"})
        if scp or sentence or (number in unchecked and number not in ours):
            del pip.requirements[number]  # see DEVIATIONS: sentence, scp, variable
            odd.add(number)
    assert {number: _meant(item) for number, item in ours.items() if number not in odd} == pip.requirements
    equal_signs = {_number(text, item.scope[0]) for item in found if "begins with the `=`" in item.message}
    odd |= {_number(text, item.scope[0]) for item in found if "is no URL" in item.message}  # see DEVIATIONS: version
    includes = {_number(text, item.entry[0]): (item.path, item.kind) for item in manifest.includes}
    odd |= equal_signs
    assert {number: held for number, held in includes.items() if number not in odd} == {
        number: held for number, held in pip.includes.items() if number not in odd
    }
    if not equal_signs and not pip.refused:
        _compare_options(pip, manifest)
    for number, why in pip.refused.items():
        if not reported.get(number):
            assert _deviation(ours.get(number), why), f"line {number} is refused, and nothing is found: {why}"
    for number, held in reported.items():
        if number not in odd:
            assert not held & {"RQ001", "RQ002", "RQ003", "RQ004"}, (held, lines[number - 1])


def _compare_options(pip: Reading, manifest: Manifest) -> None:
    urls: list[str] = []
    no_index = False
    entries = {item.entry for item in manifest.indexes} | {item.entry for item in manifest.settings}
    for entry in sorted(entries):
        here = [item for item in manifest.indexes if item.entry == entry]
        if any(item.kind == "no-index" for item in manifest.settings if item.entry == entry):
            no_index, urls = True, []
        if not no_index:
            urls = [item.url for item in here if item.kind == "index"] or urls
            urls = urls + [item.url for item in here if item.kind == "extra-index"]
    settings = {item.kind for item in manifest.settings}
    assert urls == pip.index_urls
    assert no_index == pip.no_index
    assert [item.url for item in manifest.indexes if item.kind == "find-links"] == pip.find_links
    assert [item.value for item in manifest.settings if item.kind == "trusted-host"] == pip.trusted
    assert ("require-hashes" in settings) == pip.require_hashes
    if pip.pre:  # a later --only-final can take it back, which the rule about it need not know
        assert "pre-releases" in settings


def _deviation(dependency: Dependency | None, why: str) -> str | None:
    if _VARIABLE.search(why):
        return DEVIATIONS["variable"]
    if "--use-feature" in why:
        return DEVIATIONS["feature"]
    if dependency is not None and dependency.kind == "path":
        return DEVIATIONS["path"]
    if "non-local file URIs" in why:
        return DEVIATIONS["file-host"]
    return None


@given(TEXTS)
@example("https://e.com/foo-1.0.tar.gz;  --hash=sha256:ab\n")
@example("foo @ https://e.com/x[y]\n")
@example("h${A}ttps://e.com/foo-1.0.tar.gz")
@example("a==1.0 \\\n# x \\\nb # y \\\n\\\n  \\\\c\\")
def test_made_up_files(text: str) -> None:
    compare(text)


@given(requirement_lines())
def test_made_up_lines(line: str) -> None:
    compare(line)


# What is known of pip's ways, one by one

QUIRKS = {
    "all that ends a line": "a\vb\fc\x1cd\x1de\x1ef\x85g\u2028h\u2029i\rj\r\nk\nl",
    "continuation": "a==1 \\\n  --hash=sha256:b\nc",
    "continuation adds nothing": "e==5\\\n--hash=sha256:q\nf",
    "continuation without a blank": "fo\\\no==\\\n1.0\n",
    "backslashes at both ends": "\\\\a==1 \\\\\n\\ , \\\n\\<2\n",
    "a blank behind the backslash": "a==1 \\ \n--hash=sha256:b\n",
    "a comment ends a continuation": "a==1 \\\n  # c\n--hash=sha256:q\n",
    "a comment in a continuation, with a backslash": "a==1 \\\n  # c \\\n--hash=sha256:q\n",
    "a blank line ends a continuation": "a==1 \\\n\n--hash=sha256:q\nb",
    "a whole-line comment does not go on": "# c \\\nb\n  # c \\\nd",
    "a comment goes on": "c==3 # x \\\nd==4\ne",
    "a comment goes on over several lines": "c==3 # x \\\nd==4 \\\n# e \\\nf",
    "a backslash at the end of the file": "a==1 \\",
    "a lone backslash": "\\",
    "two lone backslashes": "\\\n\\\na",
    "number of a joined line": "\n# x\n\na \\\n==1\nb",
    "comment behind NBSP and TAB": "a\xa0# x\nb\t# y\nc#z\nd @ git+https://e.com/r.git#egg=d",
    "a hash sign in a URL": "git+https://e.com/r.git#egg=d # x",
    "blanks around": " \t\xa0a\u3000 \n\x1fb\x1f",
    "variables": "${A}\na==${B}\n-i https://${U}:${P}@e.com/\na @ https://${T}@e.com/x",
    "variables that are none": "a==${b}\na==$B\n-i https://$U@e.com/",
    "options are split off at blanks only": "foo\t--hash=sha256:a\nbar \t--hash=sha256:a\nbaz\xa0--pre",
    "TAB in a continuation": "foo==1.0 \\\n\t--hash=sha256:a \\\n\t--hash=sha256:b\n",
    "TAB between options": "foo==1.0 --hash=sha256:a\t--hash=sha256:b\n",
    "quotes in options": '-r \'a b\'.txt\n-r "a \\" b"\n-r a\\ b\n-r "a\\b"\n-r \'a\\b\'',
    "open quotes": "-r 'a\n-r \"a\n-r a\\\n",
    "a quoted requirement": '"foo==1"\n',
    "unambiguous beginnings": "--extra-index=u\n--find x\n--trusted e.com\n--ed .\n--constr c\n--has x",
    "ambiguous beginnings": "--req\n--no\n--p\n--require\n--co x\n--e x",
    "values": "--index-url=u\n-i u\n-iu\n-i=u\n--index-url = u\n-r=f\n-rf\n-r f\n-c=f\n-f=d\n-C=a=b",
    "flags take no value": "--pre=1\n--no-index=1\n--pre 1\n",
    "values that are missing": "-r\n--index-url\n-e\na --hash\n",
    "a value that begins with a dash": "-r -c\n--index-url --pre\n--no-binary --pre\n",
    "hashes": "a --hash=sha256:b --hash sha384:c --hash=sha512:d\na --hash=md5:x\na --hash=sha1:x\na --hash=x\na --hash=SHA256:x",
    "options that were dropped": "a --global-option=x\na --install-option=x\n--process-dependency-links\n--use-wheel\n-Z\n",
    "options of the command line": "--timeout 5\n--no-deps\n-U a\n--user\n--isolated\n-q\n-h\n--help\n--version\n",
    "settings of one requirement": "a -C b=c --config-settings=d=e\na --config-settings b\n-e . -C a=b\n",
    "options behind a requirement": "a -r b.txt\na -i u --pre --no-index --trusted-host h -f d --require-hashes\na -e .\n",
    "options behind a requirement that count all the same": "a --all-releases :all:\nb --no-binary :all:",
    "a requirement behind an option": "--pre foo\n--no-binary :all: foo\n-i https://e.com foo==1\n",
    "several of one kind": "-e ./a -e ./b\n-r a -r b\n-c a -c b\n-c a -r b\n-i a -i b\n-f a -f b\n--extra-index-url a --extra-index-url b",
    "an index beside an include": "-r a --index-url u\n-e . --index-url u\n",
    "hashes of an editable": "-e ./a --hash=sha256:b\n",
    "words behind an editable": "-e ./a b\n-e ./a ; python_version < '3'\n",
    "no index": "-i a\n--extra-index-url b\n--no-index\n-i c\n--extra-index-url d\n",
    "the later index counts": "--extra-index-url b\n-i a\n--extra-index-url c\n-i d\n",
    "pre-releases": "--pre\n--all-releases :all:,x\n--only-final x\n",
    "hashes for all": "--require-hashes\n--no-require-hashes\n",
    "orphan hash": "--hash=sha256:a\n",
    "the semicolon": "a;\nb ;\nc ; \nd;os_name=='a'\ne @ https://e.com/x;os_name=='a'\nhttps://e.com/x ;m\nhttps://e.com/x; os_name=='a'\n",
    "extras": "a[]\na[x]\na[x,y]\na[x,]\na[x y]\na [ x , y ] \na[x]>1\na[x]@https://e.com/x\n",
    "commas": "a>=1,<2,\na>=1,,<2\na,\na ,>=1\na>=1 , <2\na>=1 <2\n",
    "wheels": "foo-1.0-py3-none-any.whl\nfoo-1.0-1-py3-none-any.whl\nfoo.whl\nhttps://e.com/foo-1.0+cpu-cp311-cp311-linux_x86_64.whl\n"
    "https://e.com/foo-1.0%2Bcpu-cp311-cp311-linux_x86_64.whl#sha256=a\nhttps://e.com/foo__x-1.0-py3-none-any.whl\n"
    "https://e.com/a_b.c-1.0-py3-none-any.whl\nhttps://e.com/foo-x-py3-none-any.whl\nhttps://foo.whl\nfoo @ https://e.com/foo.whl\n",
    "archives": "pkg.zip\npkg.tar.gz[a]\npkg==1.0.zip\na/b.tgz\n./b.tlz\npkg.tar.gz ; os_name == 'a'\npkg.gz\npkg.egg\n",
    "paths": ".\n./x\n./x[a]\n../x\nx/y\n/x\n./x ; os_name == 'a'\n",
    "legacy versions": "a==1.0-custom\na==2013b0x\na>=1.0.*\na==1.0.*.1\na===1.0-custom\na==1.0-1\na==1.0.post1.dev2\na<=1.0+x\na~=1\n",
    "single equals": "a=1.0\na = 1.0\na=1.0=py36_0\n",
    "parentheses": "a (>=1.0)\na(==1.0,<2)\na ()\na (1.0)\na (>=1.0\n",
    "an address in place of a URL": "git@github.com:o/r.git\npkg@1.0\npkg@x\ngit+git@github.com:o/r.git\n-e git@github.com:o/r.git#egg=r\n",
    "templates": "{{ x }}\n%(x)s\n<x>\n{% if x %}\n",
    "schemes": "\n".join(
        f"{scheme}://e.com/x" for scheme in sorted(["git", "hg", "svn", "bzr", "ssh", "s3", *URL_SCHEMES])
    ),
    "schemes of editables": "\n".join(
        f"-e {scheme}://e.com/x#egg=x" for scheme in sorted(["git", "hg", "svn", "bzr", *URL_SCHEMES])
    ),
    "no slashes": "bzr+lp:x\n-e bzr+lp:x#egg=x\n-e git:x#egg=x\nfile:x\n-e file:x\n",
    "refs": "git+https://e.com/r.git@v1\ngit+ssh://git@e.com/r.git\ngit+ssh://git@e.com:r.git@x\ngit+https://e.com/r.git@feature/x@y\n",
    "eggs": "\n".join(
        f"git+https://e.com/r#egg={egg}"
        for egg in ["a", "A.b_c", "a[x]", "a==1", "", "a-", "a&subdirectory=b", "-a", "a b"]
    ),
    "named and egg": "a @ git+https://e.com/r#egg=b\na @ git+https://e.com/r#egg=b[x]\n",
    "editables": "-e git+https://e.com/r\n-e git+https://e.com/r#egg=a\n-e 'a @ git+https://e.com/r ; os_name == \"a\"'\n"
    "-e a@git+https://e.com/r\n-e a @ git+https://e.com/r\n-e 'a[x] @ git+https://e.com/r'\n-e https://e.com/x.zip\n-e 'a @ https://e.com/x.zip'\n",
    "hosts": "https://[::1]/x\nhttps://[::1/x\nhttps://e.com]/x\na @ https://[x\nhttps://e.com:99999/x\nhttps://e\u2100.com/x\n",
    "trusted hosts": "--trusted-host e.com\n--trusted-host e.com:80\n--trusted-host [::1]:80\n--trusted-host ::1\n--trusted-host :1\n"
    "--trusted-host ''\n--trusted-host e.com:x\n--trusted-host https://e.com\n--trusted-host https://e.com:80\na --trusted-host :1\n",
    "names": "a_\n_a\na-\n-a\na.b\na..b\n1\né\naé\n",
    "markers": "a;os.name=='x'\na;extra=='x'\na;extras=='x'\na;python_version>3\na;'x'\na;os_name=='x' and\na;(os_name=='x'\na;os_name is 'x'\n"
    "a;os_name=='x'and'y'in os_name\na;\"'\"==os_name\na;os_name=='\\'\na;not os_name\na;os_name not  in 'x'\na;a=='x'\n",
    "one arrow more": "a====1\na===\na=== \na===1,\na===1, ==2\na===1,==2\na===a,b\na===;os_name=='x'\na===(x)\n",
    "Unicode": "a==\u0661\na==1\u0660\na>=\u00a01\na\u200b==1\n\ufeffa\na==1\u00a0,<2\n",
}


@pytest.mark.parametrize("text", QUIRKS.values(), ids=QUIRKS)
def test_known_quirks(text: str) -> None:
    compare(text)
    for line in text.splitlines():
        compare(line)


def test_nesting_without_end() -> None:
    for depth in (10, 100, 1000, 100_000):
        compare(f"a ; {'(' * depth}os_name == 'x'{')' * depth}\n")
        compare(f"a ; {'(' * depth}\n")


ENCODINGS = [
    ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-32-le", b"\xff\xfe\x00\x00"),
    ("utf-32-be", b"\x00\x00\xfe\xff"), ("utf-8", b""), ("latin-1", b"# -*- coding: latin-1 -*-\n"),
    ("cp1252", b"\n# coding=cp1252\n"), ("utf-8", b"\n\n# coding: latin-1\n"), ("utf-8", b" # coding: latin-1\n"),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "head"), ENCODINGS)
def test_encodings(encoding: str, head: bytes) -> None:
    data = head + "idna==3.7  # café\r\nsix==1.16.0 ; os_name == 'é'\r\n".encode(encoding)
    text = req_file._decode_req_file(data, "requirements.txt")
    manifest, found = lint(data)
    assert manifest.source.text == text
    assert {_number(text, item.entry[0]): _meant(item) for item in manifest.dependencies} == read_with_pip(
        text
    ).requirements
    assert not {item.code for item in found} & {"RQ001", "RQ002", "RQ003", "RQ004"}


@pytest.mark.parametrize(
    "data",
    [
        b"idna\xe9",
        b"\xff\xfei",
        b"# coding: klingon\nidna",
        b"# coding: hex\nidna",
        b"# coding: ascii\n\xe9",
        b"\xef\xbb\xbf\xff",
    ],
)
def test_bytes_that_pip_cannot_decode(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(req_file, "get_locale_encoding", lambda: "utf-8")
    with pytest.raises((UnicodeError, LookupError)):
        req_file._decode_req_file(data, "requirements.txt")
    assert "RQ001" in {item.code for item in lint(data)[1]}


# The oracle itself


def test_the_oracle(tmp_path: Path) -> None:
    """What is taken apart above is what pip does as a whole."""
    text = (
        "-i https://a/simple\nidna==3.7 \\\n  --hash=sha256:a\n# x\n--extra-index-url https://b/simple\n"
        "six[x] ; os_name == 'a'\n--trusted-host e.com\n-e git+https://e.com/r#egg=r\n--pre\n--require-hashes\n"
    )
    path = tmp_path / "requirements.txt"
    path.write_text(text)
    finder, session, options = _finder(), Session(), Options()
    whole = [
        _asked(constructors.install_req_from_parsed_requirement(held))
        for held in req_file.parse_requirements(str(path), session, finder, options)
    ]
    reading = read_with_pip(text)
    assert whole == list(reading.requirements.values())
    assert list(reading.requirements) == [2, 6, 8]
    assert finder.index_urls == reading.index_urls == ["https://a/simple", "https://b/simple"]
    assert session.trusted == reading.trusted == ["e.com"]
    assert options.require_hashes
    assert reading.require_hashes
    assert reading.pre


def test_the_comparison_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dependency, "specifier", "==2")
    with pytest.raises(AssertionError):
        compare("idna==3.7\n")


# Real files


def _corpus() -> list[Path]:
    wanted = re.compile(
        r"(?:require|constraint)[^/]*\.(?:txt|in|pip)$|/(?:require|constraint)[^/]*/[^/]+\.(?:txt|in)$|pip-packages.*\.txt$"
    )
    return sorted(path for path in CORPUS.glob("**/*") if wanted.search(path.as_posix()) and path.is_file())


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not there")
def test_real_files() -> None:
    seen = 0
    for path in _corpus():
        data = path.read_bytes()
        try:
            text = req_file._decode_req_file(data, str(path))
        except UnicodeError:
            assert "RQ001" in {item.code for item in lint(data)[1]}
            continue
        try:
            compare(text)
        except AssertionError as error:
            pytest.fail(f"{path}: {error}")
        seen += 1
    assert seen > 1000

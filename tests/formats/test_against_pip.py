"""Our reader of requirements files against pip's own parser, line by line.

pip stops at the first line that it refuses, so its steps are taken here one logical line at a time; ``test_the_oracle``
makes sure that they are pip's. Where ours differs on purpose, ``DEVIATIONS`` says why.
"""

from __future__ import annotations

import os
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from reqlint.config import Configurations
from reqlint.diagnostic import Diagnostic
from reqlint.files import Memory
from reqlint.formats import FORMATS
from reqlint.linter import Linter, Target
from reqlint.model import Dependency, Manifest

req_file = pytest.importorskip("pip._internal.req.req_file")
constructors = pytest.importorskip("pip._internal.req.constructors")
pip_index = pytest.importorskip("pip._internal.index.package_finder")
collector = pytest.importorskip("pip._internal.index.collector")
release_control = pytest.importorskip("pip._internal.models.release_control")
search_scope = pytest.importorskip("pip._internal.models.search_scope")
selection_prefs = pytest.importorskip("pip._internal.models.selection_prefs")
pip_misc = pytest.importorskip("pip._internal.utils.misc")

CORPUS = Path(os.environ.get("REQLINT_CORPUS", Path(__file__).parents[2] / "../shared/corpus"))

#: Lines that pip refuses and that we leave alone, then those that it takes and we report: what they look like, and why.
DEVIATIONS = {
    "path": "a local path that is not there may be made later, by a build step or a submodule (RQ002 tells where it is sure)",
    "variable": "what `${NAME}` holds is known to whoever runs pip; RQ111 says that the line is not checked",
    "file-host": "`file://host/share` is a path on Windows",
    "feature": "`--use-feature` knows other names in every release of pip",
    "sentence": "`see https://e.com/x.zip` is the name of an archive to pip, which then does not find it; we say so at once",
    "scp": "`git@host:owner/repository` is a project `git` at a URL `host:owner/repository` to pip; nobody means that",
}


@pytest.fixture(autouse=True, scope="module")
def _empty_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """pip looks at the disk to tell paths from names: nothing is to be found there."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("empty"))
    yield
    os.chdir(before)


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

    def add_trusted_host(self, host: str, source: str | None = None) -> None:
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
    text = text.lstrip("\ufeff")  # at the beginning of a file it is a byte order mark
    pip = read_with_pip(text)
    manifest, found = lint(text)
    codes = {item.code for item in found}
    if "RQ003" in codes:
        assert pip.refused, "pip reads every line of what we call another kind of file"
        return
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
        sentence = asked.url == "path" and re.search(r"[\s:<>=!^*|&(),'\"`]", lines[number - 1].strip())
        sentence = sentence and reported.get(number, set()) & {"RQ002", "RQ005"}
        if scp or sentence or (number in unchecked and number not in ours):
            del pip.requirements[number]  # see DEVIATIONS: sentence, scp, variable
            odd.add(number)
    assert {number: _meant(item) for number, item in ours.items() if number not in odd} == pip.requirements
    equal_signs = {_number(text, item.scope[0]) for item in found if "begins with the `=`" in item.message}
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
    for entry in sorted({item.entry for item in [*manifest.indexes, *manifest.settings]}):
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


# Texts made of what people write, and of what they should not


NAMES = st.sampled_from(["foo", "Foo.Bar", "zope.interface", "a_b-c", "x", "9lives", "foo_", "-", "", "foo-", "é", "pip"])
EXTRAS = st.sampled_from(["", "", "[a]", "[a,b]", " [ a , B.c ] ", "[]", "[ ]", "[a,]", "[a b]", "[,a]", "[a", "a]", "[a;b]"])
SPECIFIERS = st.sampled_from(
    [
        "", "", "==1.0", "==1.0", ">=1,<2", "~=1.4.2", "~=1", "==1.*", "!=1.0.*", ">=1.*", "==1.0.*.dev1", "===1.0-x", "===",
        "===1,==2", "===1, ==2", "===1,", "===a)", " == 1.0 ", "==\t1.0", "(>=1.0)", "( >=1.0 , <2 )", "(>=1.0", "(1.0)", "=1.0",
        " = 1.0", " 1.0", "==1.0,", "==1.0,,<2", "==1.0 <2", "==1!2.0+cu.118", "<=1.0+cpu", "==v1.0", "==1.0-1", "==1.0a1.dev2",
        "==1.0.POST2", "==2013b0x", "==1.0-custom", "==${VERSION}", "==$VERSION", "==${version}", "<", ">= ", "==1.x", "^1.0",
        "==1.0\xa0", "==\xa01.0", "@1.0", "::bar", "==1.0=py36_0", "==1_0", "==١.٠",
    ]
)  # fmt: skip
MARKERS = st.sampled_from(
    [
        "", "", "", ";", " ; ", ";python_version<'3'", ' ; python_version < "3.8" and os_name == "nt"', "; python_version>3",
        "; extra == 'x'", ";(python_version > '3')", "; ((os_name == 'a') or (os.name=='b')) and 'x' in platform_machine", "; '",
        "; 'a' in os_name", ";\xa0os_name=='a'\xa0", ";\tos_name == 'a'", "; os_name not  in 'a b'", "; os_name == 'a' ; x", ";;",
        "; extras == 'a'", "; os_name == 'a\\'b'", "; os_name == \"it's\"", "; sys_platform=='a'and os_name=='b'", "; os_name",
        "; 'a' == 'b'", "; python_implementation == 'x'", "; platform.python_implementation != 'x'", "; os_name =='a'or os_name=='b'",
    ]
)  # fmt: skip
URLS = st.sampled_from(
    [
        "https://e.com/foo-1.0.tar.gz", "https://e.com/foo-1.0-py3-none-any.whl", "https://e.com/foo-1.0%2Bcpu-py3-none-any.whl#sha256=ab",
        "https://e.com/foo.whl", "https://e.com/", "http://u:p@e.com:80/x?y=z#egg=foo", "git+https://e.com/o/r.git", "ftp://e.com/x",
        "git+https://e.com/o/r.git@v1.0#egg=foo", "git+ssh://git@e.com/o/r.git@main#egg=Foo_Bar&subdirectory=x",
        "git+ssh://git@e.com:o/r.git@abc#egg=foo", "git+git@e.com:o/r.git", "git@e.com:o/r.git", "git@e.com:o/r.git#egg=r",
        "hg+https://e.com/r@12ab#egg=foo", "svn+svn://e.com/r#egg=foo", "bzr+lp:proj#egg=foo", "git://e.com/r.git", "ssh://git@e.com/r",
        "git+https://e.com/r.git#egg=foo[x]", "git+https://e.com/r.git#egg=foo==1.0", "git+https://e.com/r.git#egg=",
        "GIT+HTTPS://e.com/r.git#egg=foo", "git+foo://e.com/r", "file:///tmp/x", "file:///tmp/foo-1.0-py3-none-any.whl", "file:./x",
        "file://host/x", "https://[::1", "https://[::1]/x", "https://e.com/x[y]", "https://e.com/x;y", "https://e.com/${TOKEN}/x",
        "https://e.com/a b", "svn://e.com/x#egg=foo", "hg://e.com/x#egg=foo", "//e.com/x", "${URL}", "git+file:///x#egg=foo",
    ]
)  # fmt: skip
PATHS = st.sampled_from(
    [
        ".", "./foo", "../foo[a,b]", "/abs/foo", "dist/foo-1.0.tar.gz", "foo.zip", "foo-1.0-py3-none-any.whl", "foo.whl", "./x.whl",
        "foo.tar.gz[a]", "foo.zip[a b]", "C:\\x\\y", "~/x", "x/y", "./a b", "foo.ZIP", ".zip", "foo.tar.lzma", "a@b.zip",
        "see http://e.com/ for more", "and/or", "<html/>", "foo: bar/baz", "./foo@bar.zip",
    ]
)  # fmt: skip
OPTIONS = st.sampled_from(
    [
        "--hash=sha256:ab", "--hash sha512:cd", "--hash=md5:ab", "--hash=x", "--hash", "--pre", "--pre=x", "-r b.txt", "-rb.txt", "-r=b.txt",
        "-r =b.txt", "--requirement=b.txt", "--requiremen c.txt", "--req b.txt", "-c c.txt", "--constraint c.txt", "-cc.txt", "-r", "-r ''",
        "-e .", "-e ./foo", "-e ./foo[a]", "-e 'foo[x] @ git+https://e.com/r.git ; os_name == \"a\"'", "-e foo @ git+https://e.com/r.git",
        "-e foo@git+https://e.com/r.git", "-e git+https://e.com/r.git#egg=foo", "-e git+https://e.com/r.git", '-e ""', "-e=./x",
        "-e 'foo @ https://e.com/x.zip'", "-e https://e.com/x.zip", "-e git://e.com/r.git#egg=foo", "-e git@e.com:o/r.git#egg=r",
        "-e file:///x[a]", "-e file:///x#egg=foo", "-e './foo ; os_name == \"a\"'", "-e svn+ssh://e.com/x#egg=foo", "-e hg:x#egg=foo",
        "-e './a[b c]'", "-e foo", "-e 'foo @ file:///x'", "-e git+foo://x#egg=y", "-e . -e ./b", "-r a -r b", "-r a -c b",
        "-i https://a/simple", "-ihttps://a/simple", "-i=https://a/simple", "--index-url=https://b/simple", "--pypi-url https://c/simple",
        "--extra-index-url https://d/simple", "--extra-index=https://e/simple", "--extra-index-url", "--no-index", "-f dir", "-f ./a -f ./b",
        "--find-links=https://f/", "--no-binary :all:", "--no-binary=foo,bar", "--only-binary foo", "--no-binary --only-binary x",
        "--prefer-binary", "--require-hashes", "--no-require-hashes", "--require", "--all-releases :all:", "--all-releases foo",
        "--only-final :none:", "--only-final=-x", "--trusted-host e.com", "--trusted-host e.com:8080", "--trusted-host :80",
        "--trusted-host https://e.com", "--trusted-host https://e.com:80", "--trusted-host e.com:x", "--use-feature fast-deps",
        "--use-feature=nonsense", "-C a=b", "--config-settings=a=b", "--config-settings a", "--config a=b", "--c x", "--global-option=x",
        "--install-option", "-U", "--user", "-Z", "--", "-", "- foo", "-- foo", "--=x", "---", "--no-deps", "--timeout=5", "--PRE", "\"--pre\"",
        "'", '"a', "\\", "a\\ b", "--hash='sha256:ab'", '-i "https://a/simple"', "'-r' b.txt", "-r \"a b.txt\"", "-r a\\ b.txt", "-r${FILE}",
    ]
)  # fmt: skip
COMMENTS = st.sampled_from(
    ["", "", "", " # why", "#x", "\t# x", "\xa0# x", " # x \\", " #", "# -*- coding: utf-8 -*-", " # x # y", "\x1f# x", " # ${X}"]
)
BLANKS = st.sampled_from(["", "", "", " ", "  ", "\t", "\xa0", " \t", "\t ", "\u3000", "\x1f"])
ENDS = st.sampled_from(["\n"] * 12 + ["\r\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
HOSTILE = st.sampled_from([*"\\#;@-=\"'[]()<>!~,.:/$% \t{}*+^&|?", "\xa0", "\x1f", "\u200b", "\ufeff", "\x7f", "é", "ſ", "${A}", " #", "\\\n", " \\\n  "])
CHAOS = st.text(st.sampled_from([*"\\#;@-=\"'[](),.:/ \t", *string.ascii_lowercase[:6], "1", "=", "\xa0"]), max_size=14)


@st.composite
def requirement_lines(draw: st.DrawFn) -> str:
    """One line: a requirement, options, or a mixture; now and then with something hostile put in."""
    subject = draw(
        st.one_of(
            st.builds("".join, st.tuples(NAMES, EXTRAS, SPECIFIERS, MARKERS)),
            st.builds("".join, st.tuples(NAMES, EXTRAS, st.sampled_from([" @ ", "@", " @", "@\t"]), URLS, MARKERS)),
            st.builds("".join, st.tuples(st.one_of(URLS, PATHS), MARKERS)),
            st.builds(" ".join, st.lists(OPTIONS, max_size=3)),
            CHAOS,
        )
    )
    options = draw(st.builds("".join, st.tuples(BLANKS, OPTIONS))) if draw(st.integers(0, 5)) == 0 else ""
    line = draw(BLANKS) + subject + options + draw(COMMENTS) + draw(BLANKS)
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 1, 2]))):
        at = draw(st.integers(0, len(line)))
        line = line[:at] + draw(HOSTILE) + line[at:]
    return line + draw(st.sampled_from(["", "", "", "", "", "\\", " \\", "\\\\", "\\ "]))


TEXTS = st.builds(
    "".join, st.lists(st.builds("".join, st.tuples(requirement_lines(), ENDS)), min_size=1, max_size=5)
)


@given(TEXTS)
def test_made_up_files(text: str) -> None:
    compare(text)


@given(requirement_lines())
def test_made_up_lines(line: str) -> None:
    compare(line)

"""Requirements files made of what people write, and of what they should not."""

from __future__ import annotations

import string

from hypothesis import strategies as st

NAMES = st.sampled_from(
    ["foo", "Foo.Bar", "zope.interface", "a_b-c", "x", "9lives", "foo_", "-", "", "foo-", "é", "pip"]
)
EXTRAS = st.sampled_from(
    ["", "", "[a]", "[a,b]", " [ a , B.c ] ", "[]", "[ ]", "[a,]", "[a b]", "[,a]", "[a", "a]", "[a;b]"]
)
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
        "--install-option", "-U", "--user", "-Z", "--", "-", "- foo", "-- foo", "--=x", "---", "--no-deps", "--timeout=5", "--PRE", '"--pre"',
        "'", '"a', "\\", "a\\ b", "--hash='sha256:ab'", '-i "https://a/simple"', "'-r' b.txt", '-r "a b.txt"', "-r a\\ b.txt", "-r${FILE}",
    ]
)  # fmt: skip
COMMENTS = st.sampled_from(
    [
        "",
        "",
        "",
        " # why",
        "#x",
        "\t# x",
        "\xa0# x",
        " # x \\",
        " #",
        "# -*- coding: utf-8 -*-",
        " # x # y",
        "\x1f# x",
        " # ${X}",
    ]
)
BLANKS = st.sampled_from(["", "", "", " ", "  ", "\t", "\xa0", " \t", "\t ", "\u3000", "\x1f"])
ENDS = st.sampled_from(
    ["\n"] * 12 + ["\r\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
HOSTILE = st.sampled_from(
    [
        *"\\#;@-=\"'[]()<>!~,.:/$% \t{}*+^&|?",
        "\xa0",
        "\x1f",
        "\u200b",
        "\ufeff",
        "\x7f",
        "é",
        "ſ",
        "${A}",
        " #",
        "\\\n",
        " \\\n  ",
    ]
)
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


TEXTS = st.builds("".join, st.lists(st.builds("".join, st.tuples(requirement_lines(), ENDS)), min_size=1, max_size=5))

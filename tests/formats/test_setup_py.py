from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from reqlint.fixes import apply
from reqlint.formats import setup_py
from reqlint.formats._python import parse
from reqlint.formats._python_values import TooComplexError
from reqlint.model import Manifest
from reqlint.requirement import normalize
from reqlint.source import Source
from tests.formats.setuptools_oracle import judge

SRC = Path(__file__).parents[2] / "src"


class Case(NamedTuple):
    """A setup.py and what it requires, by keyword; ``files``: the names of the files of requirements that it reads."""

    text: str
    install: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    loose: bool = False  # more is read than one run would see
    sticky: tuple[str, ...] = ()  # what cannot be deleted alone


HEAD = "from setuptools import setup\n"
HERE = "import os\nhere = os.path.abspath(os.path.dirname(__file__))\n"
PATHLIB = "from pathlib import Path\n"
LISTED = "file-one>=1\nfile-two\n"

COOKBOOK = {
    # where setup comes from
    "one line": Case(HEAD + 'setup(install_requires=["a==1", "b"])\n', ("a==1", "b")),
    "module": Case('import setuptools\nsetuptools.setup(name="x", install_requires=["a"])\n', ("a",)),
    "alias": Case('import setuptools as st\nst.setup(install_requires=["a"])\n', ("a",)),
    "function alias": Case('from setuptools import setup as go\ngo(install_requires=["a"])\n', ("a",)),
    "star import": Case('from setuptools import *\nsetup(install_requires=["a"])\n', ("a",)),
    "distutils": Case('from distutils.core import setup\nsetup(install_requires=["a"])\n', ("a",)),
    "distutils module": Case('import distutils.core\ndistutils.core.setup(install_requires=["a"])\n', ("a",)),
    "either": Case(
        "try:\n    from setuptools import setup\nexcept ImportError:\n    from distutils.core import setup\n"
        'setup(install_requires=["a"])\n',
        ("a",),
    ),
    "name bound": Case('import setuptools\nsetup = setuptools.setup\nsetup(install_requires=["a"])\n', ("a",)),
    "main guard": Case(HEAD + 'if __name__ == "__main__":\n    setup(install_requires=["a"])\n', ("a",)),
    "main function": Case(
        HEAD + 'def main():\n    deps = ["a"]\n    setup(install_requires=deps)\n\nif __name__ == "__main__":\n    main()\n',
        ("a",),
    ),
    "wrapper": Case(
        'import setuptools\ndef setup(**kwargs):\n    setuptools.setup(zip_safe=False, **kwargs)\n\nsetup(install_requires=["a"])\n',
        ("a",),
    ),
    "command class": Case(
        "from setuptools import setup, Command\nclass Test(Command):\n    user_options = []\n    def run(self):\n"
        '        self.setup = 1\n\nsetup(cmdclass={"test": Test}, install_requires=["a"])\n',
        ("a",),
    ),
    # how lists are written
    "lines": Case(HEAD + 'setup(\n    install_requires=[\n        "a>=1",\n        "b<2",  # why\n        "c"\n    ],\n)\n', ("a>=1", "b<2", "c")),
    "comments between": Case(
        HEAD + "setup(\n    install_requires=[\n        # web\n        'a',\n        # data, sorted\n        'b',\n        # none\n    ],\n)\n",
        ("a", "b"),
    ),
    "leading commas": Case(HEAD + "setup(install_requires=[\n    'a'\n  , 'b'\n  , 'c'\n])\n", ("a", "b", "c")),
    "two to a line": Case(HEAD + "setup(install_requires=[\n    'a', 'b',\n    'c', 'd'\n])\n", ("a", "b", "c", "d")),
    "hanging": Case(HEAD + "setup(install_requires=['a',\n                        'b',\n                        'c'])\n", ("a", "b", "c")),
    "tuple": Case(HEAD + "setup(install_requires=('a', 'b'))\n", ("a", "b")),
    "tuple of one": Case(HEAD + "setup(install_requires=('a',))\n", ("a",)),
    "bare tuple": Case(HEAD + "deps = 'a', 'b', 'c'\nsetup(install_requires=deps)\n", ("a", "b", "c")),
    "bare tuple of one": Case(HEAD + "deps = 'a',\nsetup(install_requires=deps)\n", ("a",)),
    "parentheses": Case(HEAD + "setup(install_requires=[('a>=1'), ('b')])\n", ("a>=1", "b")),
    "backslashes": Case(HEAD + "deps = ['a', \\\n        'b', \\\n        'c']\nsetup(install_requires=deps)\n", ("a", "b", "c")),
    "nested": Case(HEAD + "setup(install_requires=['a', ['b', ('c',)]])\n", ("a", "b", "c")),
    "empty": Case(HEAD + "setup(install_requires=[], extras_require={}, setup_requires=None)\n"),
    "blank strings": Case(HEAD + "setup(install_requires=['', 'a', '# no'])\n", ("a",)),
    "markers and extras": Case(
        HEAD + """setup(install_requires=["a[x,y]>=1,<2 ; python_version < '3.9'", 'b; sys_platform == "win32"'])\n""",
        ('a[x,y]>=1,<2 ; python_version < "3.9"', 'b; sys_platform == "win32"'),
    ),
    "direct reference": Case(
        HEAD + "setup(install_requires=['a @ git+https://github.com/o/a.git@v1.0'])\n", ("a @ git+https://github.com/o/a.git@v1.0",)
    ),
    "comment in a string": Case(HEAD + "setup(install_requires=['a>=1  # for b'])\n", ("a>=1",)),
    # strings
    "one string": Case(HEAD + 'setup(install_requires="a>=1")\n', ("a>=1",)),
    "string of lines": Case(
        HEAD + 'setup(\n    install_requires="""\n        a>=1\n        # none\n        b  # two\n\n        c\n    """,\n)\n', ("a>=1", "b", "c")
    ),
    "string of lines, first on the quotes": Case(HEAD + 'setup(install_requires="""a\nb\nc""")\n', ("a", "b", "c")),
    "escaped line ends": Case(HEAD + 'setup(install_requires="a\\nb>=1\\nc")\n', ("a", "b>=1", "c")),
    "joined literals of lines": Case(HEAD + 'setup(install_requires=("a\\n"\n    "b>=1\\n"\n    "c"))\n', ("a", "b>=1", "c")),
    "raw": Case(HEAD + "setup(install_requires=[r'a>=1', u'b'])\n", ("a>=1", "b")),
    "escapes": Case(HEAD + "setup(install_requires=['a\\x3e=1', '\\x62'])\n", ("a>=1", "b")),
    "joined literals": Case(HEAD + "setup(install_requires=['a'\n    '>=1', 'b'])\n", ("a>=1", "b")),
    "line goes on": Case(HEAD + 'setup(install_requires="""\na>=1, \\\\\n<2\nb\n""")\n', ("a>=1,<2", "b")),
    "format": Case(HEAD + "V = '1.2'\nsetup(install_requires=['a=={}'.format(V), 'b'])\n", ("a==1.2", "b")),
    "percent": Case(HEAD + "V = '1.2'\nsetup(install_requires=['a==%s' % V, 'b>=%s,<%s' % (V, '2')])\n", ("a==1.2", "b>=1.2,<2")),
    "f-string": Case(HEAD + "V = '1.2'\nsetup(install_requires=[f'a=={V}', f'b'])\n", ("a==1.2", "b")),
    "plus": Case(HEAD + "V = '1.2'\nsetup(install_requires=['a==' + V])\n", ("a==1.2",)),
    "split": Case(HEAD + "setup(install_requires='a b>=1 c'.split())\n", ("a", "b>=1", "c")),
    "split at commas": Case(HEAD + "setup(install_requires='a,b,c'.split(','))\n", ("a", "b", "c")),
    "splitlines": Case(HEAD + 'setup(install_requires="""\na>=1\nb\n""".strip().splitlines())\n', ("a>=1", "b")),
    "split at line ends": Case(
        HEAD + 'deps = """\n    a\n    b\n"""\nsetup(install_requires=[d.strip() for d in deps.split("\\n") if d.strip()])\n', ("a", "b")
    ),
    "dedent": Case(
        HEAD + 'import textwrap\nsetup(install_requires=textwrap.dedent("""\n    a\n    b\n    """).splitlines())\n', ("a", "b")
    ),
    # names
    "name": Case(HEAD + "REQUIRES = [\n    'a',\n    'b',\n]\nsetup(install_requires=REQUIRES)\n", ("a", "b")),
    "name of one": Case(HEAD + "A = 'a>=1'\nsetup(install_requires=[A, 'b'])\n", ("a>=1", "b")),
    "annotated": Case(HEAD + "REQUIRES: list = ['a']\nsetup(install_requires=REQUIRES)\n", ("a",)),
    "two names": Case(HEAD + "one = two = ['a']\nsetup(install_requires=two)\n", ("a",)),
    "bound twice": Case(HEAD + "deps = ['zzz']\ndeps = ['a']\nsetup(install_requires=deps)\n", ("a",)),
    "sum of lists": Case(HEAD + "base = ['a']\nsetup(install_requires=base + ['b'] + ['c'])\n", ("a", "b", "c")),
    "extended": Case(HEAD + "deps = ['a']\ndeps += ['b']\ndeps.extend(['c'])\ndeps.append('d')\nsetup(install_requires=deps)\n", ("a", "b", "c", "d")),
    "starred": Case(HEAD + "base = ['a']\nsetup(install_requires=[*base, 'b'])\n", ("a", "b")),
    "removed": Case(HEAD + "deps = ['a', 'b']\ndeps.remove('a')\nsetup(install_requires=deps)\n", ("b",)),
    "conditional append": Case(
        HEAD + "import sys\ndeps = ['a']\nif sys.version_info < (3,):\n    deps.append('b')\nelse:\n    deps.append('c')\nsetup(install_requires=deps)\n",
        ("a", "b", "c"),
        loose=True,
    ),
    "conditional append among others": Case(
        HEAD + "import sys\ndeps = ['a']\nif sys.version_info < (3,):\n    old = True\n    deps.append('b')  # old\nsetup(install_requires=deps)\n",
        ("a", "b"),
        loose=True,
    ),
    "conditional lists": Case(
        HEAD + "import sys\nif sys.platform == 'win32':\n    deps = ['a', 'b']\nelif sys.platform == 'x':\n    deps = ['c']\nelse:\n    deps = []\nsetup(install_requires=deps)\n",
        ("a", "b", "c"),
        loose=True,
    ),
    "conditional expression": Case(
        HEAD + "import sys\nsetup(install_requires=['a'] + (['b'] if sys.version_info < (3,) else []))\n", ("a", "b"), loose=True
    ),
    "one of two strings": Case(
        HEAD + "import os\nGPU = 'a-gpu' if os.environ.get('GPU') else 'a'\nsetup(install_requires=[GPU, 'b'])\n",
        ("a-gpu", "a", "b"),
        loose=True,
        sticky=("a-gpu", "a"),
    ),
    "a condition that is known": Case(HEAD + "EXTRA = False\ndeps = ['a']\nif EXTRA:\n    deps.append('b')\nsetup(install_requires=deps)\n", ("a",)),
    "try": Case(
        HEAD + "deps = ['a']\ntry:\n    import json\nexcept ImportError:\n    deps.append('b')\nsetup(install_requires=deps)\n", ("a", "b"), loose=True
    ),
    "loop": Case(HEAD + "deps = []\nfor name in ('a', 'b'):\n    deps.append(name)\nsetup(install_requires=deps)\n", ("a", "b")),
    "comprehension": Case(HEAD + "setup(install_requires=[name + '>=1' for name in ('a', 'b')])\n", ("a>=1", "b>=1"), sticky=("a>=1",)),
    "filtered": Case(HEAD + "deps = ['a', 'b', 'c']\nsetup(install_requires=[d for d in deps if d != 'b'])\n", ("a", "c")),
    "list of a set": Case(HEAD + "setup(install_requires=list({'a', 'b'}))\n", ("a", "b")),
    "sorted": Case(HEAD + "setup(install_requires=sorted(['b', 'a']))\n", ("b", "a")),
    "function": Case(HEAD + "def requires():\n    return ['a', 'b']\n\nsetup(install_requires=requires())\n", ("a", "b")),
    "function with arguments": Case(
        HEAD + "def pin(name, version='1'):\n    return '%s==%s' % (name, version)\n\nsetup(install_requires=[pin('a'), pin('b', version='2')])\n",
        ("a==1", "b==2"),
    ),
    "lambda": Case(HEAD + "f = lambda: ['a']\nsetup(install_requires=f())\n", ("a",)),
    # tables
    "keywords in a table": Case(HEAD + "kw = {'name': 'x', 'install_requires': ['a', 'b']}\nsetup(**kw)\n", ("a", "b")),
    "keywords in dict()": Case(HEAD + "setup(**dict(name='x', install_requires=['a']))\n", ("a",)),
    "keywords put in": Case(
        HEAD + "kw = dict(name='x')\nkw['install_requires'] = ['a']\nkw.update(extras_require={'gpu': ['b']})\nsetup(**kw)\n", ("a",), ("b",)
    ),
    "table of tables": Case(HEAD + "DEPS = {'core': ['a'], 'gpu': ['b']}\nsetup(install_requires=DEPS['core'], extras_require={'gpu': DEPS['gpu']})\n", ("a",), ("b",)),
    "extras": Case(HEAD + "setup(extras_require={'gpu': ['a'], 'test': ['b', 'c']})\n", (), ("a", "b", "c")),
    "extras in dict()": Case(HEAD + "setup(extras_require=dict(gpu=['a'], test='b'))\n", (), ("a", "b")),
    "extras by marker": Case(
        HEAD + """setup(extras_require={':python_version < "3"': ['a'], 'gpu:sys_platform == "linux"': ['b']})\n""", (), ("a", "b")
    ),
    "extras of a string": Case(HEAD + "setup(extras_require={'gpu': '''\n    a\n    b\n'''})\n", (), ("a", "b")),
    "all extras": Case(
        HEAD + "extras = {'one': ['a'], 'two': ['b']}\nextras['all'] = sum(extras.values(), [])\nsetup(extras_require=extras)\n", (), ("a", "b")
    ),
    "all extras, set": Case(
        HEAD + "extras = {'one': ['a'], 'two': ['b']}\nextras['all'] = sorted(set(x for v in extras.values() for x in v))\nsetup(extras_require=extras)\n",
        (),
        ("a", "b"),
    ),
    "extras by defaultdict": Case(
        "from collections import defaultdict\n" + HEAD + "extras = defaultdict(list)\nextras['x'].append('a')\nextras['x'] += ['b']\nsetup(extras_require=extras)\n",
        (),
        ("a", "b"),
    ),
    "extras of a comprehension": Case(
        HEAD + "base = {'x': ['a'], 'y': ['b']}\nsetup(extras_require={k: v for k, v in base.items()})\n", (), ("a", "b")
    ),
    "extras merged": Case(HEAD + "one = {'x': ['a']}\nsetup(extras_require={**one, 'y': ['b']})\n", (), ("a", "b")),
    "one list for two": Case(
        HEAD + "tests = ['t']\nsetup(install_requires=['a'], tests_require=tests, extras_require={'test': tests})\n", ("a",), ("t",)
    ),
    "all keywords": Case(
        HEAD + "setup(install_requires=['a'], extras_require={'e': ['b']}, setup_requires=['c'], tests_require=['d'])\n",
        ("a",), ("b",), ("c",), ("d",),
    ),
    "setup_requires when needed": Case(
        HEAD + "import sys\nneeds = {'pytest', 'test'}.intersection(sys.argv)\nsetup(setup_requires=['c'] + (['pytest-runner'] if needs else []))\n",
        (), (), ("c", "pytest-runner"),
        loose=True,
    ),
    # files
    "read and splitlines": Case(HEAD + "setup(install_requires=open('requirements.txt').read().splitlines())\n", files=("requirements.txt",)),
    "read": Case(HEAD + "with open('requirements.txt') as fp:\n    install_requires = fp.read()\nsetup(install_requires=install_requires)\n", files=("requirements.txt",)),
    "with": Case(
        HEAD + HERE + "with open(os.path.join(here, 'requirements.txt')) as f:\n    required = f.read().splitlines()\nsetup(install_requires=required)\n",
        files=("requirements.txt",),
    ),
    "readlines": Case(HEAD + "setup(install_requires=open('requirements.txt').readlines())\n", files=("requirements.txt",)),
    "read and split": Case(HEAD + "setup(install_requires=open('requirements.txt').read().strip().split('\\n'))\n", files=("requirements.txt",)),
    "list of open": Case(HEAD + "setup(install_requires=list(open('requirements.txt')))\n", files=("requirements.txt",)),
    "list of filter": Case(
        HEAD + "setup(install_requires=list(filter(None, open('requirements.txt').read().split('\\n'))))\n", files=("requirements.txt",)
    ),
    "list of map": Case(HEAD + "setup(install_requires=list(map(str.strip, open('requirements.txt'))))\n", files=("requirements.txt",)),
    "comprehension over open": Case(
        HEAD + "setup(install_requires=[line.strip() for line in open('requirements.txt') if line.strip() and not line.startswith('#')])\n",
        files=("requirements.txt",),
    ),
    "pathlib": Case(HEAD + PATHLIB + "setup(install_requires=Path('requirements.txt').read_text().splitlines())\n", files=("requirements.txt",)),
    "pathlib, beside": Case(
        HEAD + "import pathlib\nHERE = pathlib.Path(__file__).resolve().parent\nsetup(install_requires=(HERE / 'requirements' / 'base.txt').read_text().split())\n",
        files=("requirements/base.txt",),
    ),
    "f-string path": Case(HEAD + HERE + "setup(install_requires=open(f'{here}/requirements.txt').read().splitlines())\n", files=("requirements.txt",)),
    "percent path": Case(HEAD + HERE + "setup(install_requires=open('%s/requirements.txt' % here).read().splitlines())\n", files=("requirements.txt",)),
    "own reader": Case(
        HEAD + HERE + "def read(*parts):\n    with open(os.path.join(here, *parts), encoding='utf-8') as f:\n        return f.read()\n\n"
        "setup(install_requires=read('requirements', 'base.txt').splitlines())\n",
        files=("requirements/base.txt",),
    ),
    "own reader with a loop": Case(
        HEAD + "def load(name):\n    found = []\n    with open(name) as f:\n        for line in f:\n            line = line.split('#')[0].strip()\n"
        "            if not line:\n                continue\n            found.append(line)\n    return found\n\nsetup(install_requires=load('requirements.txt'))\n",
        files=("requirements.txt",),
    ),
    "own reader with yield": Case(
        HEAD + "def load(name):\n    for line in open(name):\n        yield line.strip()\n\nsetup(install_requires=list(load('requirements.txt')))\n",
        files=("requirements.txt",),
    ),
    "own reader without arguments": Case(
        HEAD + "def requirements():\n    with open('requirements.txt') as f:\n        return [line for line in f.read().split('\\n') if line]\n\n"
        "setup(install_requires=requirements(), extras_require={'dev': open('dev.txt').read().split()})\n",
        files=("requirements.txt", "dev.txt"),
    ),
    "own parse_requirements": Case(
        HEAD + "def parse_requirements(filename):\n    lineiter = (line.strip() for line in open(filename))\n"
        "    return [line for line in lineiter if line and not line.startswith('#')]\n\nsetup(install_requires=parse_requirements('requirements.txt'))\n",
        files=("requirements.txt",),
    ),
    "file and more": Case(
        HEAD + "deps = open('requirements.txt').read().splitlines()\ndeps.append('a')\nsetup(install_requires=deps + ['b'])\n", ("a", "b"), files=("requirements.txt",)
    ),
    "file if there": Case(
        HEAD + "try:\n    deps = open('requirements.txt').read().splitlines()\nexcept OSError:\n    deps = ['a']\nsetup(install_requires=deps)\n",
        ("a",), files=("requirements.txt",), loose=True,
    ),
    "own reader that leaves lines out": Case(
        HEAD + "SELF = '-e .'\n\ndef load(path: str) -> list[str]:\n    lines = []\n    with open(path) as file:\n        lines = file.readlines()\n"
        "        lines = [line.replace('\\n', '') for line in lines]\n        if SELF in lines:\n            lines.remove(SELF)\n    return lines\n\n"
        "setup(install_requires=load('requirements.txt'))\n",
        files=("requirements.txt",),
    ),
    "own reader that forgives": Case(
        HEAD + "def load():\n    try:\n        with open('requirements.txt') as file:\n            lines = file.readlines()\n            return [line.strip() for line in lines]\n"
        "    except FileNotFoundError:\n        print('none')\n        return []\n    except Exception as error:\n        print(f'{error}')\n        return []\n\n"
        "setup(install_requires=load())\n",
        files=("requirements.txt",),
    ),
    "own reader that collects": Case(
        HEAD + "def load():\n    found: list[str] = []\n    try:\n        with open('requirements.txt', 'r') as file:\n            for line in file.readlines():\n"
        "                line = line.strip()\n                if line and line != '-e .':\n                    found.append(line)\n    except OSError:\n        pass\n    return found\n\n"
        "setup(install_requires=load())\n",
        files=("requirements.txt",),
    ),
    "own reader that looks first": Case(
        HEAD + "from os.path import dirname, exists, join\ndef load(name='requirements.txt'):\n    path = join(dirname(__file__), name)\n    if exists(path):\n        with open(path) as f:\n"
        "            return [line.strip() for line in f.readlines()]\n    return []\n\nsetup(install_requires=load(), extras_require={'x': load('dev.txt')})\n",
        files=("requirements.txt", "dev.txt"),
    ),
    "own reader that follows": Case(
        HEAD + "import re\ndef load(path='./requirements.txt'):\n    found = []\n    with open(path) as f:\n        for line in f:\n            if line.startswith('-r'):\n"
        "                found += load(line[3:])\n            else:\n                match = re.match(r'(\\S+)', line)\n                found.append(match.group(1))\n    return found\n\n"
        "setup(install_requires=load())\n",
        files=("requirements.txt",),
    ),
    "set of lines": Case(HEAD + "setup(install_requires=sorted(set(open('requirements.txt')) - set('')))\n", files=("requirements.txt",)),
    "all extras, chain": Case(
        HEAD + "from itertools import chain\nextras = {'one': ['a'], 'two': ['b']}\nextras['all'] = list(dict.fromkeys(chain.from_iterable(extras.values())))\nsetup(extras_require=extras)\n",
        (), ("a", "b"),
    ),
    "all extras, nested": Case(
        HEAD + "import itertools\nextras = {'one': ['a'], 'two': ['b']}\nextras['all'] = list(itertools.chain(extras.values()))\nsetup(extras_require=extras)\n",
        (), ("a", "b"),
    ),
    "all extras, loop": Case(
        HEAD + "extras = {'one': ['a'], 'two': ['b']}\nextras['all'] = []\nfor deps in list(extras.values()):\n    extras['all'].extend(deps)\nsetup(extras_require=extras)\n",
        (), ("a", "b"),
    ),
    "all extras, keys": Case(
        HEAD + "extras = {'one': ['a'], 'two': ['b']}\nextras['all'] = list({dep for name in extras.keys() for dep in extras[name]})\nsetup(extras_require=extras)\n",
        (), ("a", "b"),
    ),
    "without the last": Case(HEAD + "setup(install_requires=open('requirements.txt').read().split('\\n')[:-1])\n", files=("requirements.txt",)),
}  # fmt: skip


def read(text: str, path: str = "setup.py") -> Manifest:
    return setup_py.read(Source(path, text), None)


def problems(text: str) -> list[tuple[str, str]]:
    return [(problem.rule, text[slice(*problem.span)]) for problem in read(text).problems]


def listed(manifest: Manifest) -> list[tuple[str, str | None, str, str | None]]:
    return [(item.group.kind, item.group.name, item.text, item.marker) for item in manifest.dependencies]


def canonical(text: str) -> str:
    requirement = Requirement(text)
    requirement.name = normalize(requirement.name)
    return str(requirement)


@pytest.mark.parametrize("case", COOKBOOK.values(), ids=COOKBOOK)
def test_cookbook(case: Case) -> None:
    manifest = read(case.text)
    assert manifest.problems == []
    found: dict[str, list[str]] = {}
    for dependency in manifest.dependencies:
        kind = "extra" if dependency.marker is not None and dependency.parts.marker is None else dependency.group.kind
        found.setdefault(kind, []).append(canonical(dependency.text))
    expected = {"runtime": case.install, "extra": case.extras, "build": case.setup, "group": case.tests}
    assert {kind: sorted(texts) for kind, texts in found.items()} == {
        kind: sorted(map(canonical, texts)) for kind, texts in expected.items() if texts
    }
    assert sorted(include.path for include in manifest.includes) == sorted(case.files)


def test_setuptools_agrees(tmp_path: Path) -> None:
    projects = [{"setup.py": case.text, **dict.fromkeys(case.files, LISTED)} for case in COOKBOOK.values()]
    for (name, case), result in zip(COOKBOOK.items(), judge(tmp_path, projects), strict=True):
        assert "error" not in result, (name, result)
        own = {*map(canonical, (*case.install, *case.extras, *case.setup, *case.tests))}
        if case.files:
            own |= {canonical(line) for line in LISTED.split()}
        lists = (
            result["install_requires"],
            *result["extras_require"].values(),
            result["setup_requires"],
            result["tests_require"],
        )
        theirs = {canonical(text) for texts in lists for text in texts}
        assert theirs <= own if case.loose else theirs == own, name
        runtime = {*map(canonical, case.install)} | (
            {canonical(line) for line in LISTED.split()} if case.files else set()
        )
        assert case.loose or {canonical(text) for text in result["install_requires"]} == runtime, name


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("case", COOKBOOK.values(), ids=COOKBOOK)
def test_spans_hold_and_entries_can_be_deleted(case: Case, newline: str) -> None:
    text = case.text.replace("\n", newline)
    manifest = read(text)
    assert [item[2] for item in listed(manifest)] == [item[2] for item in listed(read(case.text))]
    for number, dependency in enumerate(manifest.dependencies):
        if dependency.rewritable:
            assert text[slice(*dependency.span)] == dependency.text
            assert text[slice(*dependency.parts.name_span)] == dependency.parts.name  # type: ignore[misc]
        start, end = dependency.entry
        assert start <= dependency.span[0] <= dependency.span[1] <= end or "\n" not in text[start:end]
        if dependency.text in case.sticky:
            continue
        rest = text[:start] + text[end:]
        ast.parse(rest)
        assert listed(read(rest)) == [item for at, item in enumerate(listed(manifest)) if at != number], rest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("setup(install_requires=get())", [("dynamic-dependencies", "get()")]),
        ("setup(install_requires=['a', get()])", [("dynamic-dependencies", "get()")]),
        ("import x\nsetup(install_requires=x.deps)", [("dynamic-dependencies", "x.deps")]),
        ("setup(extras_require=get())", [("dynamic-dependencies", "get()")]),
        ("setup(extras_require={'a': get()})", [("dynamic-dependencies", "get()")]),
        ("setup(**get())", [("dynamic-dependencies", "**get()")]),
        ("setup(install_requires=['a'], **get())", []),
        ("import json\nsetup(install_requires=json.load(open('deps.json'))['x'])", [("dynamic-dependencies", "json.load(open('deps.json'))['x']")]),
        ("import os\nsetup(install_requires=open(os.environ['X']).readlines())", [("dynamic-dependencies", "open(os.environ['X']).readlines()")]),
        ("setup(install_requires=[f'{x}-core'])", [("dynamic-dependencies", "{x}-core")]),
        ("setup(install_requires={'a'})", [("invalid-requirement", "{'a'}")]),
        ("setup(install_requires={'a': '1'})", [("invalid-requirement", "{'a': '1'}")]),
        ("setup(install_requires=[None])", [("invalid-requirement", "None")]),
        ("setup(install_requires=[1])", [("invalid-requirement", "1")]),
        ("setup(install_requires=[b'a'])", [("invalid-requirement", "b'a'")]),
        ("setup(install_requires=['a b'])", [("invalid-requirement", "b")]),
        ("setup(install_requires='a; b')", [("invalid-requirement", "b")]),
        ("setup(install_requires='a, b')", [("invalid-requirement", ", b")]),
        ("setup(install_requires=['-e .'])", [("invalid-requirement", "-e .")]),
        ("setup(install_requires=['-r requirements.txt'])", [("invalid-requirement", "-r requirements.txt")]),
        ("setup(install_requires=['git+https://e.com/a.git'])", [("invalid-requirement", "git+https://e.com/a.git")]),
        ("setup(extras_require={'a': None})", [("invalid-requirement", "None")]),
        ("setup(extras_require=['a'])", [("invalid-requirement", "['a']")]),
        ("setup(extras_require={'a:b': ['c']})", [("invalid-requirement", "b")]),
        ("setup(install_requires=map(str, ['a']))", [("ignored-text", "map(str, ['a'])")]),
        ("setup(install_requires=(x for x in ['a']))", [("ignored-text", "(x for x in ['a'])")]),
        ("setup(dependency_links=['https://e.com'], install_requires=[])", [("dependency-links", "['https://e.com']")]),
        ("setup(dependency_links=[])", []),
        ("setup(install_requires=None, python_requires='>=3')", []),
        ("print 'a'\nsetup(install_requires=['a'])", [("unreadable-file", "p")]),
        ("setup(install_requires=['a'", [("unreadable-file", "[")]),
        ("x = 1\nfoo.setup(x=['install_requires'])", []),
        ("setup(name='x')", []),
        ("print 'no requirements here'", []),
    ],
)  # fmt: skip
def test_problems(text: str, found: list[tuple[str, str]]) -> None:
    assert problems(text) == found


@pytest.mark.parametrize(
    ("elements", "mended"),
    [
        ("'a==1' 'b==2'", "'a==1', 'b==2'"),
        ("'a==1'\n 'b==2',\n 'c'", "'a==1',\n 'b==2',\n 'c'"),
        ("'a' 'b>=1'", "'a', 'b>=1'"),
        ("'a' 'b' 'c'", "'a', 'b', 'c'"),
        ("'a[x]' \"b; python_version<'3'\"", "'a[x]', \"b; python_version<'3'\""),
        ("'a==1.' '2'", None),
        ("'a==1' '.2'", None),
        ("'a==1' 'rc1'", None),
        ("'a>=1,' '<2'", None),
        ("'a-' 'b'", None),
        ("'a' '[x]'", None),
        ("'a @ https://e.com/' 'a.zip'", None),
        ("'a; python_version' \"<'3'\"", None),
    ],
)
def test_missing_commas(elements: str, mended: str | None) -> None:
    text = f"setup(install_requires=[{elements}])"
    found = [problem for problem in read(text).problems if problem.rule == "missing-comma"]
    if mended is None:
        assert not found
        return
    (problem,) = found
    assert problem.fix is not None
    assert apply(text, [problem.fix]).replace("',b", "', b") == f"setup(install_requires=[{mended}])".replace(
        "', ", "', "
    )
    assert problem.fix.applicability == "safe"


def test_a_missing_comma_says_it_all() -> None:
    assert [rule for rule, _ in problems("setup(install_requires=['a==1' 'b==2'])")] == ["missing-comma"]
    assert listed(read("setup(install_requires=['a==1' 'b==2'])")) == []


def test_templated_versions() -> None:
    text = "setup(install_requires=[f'a=={version}', 'b==' + get(), 'c>={}'.format(x)])"
    manifest = read(text)
    assert manifest.problems == []
    assert [(item.text, item.constraints[0].templated, item.rewritable) for item in manifest.dependencies] == [
        ("a==${version}", True, False),
        ("b==${…}", True, False),
        ("c>=${x}", True, False),
    ]


def test_roles() -> None:
    text = (
        "setup(install_requires=['a'], setup_requires=['b'], tests_require=['c'],"
        " extras_require={'test': ['d'], 'gpu': ['e'], ':os_name == \"nt\"': ['f']})"
    )
    manifest = setup_py.read(Source("setup.py", text), "application")
    found = [
        (item.name, item.group.kind, item.group.role, item.group.name, item.marker) for item in manifest.dependencies
    ]
    assert found == [
        ("a", "runtime", "application", None, None),
        ("b", "build", "build", None, None),
        ("c", "group", "development", "tests_require", None),
        ("d", "extra", "development", "test", None),
        ("e", "extra", "application", "gpu", None),
        ("f", "runtime", "application", None, 'os_name == "nt"'),
    ]
    assert manifest.role == "application"
    assert read(text).role == "library"


def test_place_of_a_syntax_error() -> None:
    text = "x = 1\nif x:\n    setup(install_requires=['é', 'a' b])\n"
    (problem,) = read(text).problems
    assert problem.rule == "unreadable-file"
    assert Source("setup.py", text).position(problem.span[0])[0] == 3


def test_newer_syntax_than_this_python() -> None:
    text = "type X = int\ndef f[T](x: T) -> T: return x\nsetup(install_requires=[f'{'a'}==1'])\n"
    manifest = read(text)
    assert manifest.problems == []
    assert [item.text for item in manifest.dependencies] == ["a==1"]


def test_includes_say_where() -> None:
    text = HEAD + HERE + "setup(install_requires=open(os.path.join(here, 'deps', 'base.txt')).read().split())\n"
    (include,) = read(text).includes
    assert (include.path, include.kind, text[slice(*include.span)]) == ("deps/base.txt", "requirement", "base.txt")
    up = "import os\nd = os.path.dirname(os.path.dirname(__file__))\nsetup(install_requires=open(d + '/r.txt').readlines())\n"
    assert [include.path for include in read(up).includes] == ["../r.txt"]


def test_pip_parsers() -> None:
    text = (
        "from pip._internal.req import parse_requirements\nfrom setuptools import setup\n"
        "reqs = parse_requirements('requirements.txt', session='hack')\n"
        "setup(install_requires=[str(r.req) for r in reqs])\n"
    )
    assert [include.path for include in read(text).includes] == ["requirements.txt"]
    assert problems(text) == []
    imported = "from tools import load\nsetup(install_requires=load('requirements/base.txt'))\n"
    assert [include.path for include in read(imported).includes] == ["requirements/base.txt"]


def test_form_feeds_and_odd_letters_do_not_shift() -> None:
    text = "# é𝒳\f\n\fname = 'ünï'\n\f\nsetup(install_requires=['a', 'b>=1'])"
    manifest = read(text)
    assert [text[slice(*item.span)] for item in manifest.dependencies] == ["a", "b>=1"]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + ")" * 5000,
        "[" * 150 + "]" * 150,
        "x = " + "-" * 20_000 + "1",
        "x = " + "not " * 20_000 + "1",
        "x = " + "+".join(["1"] * 20_000),
        "x" + ".y" * 20_000,
        "x = " + " and ".join(["1"] * 20_000),
        "x = [" + " ".join("'a'" for _ in range(20_000)) + "]",
        "x = [1 " + "for x in y " * 5000 + "]",
        "if x:\n pass\n" + "elif x:\n pass\n" * 5000,
        "type X = int\n" + "(" * 2400,
        "deps = ['a']\n" + "deps += deps\n" * 60,
        "s = 'aaaaaaaa'\n" + "s += s\n" * 60,
        "def f(x): return f(x) + f(x)\nf(1)\n" * 20,
    ],
    ids=range(14),
)
def test_what_is_too_deep_is_left_alone(text: str) -> None:
    code = (
        "import sys; from reqlint.formats import setup_py; from reqlint.source import Source\n"
        "text = sys.stdin.read() + '\\nsetup(install_requires=[\"a\"])\\n'\n"
        "print(*[problem.rule for problem in setup_py.read(Source('setup.py', text), None).problems])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(SRC)},
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert set(done.stdout.split()) <= {"dynamic-dependencies", "unreadable-file"}


def test_deep_trees_are_refused() -> None:
    with pytest.raises(TooComplexError):
        parse("x = " + "-" * 300 + "1")
    assert parse("x = " + "-" * 100 + "1").text


def test_libcst_is_only_imported_for_files_that_may_hold_something() -> None:
    code = (
        "import sys; from reqlint.formats import setup_py; from reqlint.source import Source\n"
        "setup_py.read(Source('setup.py', 'from setuptools import setup; setup(name=1)'), None)\n"
        "print('libcst' in sys.modules, 'ast' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(SRC)}
    )
    assert done.stdout.split()[0] == "False"


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    read(f"{text}\nsetup(install_requires=[])")
    read(f"setup(install_requires=[{text}])")
    read(f"setup(install_requires='''{text}''')")


FRAGMENTS = st.sampled_from(
    "'a' \"b==1\" , ( ) [ ] { } = == + : . * ** % f' ' \n \\ # \r\n \x0c for in if else x deps setup( install_requires= "
    "extras_require= open( .append( .split() .format( lambda def return import None {x} \\n ''' True not and or".split(
        " "
    )
)


@given(st.lists(FRAGMENTS, max_size=40).map("".join), st.sampled_from(sorted(COOKBOOK)), st.integers(0, 400))
def test_any_change_of_a_file_is_read(noise: str, name: str, at: int) -> None:
    text = COOKBOOK[name].text
    manifest = read(text[:at] + noise + text[at:])
    size = len(text) + len(noise)
    places = [place for item in manifest.dependencies for place in (item.span, item.entry)]
    places += [place for include in manifest.includes for place in (include.span, include.entry)]
    places += [place for problem in manifest.problems for place in (problem.span, problem.scope)]
    assert all(0 <= start <= end <= size for start, end in places)
    for dependency in manifest.dependencies:
        if dependency.rewritable:
            assert (text[:at] + noise + text[at:])[slice(*dependency.span)] == dependency.text

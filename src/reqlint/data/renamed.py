"""Names on PyPI that install the wrong thing, nothing, or a mere stand-in; and backports that Python has made needless.

Only what is well established stands here: a name that somebody may want on purpose is left out, however often others mean
something else by it.
"""

from __future__ import annotations

#: Normalized name -> (the right name, what is the matter with this one). The right name is empty where there is nothing to
#: install, and None where it depends on what is wanted. The reason goes on where a message has named the package.
RENAMED: dict[str, tuple[str | None, str]] = {
    # The name of the module, not of the project.
    "cv2": (
        "opencv-python",
        "is the name of the module; on PyPI, OpenCV is `opencv-python` (`opencv-python-headless` on servers)",
    ),
    "dateutil": ("python-dateutil", "is the name of the module; the project is called `python-dateutil`"),
    "googleapiclient": (
        "google-api-python-client",
        "is the name of the module; the project is called `google-api-python-client`",
    ),
    "mysqldb": ("mysqlclient", "is the name of the module, which `mysqlclient` provides"),
    "opencv": ("opencv-python", "is not what OpenCV is called on PyPI, where it is `opencv-python`"),
    "pil": (
        "pillow",
        "is the Python Imaging Library, of which PyPI has no release to install; `pillow` took its place",
    ),
    "python": ("", "is the interpreter, which pip does not install: there is no such project on PyPI"),
    "yaml": ("PyYAML", "is the name of the module; the project is called `PyYAML`"),
    # Stand-ins, which hold nothing themselves.
    "bs4": ("beautifulsoup4", "is an empty stand-in for `beautifulsoup4`, whatever version of it is asked for"),
    "discord": ("discord.py", "is a stand-in for `discord.py`, which says itself to install that instead"),
    "django-rest-framework": ("djangorestframework", "is an empty stand-in for `djangorestframework`"),
    "dotenv": (
        "python-dotenv",
        "is not `python-dotenv`: the name belonged to another project, long abandoned",
    ),
    "google-cloud": (
        None,
        "has been empty since 2018; install the services that are used, such as `google-cloud-storage`",
    ),
    "pypiwin32": ("pywin32", "is an old name of `pywin32`, on which it only depends today"),
    "pytorch": ("torch", "only fails with the hint that PyTorch is called `torch`"),
    "skimage": ("scikit-image", "only fails with the hint to install `scikit-image`"),
    "sklearn": ("scikit-learn", "is a deprecated stand-in for `scikit-learn`, made to fail"),
    "zmq": ("pyzmq", "is an empty stand-in for `pyzmq`"),
    # Other projects, long abandoned, that are not what the module's name suggests.
    "attr": ("attrs", "is another project, for attributes of functions; the module for classes comes with `attrs`"),
    "crypto": (
        "pycryptodome",
        "is a command for GnuPG; the module `Crypto` comes with `pycryptodome`",
    ),
    "fitz": ("PyMuPDF", "is a project for brain imaging; the module for PDF files comes with `PyMuPDF`"),
    "serial": ("pyserial", "is a project for JSON, YAML and XML; the module for serial ports comes with `pyserial`"),
    "telegram": (
        "python-telegram-bot",
        "is another project, long abandoned; the module for bots comes with `python-telegram-bot`",
    ),
    "websocket": (
        "websocket-client",
        "is a project for gevent of 2010; the module of today comes with `websocket-client`",
    ),
    # Old names of projects that go on under a new one, and what can no longer be installed or imported.
    "azure": (None, "cannot be installed since 5.0; install the services that are used, such as `azure-storage-blob`"),
    "beautifulsoup": (
        "beautifulsoup4",
        "is Beautiful Soup 3, for Python 2 only; the one for Python 3 is `beautifulsoup4`",
    ),
    "distribute": ("setuptools", "was merged into `setuptools` in 2013"),
    "docx": ("python-docx", "stopped at 0.2.4, which Python 3 cannot import; it goes on as `python-docx`"),
    "jinja": ("Jinja2", "is Jinja 1, for Python 2 only; its successor is called `Jinja2`"),
    "jose": ("python-jose", "stopped at 1.0, which Python 3 cannot import; the one for Python 3 is `python-jose`"),
    "kafka": (
        "kafka-python",
        "stopped at 1.3.5, which Python 3.7 and later cannot import; it goes on as `kafka-python`",
    ),
    "mysql-python": ("mysqlclient", "is for Python 2 only; `mysqlclient` is the fork for Python 3"),
    "pycrypto": ("pycryptodome", "was given up in 2013, with known holes; `pycryptodome` takes its place"),
    "scikits-learn": ("scikit-learn", "has been called `scikit-learn` since 2011"),
    "tensorflow-gpu": (
        "tensorflow",
        "was removed in 2.12, where it only fails; `tensorflow` has been the same since 2.1",
    ),
    "tf-nightly-gpu": ("tf-nightly", "was removed with TensorFlow 2.12; `tf-nightly` is the same"),
    # A slip of the pen.
    "requirements-txt": (None, "is taken for a package of that name; a file is included with `-r` in front"),
    # Modules of Python 2, which Python 3 has under other names.
    "cpickle": ("", "was a module of Python 2; it is part of Python, as `pickle`"),
    "httplib": ("", "was a module of Python 2; it is part of Python, as `http.client`"),
    "stringio": ("", "was a module of Python 2; it is part of Python, as `io.StringIO`"),
    "urllib2": ("", "was a module of Python 2; it is part of Python, as `urllib.request`"),
}

_STANDARD = """
    base64 collections copy csv ctypes decimal functools getpass glob hashlib heapq inspect io itertools json logging math
    multiprocessing operator os pickle pprint random re shutil smtplib socket sqlite3 ssl string struct subprocess sys
    tempfile textwrap threading time tkinter traceback unittest urllib uuid warnings wsgiref zipfile
"""
RENAMED.update(dict.fromkeys(_STANDARD.split(), ("", "is a module of Python itself, so there is nothing to install")))

#: From which version on a name is what its reason says; what is older was a project like any other.
SINCE = {"azure": "5.0.0", "google-cloud": "0.34.0", "tensorflow-gpu": "2.12.0"}

#: Names with the version numbers of the right project, or with none of their own: what is pinned can stay pinned.
SAME_VERSIONS = frozenset(
    "bs4 cv2 dateutil discord googleapiclient mysqldb opencv pil pypiwin32 skimage sklearn tensorflow-gpu tf-nightly-gpu "
    "yaml".split()
)

#: Backports of modules that every Python since 3.10 has, with the first one that had it.
BACKPORTS = {
    "argparse": "3.2",
    "asyncio": "3.4",
    "backports-abc": "3.5",
    "backports-csv": "3.0",
    "backports-functools-lru-cache": "3.3",
    "backports-shutil-get-terminal-size": "3.3",
    "backports-ssl-match-hostname": "3.2",
    "backports-statistics": "3.4",
    "backports-tempfile": "3.2",
    "backports-zoneinfo": "3.9",
    "contextvars": "3.7",
    "dataclasses": "3.7",
    "enum34": "3.4",
    "functools32": "3.2",
    "futures": "3.2",
    "graphlib-backport": "3.9",
    "importlib": "3.1",
    "ipaddress": "3.3",
    "ordereddict": "3.1",
    "pathlib": "3.4",
    "selectors34": "3.4",
    "singledispatch": "3.4",
    "statistics": "3.4",
    "subprocess32": "3.3",
    "typing": "3.5",
    "unittest2": "3.2",
}

"""Servers that tests start on the loopback: a package index, and git's own by http; no other address is ever asked."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest


def isolate(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Let no variable and no file of the one who runs the tests have a say.

    Where no index is named, it is one that nobody can reach.
    """
    for name in list(os.environ):
        foreign = ("PIP_", "UV_", "POETRY_", "REQUESTS_", "CURL_", "XDG_CONFIG", "GIT_", "SSH_A")
        if name.startswith(foreign) or name.lower().endswith("_proxy") or name in ("NETRC", "VIRTUAL_ENV"):
            monkeypatch.delenv(name)
    home.mkdir(exist_ok=True)
    for name in ("HOME", "USERPROFILE", "APPDATA"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_KEYRING_PROVIDER", "disabled")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple/")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


class Listed:
    """A file that an index lists: a wheel that pip can install, or an sdist, of which the name alone counts."""

    def __init__(
        self,
        version: str,
        *,
        project: str = "",
        requires_python: str | None = None,
        yanked: str | bool = False,
        sdist: bool = False,
        hashed: bool = True,
        name: str | None = None,
    ) -> None:
        self.version = version
        self.project = project
        self.requires_python = requires_python
        self.yanked = yanked
        self.sdist = sdist
        self.hashed = hashed
        self.given = name

    @property
    def name(self) -> str:
        stem = f"{self.project.replace('-', '_')}-{self.version}"
        return self.given or (f"{stem}.tar.gz" if self.sdist else f"{stem}-py3-none-any.whl")

    @property
    def data(self) -> bytes:
        stem = f"{self.project.replace('-', '_')}-{self.version}"
        if self.sdist or self.given:
            return stem.encode()
        members = {
            "METADATA": f"Metadata-Version: 2.1\nName: {self.project}\nVersion: {self.version}\n",
            "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "RECORD": "",
        }
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for member, text in members.items():
                archive.writestr(zipfile.ZipInfo(f"{stem}.dist-info/{member}"), text)
        return buffer.getvalue()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class Index:
    """An index on the loopback.

    ``format``: ``json`` or ``html``; ``password``: of the user ``user``, where one is asked; ``first``: the answers to the
    first questions, as status and headers; ``always``: a status for all questions; ``delay``: seconds before an answer;
    ``asked``: the paths that were asked for; ``users``: who asked, as far as they said.
    """

    def __init__(self, **projects: list[Listed]) -> None:
        self.projects = {name.replace("_", "-"): files for name, files in projects.items()}
        for name, files in self.projects.items():
            for file in files:
                file.project = name
        self.format = "json"
        self.password: str | None = None
        self.first: list[tuple[int, dict[str, str]]] = []
        self.always: int | None = None
        self.delay = 0.0
        self.missing = 404
        self.body: tuple[str, bytes] | None = None
        self.asked: list[str] = []
        self.users: list[str | None] = []
        self.most = self.busy = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/simple/"

    def with_user(self, userinfo: str) -> str:
        return self.url.replace("://", f"://{userinfo}@")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def page(self, name: str) -> tuple[str, bytes]:
        if self.body is not None:
            return self.body
        files = self.projects[name]
        if self.format == "json":
            rows = [
                {
                    "filename": file.name,
                    "url": f"../../files/{file.name}",
                    "hashes": {"sha256": file.digest} if file.hashed else {},
                    "yanked": file.yanked,
                    **({"requires-python": file.requires_python} if file.requires_python else {}),
                }
                for file in files
            ]
            page: dict[str, Any] = {"meta": {"api-version": "1.0"}, "name": name, "files": rows}
            return "application/vnd.pypi.simple.v1+json", json.dumps(page).encode()
        links = []
        for file in files:
            attributes = f' data-requires-python="{html.escape(file.requires_python)}"' if file.requires_python else ""
            if file.yanked is not False:
                attributes += f' data-yanked="{"" if file.yanked is True else file.yanked}"'
            fragment = f"#sha256={file.digest}" if file.hashed else ""
            links.append(f'<a href="../../files/{file.name}{fragment}"{attributes}>{file.name}</a><br>')
        return "text/html", ("<!DOCTYPE html><html><body>\n" + "\n".join(links) + "\n</body></html>").encode()

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if self.first:
            status, headers = self.first.pop(0)
            return status, headers, b""
        if self.always is not None:
            return self.always, {}, b""
        kind, _, rest = unquote(path).strip("/").partition("/")
        if kind == "simple" and rest in self.projects:
            content_type, body = self.page(rest)
            return 200, {"Content-Type": content_type}, body
        for file in (file for files in self.projects.values() for file in files):
            if kind == "files" and rest == file.name:
                return 200, {"Content-Type": "application/octet-stream"}, file.data
        if path == "/simple/":
            return 200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html><body></body></html>"
        return self.missing, {}, b""

    def _handler(outer) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                given = self.headers.get("Authorization")
                text = base64.b64decode(given.removeprefix("Basic ")).decode() if given else None
                with outer._lock:
                    outer.asked.append(self.path)
                    outer.users.append(text.partition(":")[0] if text is not None else None)
                    outer.busy += 1
                    outer.most = max(outer.most, outer.busy)
                    status, headers, body = outer.answer(self.path)
                time.sleep(outer.delay)
                if outer.password is not None and text != f"user:{outer.password}":
                    status, headers, body = 401, {"WWW-Authenticate": "Basic"}, b""
                with outer._lock:
                    outer.busy -= 1
                try:
                    self.send_response(status)
                    for key, value in {**headers, "Content-Length": str(len(body))}.items():
                        self.send_header(key, value)
                    self.end_headers()
                    self.wfile.write(body if self.command == "GET" else b"")
                except OSError:
                    pass  # nobody waits for it any more

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, as a person whom no configuration knows."""
    who = "-c user.name=A -c user.email=a@example.com -c commit.gpgsign=false -c tag.gpgsign=false".split()
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, check=True, text=True, timeout=30)
    return done.stdout.strip()


class Repository:
    """A repository with three commits: ``first`` has the tag v1.0.0, ``second`` v1.1.0 (annotated), ``third`` is main."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        git(path, "init", "-q")
        git(path, "symbolic-ref", "HEAD", "refs/heads/trunk")
        self.first = self.commit("one")
        git(path, "tag", "v1.0.0")
        self.second = self.commit("two")
        git(path, "tag", "-a", "v1.1.0", "-m", "a note")
        git(path, "branch", "feature/x")
        self.third = self.commit("three")

    def commit(self, message: str) -> str:
        git(self.path, "commit", "-q", "--allow-empty", "-m", message)
        return git(self.path, "rev-parse", "HEAD")


@contextmanager
def git_daemon(served: Path) -> Iterator[str]:
    """``git daemon`` for a folder: its host and port. Skips the test where git has none."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["git", "daemon", "--listen=127.0.0.1", f"--port={port}", f"--base-path={served}", "--export-all"]
    daemon = subprocess.Popen(
        [*command, "--reuseaddr", str(served)], stderr=subprocess.PIPE, start_new_session=sys.platform != "win32"
    )
    try:
        for _ in range(100):
            if daemon.poll() is not None:
                pytest.skip("this git has no daemon")
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        _end(daemon)


def _end(daemon: subprocess.Popen[bytes]) -> None:
    """End a daemon and what it started: ``git daemon`` is a process below ``git``."""
    if sys.platform == "win32":
        daemon.kill()
    else:
        os.killpg(daemon.pid, 9)
    daemon.communicate()


class GitServer:
    """``git http-backend`` on the loopback.

    ``password``: of the user ``user`` or, when that is empty, any user that is the token itself; ``delay``: seconds before
    an answer; ``seen``: the credentials of each request; ``most``: how many were asked at once.
    """

    def __init__(self, root: Path) -> None:
        self.user = "user"
        self.password: str | None = None
        self.delay = 0.0
        self.seen: list[str | None] = []
        self.most = self.busy = 0
        self.redirect: str | None = None
        outer, guard = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                given = self.headers.get("Authorization")
                text = base64.b64decode(given.removeprefix("Basic ")).decode() if given else None
                outer.seen.append(text)
                if outer.redirect is not None:
                    self.send_response(302)
                    self.send_header("Location", outer.redirect + self.path)
                    self.end_headers()
                elif outer.password is not None and text != f"{outer.user}:{outer.password}":
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="test"')
                    self.end_headers()
                else:
                    with guard:
                        outer.busy += 1
                        outer.most = max(outer.most, outer.busy)
                    time.sleep(outer.delay)
                    self.serve()
                    with guard:
                        outer.busy -= 1

            do_POST = do_GET  # noqa: N815

            def serve(self) -> None:
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                variables = {
                    "GIT_PROJECT_ROOT": str(root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type") or "",
                    "CONTENT_LENGTH": str(len(body)),
                }
                done = subprocess.run(
                    ["git", "http-backend"],
                    input=body,
                    capture_output=True,
                    check=False,
                    env={**os.environ, **variables},
                    timeout=30,
                )
                head, _, answer = done.stdout.partition(b"\r\n\r\n")
                fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
                try:
                    self.send_response(int(fields.pop("Status", "200").split()[0]))
                    for key, value in fields.items():
                        self.send_header(key, value)
                    self.end_headers()
                    self.wfile.write(answer)
                except OSError:
                    pass  # nobody waits for it any more

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def url(self, userinfo: str = "") -> str:
        return f"http://{userinfo}{'@' if userinfo else ''}{self.host}/acme/core.git"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

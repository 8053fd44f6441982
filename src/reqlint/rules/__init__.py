"""The rules, one module a family; importing this declares them all."""

from reqlint.rules import (
    credentials,
    drift,
    hygiene,
    ignores,
    indexes,
    installers,
    locks,
    overlap,
    pins,
    references,
    syntax,
    vcs,
)

__all__ = [
    "credentials",
    "drift",
    "hygiene",
    "ignores",
    "indexes",
    "installers",
    "locks",
    "overlap",
    "pins",
    "references",
    "syntax",
    "vcs",
]

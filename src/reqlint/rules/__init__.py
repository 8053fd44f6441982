"""The rules, one module a family; importing this declares them all."""

from reqlint.rules import credentials, hygiene, ignores, indexes, overlap, pins, references, syntax, vcs

__all__ = ["credentials", "hygiene", "ignores", "indexes", "overlap", "pins", "references", "syntax", "vcs"]

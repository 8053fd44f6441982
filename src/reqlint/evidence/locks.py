"""Lock files: each kind is read by a module of its own, into the same words.

The readers are fast ones (tomllib, json, libyaml): a lock can be large, and all that is wanted of it is what it fixes.
"""

from __future__ import annotations

import os

from reqlint.lock import Lock, lock_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.files import Files


class UnreadableLockError(ValueError):
    """A lock that is not what its name says: the message says why, and quotes nothing of the file."""


def read(path: str, files: Files) -> Lock:
    """What the lock file at a path says; never raises: what is wrong with it is its ``fault``."""
    kind = lock_file(os.path.basename(path))
    if kind is None:
        message = f"{path} has no name of a lock"
        raise ValueError(message)
    lock = Lock(path, kind.name, kind.tool, kind.command)
    from importlib import import_module

    reader = import_module(f"reqlint.evidence.{kind.name.replace('-', '_').replace('.', '_').lower()}")
    try:
        reader.read(files.read(path), lock)
    except OSError as error:
        lock.fault = f"it cannot be read: {(error.strerror or str(error)).lower()}"
    except UnreadableLockError as error:
        lock.fault = str(error)
    except (ValueError, RecursionError, TypeError, LookupError, AttributeError):
        # Whatever else it holds, it is no lock of this kind; what the error says could quote a secret.
        lock.fault = f"it is not what {kind.tool} writes"
    if lock.fault is not None:
        lock.packages.clear()
    return lock

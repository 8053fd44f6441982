"""``python -m reqlint``."""

from reqlint.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

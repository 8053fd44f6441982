"""Tests of something that writes scripts."""

TWO = """
# /// script
# dependencies = ["rich", "Rich"]
# ///
# /// script
# dependencies = [
# ///
"""


def test_two_blocks_are_refused():
    assert TWO.count("# /// script") == 2

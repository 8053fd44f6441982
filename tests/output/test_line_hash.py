from __future__ import annotations

from itertools import pairwise

import pytest

from reqlint.output._line_hash import line_hashes

#: What the action of GitHub itself says of these files: ``hash`` in ``src/fingerprints.ts`` of codeql-action, run by Node.
JUDGED = {
    "": ["c129715d7a2bc9a3:1"],
    " a\nb\n  \t\tc\n d": ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
    "# 😀 café\r\nflask==3.0.3\r\n\r\nrequests\r\n": [
        "2877427307727cc3:1",
        "db6beee8ecb1aaaa:1",
        "da98c92362535c2b:1",
        "9ff4ec1736ebbfcd:1",
        "c129715d7a2bc9a3:1",
    ],
    "\ufeffflask\nrequests\n": ["dac60caf74c0e003:1", "9ff4ec1736ebbfcd:1", "c129715d7a2bc9a3:1"],
    "requests==2.32.3\n" * 9: [
        "2dd32469a521de9b:1",
        "2dd32469a521de9b:2",
        "2dd32469a521de9b:3",
        "2dd32469a521de9b:4",
        "e378885ea32d350d:1",
        "221dbf4ad4f01fb:1",
        "b70571d62ecc42e1:1",
        "c7a6da13066e009f:1",
        "cf1015eecc682b95:1",
        "c129715d7a2bc9a3:1",
    ],
    "a\r \nb\r\n\r\nc\r": [
        "96083be4bb8706d3:1",
        "4a6fa25a426274bc:1",
        "ca025105991a4cc2:1",
        "f2078d1c7c7b87e:1",
        "3791504be0bd17cc:1",
        "c129715d7a2bc9a3:1",
    ],
    "--hash=sha256:" + "0123456789abcdef" * 8 + "\nflask\n\n": [
        "b8890c41689a3bdf:1",
        "d6ef17b26f35fafc:1",
        "3c5bef55b72b93c9:1",
        "c129715d7a2bc9a3:1",
    ],
}


@pytest.mark.parametrize("text", JUDGED, ids=range(len(JUDGED)))
def test_the_hashes_of_githubs_action(text: str) -> None:
    assert [value for value, _, _ in line_hashes(text)] == JUDGED[text]


@pytest.mark.parametrize("text", ["a\nb\nc\n", "x" * 300 + "\ny\n" + "😀 \t" * 200 + "\nz", "a \r\n b \r c"])
def test_what_a_hash_is_made_of(text: str) -> None:
    """It changes with each character of its range that is no blank, and with none outside of it."""
    for number, (value, start, end) in enumerate(line_hashes(text)):
        for place, letter in enumerate(text):
            if letter in "\r\n \t":
                continue
            changed = (
                f"{text[:place]}Q{text[place + 1 :]}"
                if ord(letter) < 0x10000
                else f"{text[:place]}🙂{text[place + 1 :]}"
            )
            other = line_hashes(changed)[number][0]
            assert (other.partition(":")[0] != value.partition(":")[0]) == (start <= place < end)


def test_ranges_begin_with_their_lines() -> None:
    ranges = [(start, end) for _, start, end in line_hashes("a\n b\n\nc\n" * 40)]
    assert all(first[0] < second[0] for first, second in pairwise(ranges))

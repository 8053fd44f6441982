"""The hashes of lines by which GitHub knows a finding again: those that codeql-action computes (``fingerprints.ts``).

The hash of a line is made of the 100 UTF-16 code units that follow from its first one, blanks and tabs left out: a polynomial
in 37, modulo 2**64. All line ends count as LF, the end of the text as 65535, and what is missing behind it as 0. Equal
hashes are numbered. So it changes with the line and what follows it closely, not with the line's number.
"""

from __future__ import annotations

_SIZE = 100
_BASE = 37
_BITS = (1 << 64) - 1
_END = 65535


def line_hashes(text: str) -> list[tuple[str, int, int]]:
    """For each line its hash, and the half-open range of offsets of what it is made of."""
    units, places, firsts = _units(text)
    sums = [0]
    for unit in units:
        sums.append((sums[-1] * _BASE + unit) & _BITS)
    outgoing = pow(_BASE, _SIZE, 1 << 64)
    counts: dict[int, int] = {}
    found = []
    for first in firsts:
        value = (sums[first + _SIZE] - sums[first] * outgoing) & _BITS
        counts[value] = counts.get(value, 0) + 1
        end = places[first + _SIZE - 1] + 1 if first + _SIZE <= len(places) else len(text)
        found.append((f"{value:x}:{counts[value]}", places[first], min(end, len(text))))
    return found


def _units(text: str) -> tuple[list[int], list[int], list[int]]:
    """The code units that count, the offset of each up to the end mark, and which of them begin a line."""
    units: list[int] = []
    places: list[int] = []
    firsts: list[int] = []
    begins, before = True, ""
    for place, letter in enumerate(text):
        if letter not in " \t" and (letter != "\n" or before != "\r"):
            if begins:
                firsts.append(len(units))
            begins = letter in "\r\n"
            code = 10 if begins else ord(letter)
            pair = (code,) if code < 0x10000 else (0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF))
            units += pair
            places += [place] * len(pair)
        before = letter
    if begins:
        firsts.append(len(units))
    return [*units, _END, *[0] * _SIZE], [*places, len(text)], firsts

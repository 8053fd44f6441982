"""How often each rule was broken."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqlint.output import Report


def render(report: Report, *, json: bool = False) -> str:
    """One line a rule, most often broken first: count, code, ``[*]`` when fixes are ready, name; or the same as JSON."""
    counts: dict[str, int] = {}
    fixable: dict[str, int] = {}
    names: dict[str, str] = {}
    for item in report.diagnostics:
        counts[item.code] = counts.get(item.code, 0) + 1
        fixable[item.code] = fixable.get(item.code, 0) + (item.fix is not None)
        names[item.code] = item.name
    ordered = sorted(counts, key=lambda code: (-counts[code], code))
    if json:
        from reqlint.output.json import as_text

        rows = [
            {"code": code, "name": names[code], "count": counts[code], "fixable": fixable[code]} for code in ordered
        ]
        return as_text(rows)
    width = len(str(max(counts.values(), default=0)))
    return "".join(
        f"{counts[code]:>{width}}  {code}  {'[*]' if fixable[code] else '[ ]'}  {names[code]}\n" for code in ordered
    )

"""RQ9: reqlint's own comments."""

from __future__ import annotations

from reqlint.diagnostic import Diagnostic
from reqlint.fixes import Edit, Fix
from reqlint.registry import matching, nearest, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqlint.ignores import Ignore, Ignores
    from reqlint.project import Project
    from reqlint.source import Source


@rule("RQ901", "unused-ignore", "warning", on="ignores", fix="safe")
def unused_ignore(ignores: Ignores, project: Project) -> Iterator[Diagnostic]:
    """An ignore comment silences nothing.

    ## Why is this bad?
    It outlived what it was written for, and would hide the next fault of that kind.

    ## Not reported
    An ignore of a rule that is not on in this run, and one of a rule that does not exist (see `unknown-rule-in-ignore`).

    ## Fix safety
    The comment, or the code in it, is deleted; no requirement changes.

    ## Example
    ```requirements.txt
    requests==2.32.3  # reqlint: ignore[RQ101] we always want the newest
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    for item in ignores.items:
        if item.selectors is None:
            continue
        idle = [
            number
            for number, (selector, _) in enumerate(item.selectors)
            if number not in item.used and any(found.code in ignores.checked for found in matching(selector))
        ]
        if item.misplaced:
            yield Diagnostic(
                ignores.source,
                item.span,
                "`ignore-file` counts only above the first requirement, so this one silences nothing",
                help="move it to the top of the file",
            )
        elif idle:
            names = ", ".join(item.selectors[number][0] for number in idle)
            yield Diagnostic(
                ignores.source,
                item.span if len(idle) == len(item.selectors) else item.selectors[idle[0]][1],
                f"this ignore of {names} silences nothing",
                help="delete it",
                fix=Fix("Delete the unused ignore", [_deletion(ignores.source, item, idle)]),
            )


def _deletion(source: Source, item: Ignore, idle: list[int]) -> Edit:
    """Delete the idle selectors, or the whole comment (with its line, when it stands alone) when none would be left."""
    selectors = item.selectors or []
    if len(idle) < len(selectors):
        kept = [selector for number, (selector, _) in enumerate(selectors) if number not in idle]
        return Edit(selectors[0][1][0], selectors[-1][1][1], ", ".join(kept))
    start, end = item.span
    row = item.row
    line_start, _ = source.line_span(row)
    if item.alone:
        starts = source.starts
        return Edit(line_start, starts[row] if row < len(starts) else len(source.text))
    while start > line_start and source.text[start - 1] in " \t":
        start -= 1
    return Edit(start, end)


@rule("RQ902", "unknown-rule-in-ignore", "warning", on="ignores")
def unknown_rule_in_ignore(ignores: Ignores, project: Project) -> Iterator[Diagnostic]:
    """An ignore comment names a rule that does not exist.

    ## Why is this bad?
    It silences nothing: most often it is a typing mistake.

    ## Example
    ```requirements.txt
    requests  # reqlint: ignore[RQ101, unpined] we want the newest
    ```

    Use instead:
    ```requirements.txt
    requests  # reqlint: ignore[unpinned] we want the newest
    ```
    """
    for item in ignores.items:
        for selector, span in item.selectors or ():
            if not matching(selector):
                guess = nearest(selector)
                yield Diagnostic(
                    ignores.source,
                    span,
                    f"there is no rule `{selector}`",
                    help=f"did you mean `{guess}`?" if guess else "`reqlint --list-rules` lists them",
                )


@rule("RQ903", "blanket-ignore", "warning", on="ignores")
def blanket_ignore(ignores: Ignores, project: Project) -> Iterator[Diagnostic]:
    """An ignore comment names no rule, so it has no effect.

    ## Why is this bad?
    An ignore says what it silences, so that it cannot hide a fault that nobody has seen yet.

    ## Example
    ```requirements.txt
    requests==2.32.3  # reqlint: ignore
    ```

    Use instead:
    ```requirements.txt
    requests==2.32.3
    ```
    """
    for item in ignores.items:
        if item.selectors is None:
            yield Diagnostic(
                ignores.source,
                item.span,
                "this ignore names no rule, so it has no effect",
                help="write `ignore[RQ101]`",
            )

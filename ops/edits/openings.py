"""Openings: the plain text that the strings begin with which a regular expression matches."""

import re

_SPECIAL = ".^$*+?{}[]()|\\"


def openings(pattern: str) -> list[str]:
    r"""Return them for each alternative, in small letters: of an expression that begins with plain text, or a group.

    >>> openings(r"tags:|copyright (?:©|\d)|编辑[:：]|(?:相关|推荐)的?文章|18\+|sexy?")
    ['tags:', 'copyright ', '编辑', '相关', '推荐', '18+', 'sex']
    """
    found = []
    for alternative in _alternatives(pattern):
        if alternative.startswith("(?:"):
            found += openings(_group(alternative))
            continue
        opening = _opening(alternative)
        if not opening:
            raise ValueError(f"{alternative!r} does not begin with plain text")
        found.append(opening.lower())
    return found


def _opening(pattern: str) -> str:
    plain = ""
    at = 0
    while at < len(pattern):
        if pattern[at] == "\\" and not pattern[at + 1].isalnum():
            at += 1
        elif pattern[at] in _SPECIAL:
            return plain[:-1] if pattern[at] in "*?{" else plain
        plain += pattern[at]
        at += 1
    return plain


def _alternatives(pattern: str) -> list[str]:
    """Return what stands between the bars that are in no group and no set."""
    found, depth = [""], 0
    for part in re.findall(r"\\.|\[(?:\\.|[^\]\\])+\]|.", pattern):
        depth += (part == "(") - (part == ")")
        if part == "|" and not depth:
            found.append("")
        else:
            found[-1] += part
    return found


def _group(pattern: str) -> str:
    """Return what is in the group that a pattern begins with."""
    inside, depth = "", 0
    for part in re.findall(r"\\.|\[(?:\\.|[^\]\\])+\]|.", pattern):
        depth += (part == "(") - (part == ")")
        if not depth:
            break
        inside += part
    return inside.removeprefix("(?:")

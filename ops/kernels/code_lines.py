r"""Whether a line looks like program code, a command or markup.

Two points make it so; a line that reads like prose (three function words and a fifth of all words, or mostly Han), or
that begins as a list or heading of Markdown does, needs four. Two points are worth: a beginning that only code has
(`>>> `, `//`, `#include`, `<div`), an end in `{`, closing brackets alone, `</`, and `"key":` of JSON. One point each:

* `name(` of four letters or more, `.name(` of any, `name()` - not `f(x)`, `sin(x)`, `person(s)`
* `=>` or `->`; `==`, `&&`, `||` or `::`, unless in a row of more; `!=`, `:=` or `+=`
* a flag (` -x`, ` --long`) and one more for others, a variable (`$x`), a name_with_underscores
* an assignment (`name = `) and one more where it is of a string, list or block; a property (`name: value;`)
* a beginning such as `def ` or `public `, and one more where it has brackets or `=` and ends in a colon
* an end in `;` or in `}`

TeX (`\frac{`) is no code, addresses count for nothing, and so does a line without any of `{}()[]<>=_$&|\` that
neither ends in `;` or `:` nor begins with `/`, `#` or `"`. Poems and statutes end lines in `;`, which is one point.
"""

import string

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import kernel

_STRONG = (
    ">>> ", "//", "/*", "*/", "#!/", "#include", "#define", "#ifdef", "#endif", "PS> ", "PS C:", "C:\\", "$ sudo ",
    "<?xml", "<?php", "<!--", "<!DOCTYPE", "<!doctype", "} else", "else:", "try:", "finally:", "@media",
)  # fmt: skip
_WEAK = (
    "def ", "class ", "function ", "return ", "import ", "from ", "public ", "private ", "protected ", "static ",
    "const ", "let ", "var ", "if ", "if(", "for ", "for(", "while ", "elif ", "else ", "switch ", "case ", "except",
    "with ", "using ", "namespace ", "package ", "export ", "async ", "await ", "void ", "int ", "print", "echo ",
    "SELECT ", "INSERT ", "CREATE ", "raise ", "throw ", "struct ", "fn ", "func ", "function(", "@",
)  # fmt: skip
_LONGEST = 10


def _table(beginnings: tuple[str, ...]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    letters = np.zeros((len(beginnings), _LONGEST), np.uint8)
    for row, beginning in enumerate(beginnings):
        letters[row, : len(beginning)] = list(beginning.encode())
    return letters, np.array([len(one) for one in beginnings])


_BEGINNINGS, _SIZES = _table(_STRONG + _WEAK)
_FIRST_WEAK = len(_STRONG)
_MAY_BEGIN = np.isin(np.arange(256), _BEGINNINGS[:, 0])

# Bits of the marks, each counted once.
_CALL, _ARROW, _PAIR, _COMPARED, _FLAG, _FLAGS, _VARIABLE, _SNAKE, _PROPERTY = (1 << n for n in range(9))


def _among(chars: str) -> NDArray[np.bool_]:
    return np.isin(np.arange(256), list(chars.encode()))


_LETTER = _among(string.ascii_letters)
_NAME = _among(string.ascii_letters + string.digits + "_").astype(np.int64)
_MAY_NAME = _among(string.ascii_letters + string.digits + "_.")
_SPECIAL = _among("_([=>-$<\\:&| ")
_CLOSING = _among("{}()[];,")
_CLOSED = _among("{})]")
_JSON_END = _among(',{["}]0123456789')
# Lines without hints that neither end nor begin so have no two points.
_MAY_END = _among(";:")
_MAY_START = _among('/#"')
_NAME_BYTES_MIN = 4
_PROSE_POINTS = 4
_PROSE_WORDS = 20  # more of them in prose are no line of code


@kernel
def _beginning(data, at, stop):  # type: ignore[no-untyped-def]
    """Return 2 where the line begins as only code does, 1 where it may be code, else 0."""
    if not _MAY_BEGIN[data[at]]:
        return 0
    for row in range(len(_SIZES)):
        size = _SIZES[row]
        if at + size > stop:
            continue
        same = 0
        while same < size and data[at + same] == _BEGINNINGS[row, same]:
            same += 1
        if same == size:
            return 2 if row < _FIRST_WEAK else 1
    return 0


@kernel
def _is_closing(data, start, stop):  # type: ignore[no-untyped-def]
    """Whether a line is of brackets, commas and semicolons alone, and one closes or is curly."""
    closed = False
    at = start
    while at < stop and _CLOSING[data[at]]:
        closed = closed or _CLOSED[data[at]]
        at += 1
    return closed and at == stop


@kernel
def is_prose(words, stop_words, unspaced, size):  # type: ignore[no-untyped-def]
    """Whether a line of so many bytes reads like prose, by its words and function words, and unspaced characters."""
    return (stop_words >= 3 and stop_words * 5 >= words) or unspaced * 6 > size


@kernel
def is_code(data, start, stop, words, prose, hints):  # type: ignore[no-untyped-def]
    """Whether a line without its outer spaces is code. It has so many words, and of the marks that most code has."""
    if prose and words > _PROSE_WORDS:
        return False
    if not (hints or _MAY_END[data[stop - 1]] or _MAY_START[data[start]]):
        return False
    begins = _beginning(data, start, stop)
    if begins == 2 or _is_closing(data, start, stop):
        return True
    last = data[stop - 1]
    points = begins
    marks = 0
    tag = bracket = quoted = False
    equals = 0  # behind the `=` that follows a name alone
    named = True  # only a name until here
    run = 0  # bytes of the name that ends here
    method = False  # whether it is behind a full stop
    before = np.uint8(0)
    at = start
    while at < stop:
        byte = data[np.uint64(at)]
        if not _SPECIAL[byte]:
            run = (run + 1) * _NAME[byte]
            if run == 1:
                method = before == 0x2E and _LETTER[byte]
            named = named and _MAY_NAME[byte]
            before = byte
            at += 1
            continue
        after = data[at + 1] if at + 1 < stop else np.uint8(0)
        third = data[at + 2] if at + 2 < stop else np.uint8(0)
        if byte == 0x5F:
            if run > 1 and _LETTER[after] and _LETTER[before] and _LETTER[data[at - 2]]:
                marks |= _SNAKE
            run += 1
            before = byte
            at += 1
            continue
        named = named and (byte == 0x3D or (byte == 0x20 and after == 0x3D))
        if byte == 0x28:
            bracket = True
            plural = (after == 0x73 and third == 0x29) or (after == 0x65 and third == 0x73)
            if ((run >= _NAME_BYTES_MIN or (run and method)) and not plural) or (run and after == 0x29):
                marks |= _CALL
        elif byte == 0x5B:
            bracket = True
        elif byte == 0x3D:
            bracket = True
            if named and at - start >= 3 and after not in (0x3D, 0x3E):
                equals = at + 1
            named = False
            if before in (0x21, 0x2B, 0x3A):
                marks |= _COMPARED
        elif byte == 0x3E:
            tag = True
            if before in (0x2D, 0x3D) and (at - 2 < start or data[at - 2] != before):
                marks |= _ARROW
        elif byte == 0x2D:
            if before == 0x20 and (_LETTER[after] or (after == 0x2D and _LETTER[third])):
                marks |= _FLAGS if marks & _FLAG else _FLAG
        elif byte == 0x24:
            if _LETTER[after] or after in (0x5F, 0x7B):
                marks |= _VARIABLE
        elif byte == 0x3C:
            points += 2 * (after == 0x2F and _LETTER[third])
        elif byte == 0x5C:
            end = at + 1
            while end < stop and _LETTER[data[end]]:
                end += 1
            if end - at > 2 and end < stop and data[end] in (0x5E, 0x5F, 0x7B):
                return False
        elif byte == 0x3A:
            if after == 0x2F and third == 0x2F:
                while at < stop and data[at] > 0x20:
                    at += 1
                before = np.uint8(1)
                run = 0
                continue
            if run >= 2 and run == at - start and after != 0x3A and last == 0x3B:
                marks |= _PROPERTY
            quoted = quoted or before == 0x22
        if byte == after and byte not in (before, third) and byte in (0x26, 0x3A, 0x3D, 0x7C):
            marks |= _PAIR
        before = byte
        run = 0
        at += 1
    points += 2 * (quoted and data[start] == 0x22 and _JSON_END[last])
    return _sum(data, start, stop, points, marks, begins and bracket, equals, tag, prose)


@kernel
def _sum(data, start, stop, points, marks, begins, equals, tag, prose):  # type: ignore[no-untyped-def]
    """Add up what the marks and the ends of the line are worth, and compare."""
    head, last = data[start], data[stop - 1]
    after = data[start + 1] if start + 1 < stop else np.uint8(0)
    while marks:
        marks &= marks - 1
        points += 1
    points += 2 * (last == 0x7B) + (last == 0x3B) + (last == 0x7D)
    points += begins and last == 0x3A
    if equals:
        value = equals + (equals < stop and data[equals] == 0x20)
        points += 1 + (value < stop and data[value] in (0x22, 0x27, 0x5B, 0x7B))
    points += 2 * (head == 0x3C and tag and (_LETTER[after] or after == 0x2F))
    listed = head in (0x23, 0x2A, 0x2D, 0x7C) and after in (0x20, 0x23)
    return points >= (_PROSE_POINTS if prose or listed else 2)

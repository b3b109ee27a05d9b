"""Sixty-four bytes at once: which of them are some character, as the bits of one number; the first byte is the lowest.

A vector comparison and a move of its bits, whatever the processor: 0.02 ns a byte for each, where a loop over bytes
takes 1. So a whole text is asked only where the few bytes are that matter.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np import arrayobj

from ops.kernels.buffers import Bytes
from ops.kernels.compiled import inlined
from ops.kernels.eight import trailing_zeros

SIZE = 64
_1 = np.uint64(1)


@intrinsic
def _vector_between(typing_context, data, at, low, span):  # type: ignore[no-untyped-def]  # noqa: ARG001 - as numba calls it
    """Return which of the 64 bytes from `at` on are from `low` to `low + span`."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        array = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])
        vector = ir.VectorType(ir.IntType(8), SIZE)

        def spread(byte: ir.Value) -> ir.Value:
            one = builder.insert_element(ir.Constant(vector, ir.Undefined), byte, ir.Constant(ir.IntType(32), 0))
            first = ir.Constant(ir.VectorType(ir.IntType(32), SIZE), [0] * SIZE)
            return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), first)

        place = builder.gep(array.data, [arguments[1]])
        loaded = builder.load(builder.bitcast(place, vector.as_pointer()))
        loaded.align = 1
        moved = builder.sub(loaded, spread(arguments[2]))
        return builder.bitcast(builder.icmp_unsigned("<=", moved, spread(arguments[3])), ir.IntType(64))

    return types.uint64(data, types.int64, types.uint8, types.uint8), generate


@intrinsic
def how_many(typing_context, found):  # type: ignore[no-untyped-def]  # noqa: ARG001 - as numba calls it
    """Return how many bytes are found: one instruction, for which numba has no name."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]  # noqa: ARG001
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


@inlined
def between(data, at, low, high):  # type: ignore[no-untyped-def]
    """Return which of the 64 bytes from `at` on are from `low` to `high`; none beyond the data, which is `padded`."""
    # The last 64 bytes are read whole, without a branch: each costs compile time wherever this is put in.
    from_byte = min(np.int64(at), np.int64(len(data) - SIZE))
    beyond = np.uint64(at - from_byte)
    half = beyond >> _1
    return _vector_between(data, from_byte, np.uint8(low), np.uint8(high - low)) >> half >> (beyond - half)


@inlined
def equal(data, at, byte):  # type: ignore[no-untyped-def]
    """Return which of the 64 bytes from `at` on are one byte."""
    return between(data, at, byte, byte)


@inlined
def up_to(found, at, end):  # type: ignore[no-untyped-def]
    """Return those of the 64 bytes from `at` on that are before the end."""
    return found if at + SIZE <= end else found & ((_1 << np.uint64(end - at)) - _1)


def padded(data: Bytes) -> Bytes:
    """Return bytes of which there are 64 at least, for kernels that ask for masks of them: these, or with zeros behind.

    >>> len(padded(np.zeros(3, np.uint8))), len(padded(np.zeros(99, np.uint8)))
    (64, 99)
    """
    return data if len(data) >= SIZE else np.concatenate([data, np.zeros(SIZE - len(data), np.uint8)])


@inlined
def first_of(found):  # type: ignore[no-untyped-def]
    """Return which is the first byte of those found, of which there is one."""
    return np.int64(trailing_zeros(found))


@inlined
def without_first(found):  # type: ignore[no-untyped-def]
    """Return the bytes found without the first."""
    return found & (found - _1)


@inlined
def put_places(found, at, places, count):  # type: ignore[no-untyped-def]
    """Write which of the 64 bytes from `at` on are found behind the places that there are; return how many are then.

    There is room for two more. Two are written whether they are or not: to ask costs more, where most blocks have few.
    """
    left = found
    for one in range(2):
        places[count + one] = at + first_of(left)
        left = without_first(left)
    last = count + 2
    while left:
        places[last] = at + first_of(left)
        left = without_first(left)
        last += 1
    return count + np.int64(how_many(found))


@inlined
def newline(data, at, end):  # type: ignore[no-untyped-def]
    """Return where the next newline is; the end where there is none. Data is padded."""
    while at < end:
        found = up_to(equal(data, at, 0x0A), at, end)
        if found:
            return at + first_of(found)
        at += SIZE
    return end


@inlined
def newlines(data, at, end):  # type: ignore[no-untyped-def]
    """Return how many newlines there are. Data is padded."""
    count = np.uint64(0)
    while at < end:
        count += how_many(up_to(equal(data, at, 0x0A), at, end))
        at += SIZE
    return np.int64(count)


@inlined
def line_end(data, at, end):  # type: ignore[no-untyped-def]
    """Return where the line that a place is in ends: at its line break, or at `end`. Data is padded."""
    while at < end:
        found = up_to(between(data, at, 0x0A, 0x0D), at, end)
        if found:
            return at + first_of(found)
        at += SIZE
    return end

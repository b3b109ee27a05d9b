"""Eight ASCII bytes at once, as one 64-bit number: the first byte is the lowest.

What is said of bytes here is said by their high bits, and holds up to the first byte that is not ASCII.
"""

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numba.np import arrayobj

from ops.kernels.compiled import inlined

HIGH = np.uint64(0x8080808080808080)
# What to add to each byte so that its high bit tells whether it is at least, or beyond, a character.
_FROM_CAPITAL_A = np.uint64(0x3F3F3F3F3F3F3F3F)
_BEYOND_CAPITAL_Z = np.uint64(0x2525252525252525)
_FROM_A = np.uint64(0x1F1F1F1F1F1F1F1F)
_BEYOND_Z = np.uint64(0x0505050505050505)
_FROM_0 = np.uint64(0x5050505050505050)
_BEYOND_9 = np.uint64(0x4646464646464646)
_ONES = np.uint64(0x0101010101010101)
_2 = np.uint64(2)
_6 = np.uint64(6)
_7 = np.uint64(7)
_56 = np.uint64(56)


@njit(cache=True, nogil=True)
def eight_bytes(data, at):  # type: ignore[no-untyped-def]
    """Return eight bytes as one number. The index is unsigned: only then is it one load (1.6 GB/s instead of 1.0)."""
    value = np.uint64(0)
    for i in range(8):
        value |= np.uint64(data[np.uint64(at) + np.uint64(i)]) << np.uint64(8 * i)
    return value


@njit(cache=True, nogil=True)
def first_bytes(size):  # type: ignore[no-untyped-def]
    """Return ones in the first bytes of eight, of which there is at least one."""
    return ~np.uint64(0) >> np.uint64(64 - 8 * size)


@inlined
def up_to_eight(data, at, size):  # type: ignore[no-untyped-def]
    """Return the next bytes, one to eight of them, as one number; nothing is read beyond the end of the data."""
    if at + 8 <= len(data):
        return eight_bytes(data, at) & first_bytes(size)
    value = np.uint64(0)
    for i in range(size):
        value |= np.uint64(data[np.uint64(at) + np.uint64(i)]) << np.uint64(8 * i)
    return value


@njit(cache=True, nogil=True)
def lowered(eight):  # type: ignore[no-untyped-def]
    """Return the bytes with capital letters made small."""
    capitals = (eight + _FROM_CAPITAL_A) & ~(eight + _BEYOND_CAPITAL_Z) & HIGH
    return eight + (capitals >> _2)


@njit(cache=True, nogil=True)
def letters_and_digits(low):  # type: ignore[no-untyped-def]
    """Return the high bits of lowered bytes that are letters or digits of ASCII."""
    letters = (low + _FROM_A) & ~(low + _BEYOND_Z)
    digits = (low + _FROM_0) & ~(low + _BEYOND_9)
    return (letters | digits) & ~low & HIGH


@intrinsic
def trailing_zeros(typing_context, value):  # type: ignore[no-untyped-def]  # noqa: ARG001 - as numba calls it
    """Return how many of the lowest bits are 0: one instruction, for which numba has no name."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]  # noqa: ARG001
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@njit(cache=True, nogil=True)
def letters_alone(low):  # type: ignore[no-untyped-def]
    """Return the high bits of lowered bytes that are letters of ASCII."""
    return (low + _FROM_A) & ~(low + _BEYOND_Z) & ~low & HIGH


@njit(cache=True, nogil=True)
def equal_bytes(eight, all_of_it):  # type: ignore[no-untyped-def]
    """Return the high bits of bytes that are one character, which is given in all eight; exact up to the first."""
    differs = eight ^ all_of_it
    return (differs - _ONES) & ~differs & HIGH


@njit(cache=True, nogil=True)
def bytes_below(eight, all_of_it):  # type: ignore[no-untyped-def]
    """Return the high bits of ASCII bytes below a character, which is given in all eight; exact up to the first."""
    return (eight - all_of_it) & ~eight & HIGH


@njit(cache=True, nogil=True)
def count_high(bits):  # type: ignore[no-untyped-def]
    """Return how many of eight high bits are set; no other bit is."""
    return np.int64(((bits >> _7) * _ONES) >> _56)


@njit(cache=True, nogil=True)
def starts(eight):  # type: ignore[no-untyped-def]
    """Return how many of eight bytes of UTF-8 begin a character."""
    continues = (eight >> _7) & (~eight >> _6) & _ONES
    return np.int64(8) - np.int64((continues * _ONES) >> _56)


@intrinsic
def put_eight(typing_context, data, at, value):  # type: ignore[no-untyped-def]  # noqa: ARG001 - as numba calls it
    """Write eight bytes anywhere, as one store."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        array = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.gep(array.data, [arguments[1]])
        stored = builder.store(arguments[2], builder.bitcast(place, ir.IntType(64).as_pointer()))
        stored.align = 1
        return context.get_dummy_value()

    return types.void(data, types.int64, types.uint64), generate

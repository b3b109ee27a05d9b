"""Sixty-four bytes at once, of each of which one thing is told by one bit: that of the first byte is the lowest.

Compilers make a few instructions of it wherever there are vectors, of 16 bytes or of 64.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np import arrayobj

_VECTOR = ir.VectorType(ir.IntType(8), 64)


@intrinsic
def word_bits(typing_context, data, at):  # type: ignore[no-untyped-def]  # noqa: ARG001 - as numba calls it
    """Tell which of the 64 bytes from `at` are letters or digits of ASCII."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        found = _load(context, builder, signature, arguments)
        lowered = builder.or_(found, _all(0x20))
        letters = builder.icmp_unsigned("<", builder.sub(lowered, _all(ord("a"))), _all(26))
        digits = builder.icmp_unsigned("<", builder.sub(found, _all(ord("0"))), _all(10))
        return builder.bitcast(builder.or_(letters, digits), ir.IntType(64))

    return types.uint64(data, types.int64), generate


@intrinsic
def high_bits(typing_context, data, at):  # type: ignore[no-untyped-def]  # noqa: ARG001 - as numba calls it
    """Tell which of the 64 bytes from `at` are not ASCII."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        found = _load(context, builder, signature, arguments)
        return builder.bitcast(builder.icmp_signed("<", found, _all(0)), ir.IntType(64))

    return types.uint64(data, types.int64), generate


def _load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Load the bytes, which may lie anywhere."""
    array = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])
    place = builder.gep(array.data, [arguments[1]])
    found = builder.load(builder.bitcast(place, _VECTOR.as_pointer()))
    found.align = 1
    return found


def _all(value: int) -> ir.Constant:
    """A value in all 64."""
    return ir.Constant(_VECTOR, [value] * 64)

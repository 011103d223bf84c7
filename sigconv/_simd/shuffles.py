"""Numbers that change their lanes."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .vectors import Vector, address_of, read, register_of, shuffle_mask, transposed, write


@intrinsic
def transpose(
    typing: Any,
    source: types.Array,
    start: types.Integer,
    step: types.Integer,
    target: types.Array,
    to: types.Integer,
    target_step: types.Integer,
) -> Any:
    """Write the transpose of a square of vectors, each `step` elements after the one before."""
    kind = register_of(source.dtype)
    n = kind.lanes

    def places(context: Any, builder: ir.IRBuilder, array: Any, args: Any) -> list[ir.Value]:
        first = address_of(context, builder, array, *args[:2])
        number = ir.IntType(64)
        return [builder.gep(first, [builder.mul(number(row), args[2])]) for row in range(n)]

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        rows = [read(builder, place, kind) for place in places(context, builder, source, args)]
        targets = places(context, builder, target, args[3:])
        for place, row in zip(targets, transposed(builder, rows), strict=True):
            write(builder, place, row, kind)
        return context.get_dummy_value()

    where = (types.intp, types.intp)
    return types.void(source, *where, target, *where), generate


@intrinsic(prefer_literal=True)
def follow(typing: Any, before: Vector, vector: Vector, n: types.Integer) -> Any:
    """Return `vector` n lanes later; the last lanes of `before` come first."""
    lanes = [before.lanes - n.literal_value + k for k in range(before.lanes)]

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return builder.shuffle_vector(*args[:2], shuffle_mask(lanes))

    return before(before, vector, n), generate

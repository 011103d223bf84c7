"""Numbers that change their lanes."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .vectors import (
    DOUBLES,
    VECTOR,
    WIDE,
    Vector,
    address_of,
    converted,
    make_past,
    read,
    register_of,
    shuffle_mask,
    split,
    transposed,
    write,
)


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


@intrinsic
def load_turned(typing: Any, array: types.Array, at: types.Integer, step: types.Integer) -> Any:
    """Return the columns of DOUBLES lines as float64, which begin `step` after each other."""
    result = types.UniTuple(WIDE, DOUBLES)
    there = Vector(array.dtype, DOUBLES)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        place = address_of(context, builder, array, *args[:2])
        lines = []
        for _ in range(DOUBLES):
            lines.append(read(builder, place, there))
            place = builder.gep(place, [args[2]])
        columns = transposed(builder, lines)  # before they get wider
        columns = [converted(builder, each, there, types.float64) for each in columns]
        return context.make_tuple(builder, result, columns)

    return result(array, types.intp, types.intp), generate


@intrinsic
def store_turned(
    typing: Any,
    array: types.Array,
    at: types.Integer,
    step: types.Integer,
    columns: types.UniTuple,
) -> Any:
    """Undo `load_turned`: write columns to lines that begin `step` after each other."""
    there = Vector(array.dtype, DOUBLES)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        values = [builder.extract_value(args[3], k) for k in range(DOUBLES)]
        values = [converted(builder, each, WIDE, array.dtype) for each in values]
        place = address_of(context, builder, array, *args[:2])
        for line in transposed(builder, values):
            write(builder, place, line, there)
            place = builder.gep(place, [args[2]])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, columns), generate


@intrinsic
def turn_square(typing: Any, points: types.UniTuple) -> Any:
    """Return the transposes of two squares: eight vectors of real parts, eight of imaginary.

    Vectors of 16 numbers hold two squares side by side.
    """

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        values = [builder.extract_value(args[0], k) for k in range(points.count)]
        half = points.count // 2
        turned = transposed(builder, values[:half]) + transposed(builder, values[half:])
        return context.make_tuple(builder, points, turned)

    return points(points), generate


@intrinsic
def sum_each(typing: Any, vectors: types.UniTuple) -> Any:
    """Return the sums of DOUBLES vectors, as float64."""
    kind = vectors.dtype

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        values = []
        for k in range(DOUBLES):
            value = builder.extract_value(args[0], k)
            parts = split(builder, value, Vector(kind.dtype, DOUBLES))
            while len(parts) > 1:
                parts = [builder.fadd(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
            values.append(converted(builder, parts[0], Vector(kind.dtype, DOUBLES), types.float64))
        columns = transposed(builder, values)
        while len(columns) > 1:
            columns = [
                builder.fadd(*pair) for pair in zip(columns[::2], columns[1::2], strict=True)
            ]
        return columns[0]

    return WIDE(vectors), generate


@intrinsic
def swap_halves(typing: Any, vector: Vector) -> Any:
    """Return a vector whose halves have changed places."""
    n = vector.lanes
    lanes = [(k + n // 2) % n for k in range(n)]

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return builder.shuffle_vector(args[0], args[0], shuffle_mask(lanes))

    return vector(vector), generate


@intrinsic(prefer_literal=True)
def follow(typing: Any, before: Vector, vector: Vector, n: types.Integer) -> Any:
    """Return `vector` n lanes later; the last lanes of `before` come first."""
    lanes = [before.lanes - n.literal_value + k for k in range(before.lanes)]

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return builder.shuffle_vector(*args[:2], shuffle_mask(lanes))

    return before(before, vector, n), generate


@intrinsic(prefer_literal=True)
def every_fourth(
    typing: Any, array: types.Array, index: types.Integer, first: types.Integer
) -> Any:
    """Return array[index + first], the fourth number after it, and so on, a vector full."""
    kind = register_of(array.dtype)
    wide = Vector(array.dtype, 4 * kind.lanes)
    lanes = [first.literal_value + 4 * k for k in range(kind.lanes)]

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        value = read(builder, address_of(context, builder, array, *args[:2]), wide)
        return builder.shuffle_vector(value, value, shuffle_mask(lanes))

    return kind(array, types.intp, first), generate


@intrinsic(prefer_literal=True)
def store_in_turns(
    typing: Any,
    array: types.Array,
    index: types.Integer,
    one: Vector,
    two: Vector,
    three: Vector,
    four: Vector,
    past: types.Integer,
) -> Any:
    """Write the first number of each of four vectors, then the second of each, and so on.

    If `past` is 1, past the caches, to an address that a vector can lie at; `settle` must follow.
    """
    kind = Vector(one.dtype, 4 * one.lanes)

    def zipped(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
        n = a.type.count
        mask = shuffle_mask([lane for k in range(n) for lane in (k, n + k)])
        return builder.shuffle_vector(a, b, mask)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        pairs = zipped(builder, args[2], args[4]), zipped(builder, args[3], args[5])
        place = address_of(context, builder, array, *args[:2])
        stored = write(builder, place, zipped(builder, *pairs), kind)
        if past.literal_value:
            make_past(builder, stored, VECTOR)
        return context.get_dummy_value()

    return types.void(array, types.intp, one, two, three, four, past), generate

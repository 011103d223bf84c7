"""Sums, products and comparisons, lane by lane."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic

from .vectors import (
    DOUBLES,
    FLAGS,
    WIDE,
    Vector,
    add_product,
    address_of,
    broadcast,
    join,
    llvm_type,
    read,
    register_of,
    shuffle_mask,
    split,
)


def _arithmetic(function: Callable[..., Any], instruction: str) -> None:
    class Template(AbstractTemplate):
        key = function

        def generic(self, args: tuple[types.Type, ...], kws: dict[str, types.Type]) -> Any:
            if len(args) == 2 and isinstance(args[0], Vector) and args[0] == args[1]:
                return signature(args[0], *args)
            return None

    infer_global(function)(Template)

    @lower_builtin(function, Vector, Vector)
    def lower(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return getattr(builder, instruction)(*args, flags=FLAGS)


_arithmetic(operator.add, "fadd")
_arithmetic(operator.sub, "fsub")
_arithmetic(operator.mul, "fmul")


def _choice(name: str, swapped: bool) -> Any:
    """Return an intrinsic that keeps, lane by lane, one of two numbers, neither of them NaN."""

    def choice(typing: Any, one: Vector, two: Vector) -> Any:
        def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
            less = builder.fcmp_ordered("<", *args)
            return builder.select(less, *(args[::-1] if swapped else args))

        return (one(one, two), generate) if one == two else None

    choice.__name__ = name
    return intrinsic(choice)


#: Together they put two vectors in order: of equal numbers each keeps another.
lesser = _choice("lesser", False)
greater = _choice("greater", True)


@intrinsic
def sum_lanes(typing: Any, vector: Vector) -> Any:
    """Return the sum of a vector's numbers: halves first, then quarters and so on."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        (value,), n = args, vector.lanes
        while n > 1:
            n //= 2
            halves = [list(range(n)), list(range(n, 2 * n))]
            value = builder.fadd(
                *[builder.shuffle_vector(value, value, shuffle_mask(h)) for h in halves]
            )
        return builder.extract_element(value, ir.Constant(ir.IntType(32), 0))

    return vector.dtype(vector), generate


@intrinsic
def flaws(typing: Any, vector: Vector) -> Any:
    """Return a register of zeros; NaN if infinities or NaN are in `vector`, or sums overflow."""
    one = register_of(vector.dtype)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        parts = split(builder, args[0], one)
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=True)
            parts = [builder.fadd(*pair, flags=FLAGS) for pair in pairs]
        return builder.fsub(parts[0], parts[0], flags=FLAGS)

    return one(vector), generate


def _magnitudes(builder: ir.IRBuilder, vector: ir.Value) -> ir.Value:
    """Return the bits of doubles without the sign, which rise with the magnitude."""
    bits = ir.VectorType(ir.IntType(64), DOUBLES)
    return builder.and_(builder.bitcast(vector, bits), ir.Constant(bits, [2**63 - 1] * DOUBLES))


@intrinsic
def louder(typing: Any, bits: Vector, vector: Vector) -> Any:
    """Return the larger of `bits` and the bits of each |lane|, as whole numbers."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        one = _magnitudes(builder, args[1])
        two = builder.bitcast(args[0], one.type)
        larger = builder.select(builder.icmp_signed(">", one, two), one, two)
        return builder.bitcast(larger, llvm_type(WIDE))

    return WIDE(WIDE, WIDE), generate


@intrinsic
def fainter(typing: Any, bits: Vector, vector: Vector) -> Any:
    """Return the smaller of `bits` and the bits of each |lane| less 1; zeros count as largest."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        one = _magnitudes(builder, args[1])
        one = builder.sub(one, ir.Constant(one.type, [1] * DOUBLES))
        two = builder.bitcast(args[0], one.type)
        smaller = builder.select(builder.icmp_unsigned("<", one, two), one, two)
        return builder.bitcast(smaller, llvm_type(WIDE))

    return WIDE(WIDE, WIDE), generate


@intrinsic(prefer_literal=True)
def slide(
    typing: Any,
    total: Vector,
    array: types.Array,
    index: types.Integer,
    weights: types.Array,
    tap: types.Integer,
    count: types.IntegerLiteral,
) -> Any:
    """Add to `total` the products of `count` taps that lie one register apart.

    These are weights[tap + i] times what begins at array[index + i], i = 0, n, 2 n, ... for
    registers of n numbers: what is loaded for one tap is shifted, as a whole, for the next.
    """
    one = register_of(array.dtype)
    n_parts, n_taps = total.lanes // one.lanes, count.literal_value

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        def at(first: ir.Value, number: int) -> ir.Value:
            return builder.gep(first, [ir.Constant(ir.IntType(64), number * one.lanes)])

        first = address_of(context, builder, array, *args[1:3])
        loaded = [read(builder, at(first, i), one) for i in range(n_parts + n_taps - 1)]
        first = address_of(context, builder, weights, *args[3:5])
        taps = [broadcast(builder, builder.load(at(first, i)), one) for i in range(n_taps)]
        parts = []
        for i, part in enumerate(split(builder, args[0], one)):
            for k in range(n_taps):
                part = add_product(builder, part, taps[k], loaded[i + k])
            parts.append(part)
        return join(builder, parts)

    return total(total, array, types.intp, weights, types.intp, count), generate


@intrinsic
def glide(
    typing: Any,
    total: Vector,
    array: types.Array,
    index: types.Integer,
    weights: types.Array,
    tap: types.Integer,
) -> Any:
    """Add to `total` the products of two taps that lie side by side.

    These are weights[tap] times what begins at array[index], and the next times the next. Only
    for the first tap is all of it loaded: loads that lie in two cache lines were what took time.
    """
    one = register_of(array.dtype)
    n_parts = total.lanes // one.lanes
    shifted = shuffle_mask(list(range(1, one.lanes + 1)))

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        def at(first: ir.Value, number: int) -> ir.Value:
            return builder.gep(first, [ir.Constant(ir.IntType(64), number)])

        first = address_of(context, builder, array, *args[1:3])
        loaded = [read(builder, at(first, i * one.lanes), one) for i in range(n_parts)]
        following = [builder.shuffle_vector(*pair, shifted) for pair in itertools.pairwise(loaded)]
        following.append(read(builder, at(first, (n_parts - 1) * one.lanes + 1), one))
        first = address_of(context, builder, weights, *args[3:5])
        taps = [broadcast(builder, builder.load(at(first, i)), one) for i in range(2)]
        parts = []
        for part, *samples in zip(split(builder, args[0], one), loaded, following, strict=True):
            for factor, sample in zip(taps, samples, strict=True):
                part = add_product(builder, part, factor, sample)
            parts.append(part)
        return join(builder, parts)

    return total(total, array, types.intp, weights, types.intp), generate


@intrinsic(prefer_literal=True)
def spread(
    typing: Any,
    total: Vector,
    array: types.Array,
    index: types.Integer,
    weights: types.Array,
    tap: types.Integer,
    step: types.Integer,
    lines: types.IntegerLiteral,
    first: types.IntegerLiteral,
    final: types.IntegerLiteral,
) -> Any:
    """Add weights[tap - r * step] times what begins at array[index] to lines r of `total`.

    They run from `first` to `final`, of the `lines` that there are.
    """
    n, begin, end = lines.literal_value, first.literal_value, final.literal_value + 1
    kind, one = Vector(total.dtype, total.lanes // n), register_of(total.dtype)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        loaded = read(builder, address_of(context, builder, array, *args[1:3]), kind)
        parts, pieces = split(builder, args[0], one), split(builder, loaded, one)
        base = address_of(context, builder, weights, *args[3:5])
        for r in range(begin, end):
            back = builder.mul(ir.Constant(ir.IntType(64), -r), args[5])
            weight = broadcast(builder, builder.load(builder.gep(base, [back])), one)
            for i, piece in enumerate(pieces, start=r * len(pieces)):
                parts[i] = add_product(builder, parts[i], weight, piece)
        return join(builder, parts)

    kinds = total, array, types.intp, weights, types.intp, types.intp, lines, first, final
    return total(*kinds), generate


@intrinsic(prefer_literal=True)
def across(
    typing: Any,
    total: Vector,
    array: types.Array,
    index: types.Integer,
    pitch: types.Integer,
    weights: types.Array,
    tap: types.Integer,
    lines: types.IntegerLiteral,
    count: types.IntegerLiteral,
) -> Any:
    """Add the products of `count` neighbouring taps to the lines of `total`.

    These are weights[tap + i] times what begins at array[index + i + r * pitch] for line r. Each
    number is loaded once or twice; what the other taps need of it moves between registers.
    """
    n, n_taps, one = lines.literal_value, count.literal_value, register_of(total.dtype)
    n_parts = total.lanes // n // one.lanes

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        number = ir.IntType(64)
        base = address_of(context, builder, weights, *args[4:6])
        taps = [
            broadcast(builder, builder.load(builder.gep(base, [number(i)])), one)
            for i in range(n_taps)
        ]
        first = address_of(context, builder, array, *args[1:3])
        parts = split(builder, args[0], one)
        for r in range(n):
            place = builder.gep(first, [builder.mul(number(r), args[3])])
            loaded = [
                read(builder, builder.gep(place, [number(i * one.lanes)]), one)
                for i in range(n_parts + (n_taps > 1))
            ]
            for i in range(n_parts):
                for k, weight in enumerate(taps):
                    piece = loaded[i]
                    if k:
                        mask = shuffle_mask(list(range(k, k + one.lanes)))
                        piece = builder.shuffle_vector(loaded[i], loaded[i + 1], mask)
                    at = r * n_parts + i
                    parts[at] = add_product(builder, parts[at], weight, piece)
        return join(builder, parts)

    kinds = total, array, types.intp, types.intp, weights, types.intp, lines, count
    return total(*kinds), generate

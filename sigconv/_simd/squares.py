"""Squares of samples in registers, and second-order sections that run over them.

A square is a tuple of vectors of float64, one for each time, whose lanes are signals side by
side. It is read from, and written to, as many lines as it has lanes, wherever they begin. As in
all of this package nothing checks bounds; offsets are of int64, all other arrays of float64 or
float32.
"""

from __future__ import annotations

import itertools
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .vectors import VECTOR, Vector, address_of, llvm_type, read, transposed, write

#: Signals side by side: a vector of float64, the type of the computation.
LANES = VECTOR // 8

_KIND = Vector(types.float64, LANES)


def _number(value: int) -> ir.Constant:
    return ir.Constant(ir.IntType(64), value)


def _lines(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> list[ir.Value]:
    """Return the addresses of array[offsets[k] + at], for arguments (array, offsets, at, ...)."""
    at = address_of(context, builder, sig.args[0], args[0], args[2])
    offsets = [address_of(context, builder, sig.args[1], args[1], _number(k)) for k in range(LANES)]
    return [builder.gep(at, [builder.load(each)]) for each in offsets]


@intrinsic
def load_square(typing: Any, array: types.Array, offsets: types.Array, at: types.Integer) -> Any:
    """Return the square of the lines that begin at array[offsets[k] + at], as float64."""
    result = types.UniTuple(_KIND, LANES)
    there = Vector(array.dtype, LANES)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        lines = [read(builder, each, there) for each in _lines(context, builder, sig, args)]
        columns = transposed(builder, lines)  # before they get wider
        if array.dtype != types.float64:
            columns = [builder.fpext(each, llvm_type(_KIND)) for each in columns]
        return context.make_tuple(builder, result, columns)

    return result(array, offsets, types.intp), generate


@intrinsic
def store_square(
    typing: Any,
    array: types.Array,
    offsets: types.Array,
    at: types.Integer,
    square: types.UniTuple,
) -> Any:
    """Write a square to the lines that begin at array[offsets[k] + at], in the array's type."""
    there = Vector(array.dtype, LANES)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        columns = [builder.extract_value(args[3], k) for k in range(LANES)]
        if array.dtype != types.float64:
            columns = [builder.fptrunc(each, llvm_type(there)) for each in columns]
        places = _lines(context, builder, sig, args)
        for place, line in zip(places, transposed(builder, columns), strict=True):
            write(builder, place, line, there)
        return context.get_dummy_value()

    return types.void(array, offsets, types.intp, square), generate


@intrinsic
def load_all(typing: Any, array: types.Array, like: types.UniTuple) -> Any:
    """Return the vectors that `array` of float64 begins with, as many as `like` has items."""
    result = types.UniTuple(_KIND, like.count)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        numbers = [_number(k * LANES) for k in range(like.count)]
        places = [address_of(context, builder, array, args[0], each) for each in numbers]
        return context.make_tuple(builder, result, [read(builder, each, _KIND) for each in places])

    return result(array, like), generate


@intrinsic
def zeros_all(typing: Any, like: types.UniTuple) -> Any:
    """Return vectors of zeros, as many as `like` has items."""
    result = types.UniTuple(_KIND, like.count)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        zero = ir.Constant(llvm_type(_KIND), [0.0] * LANES)
        return context.make_tuple(builder, result, [zero] * like.count)

    return result(like), generate


@intrinsic
def store_all(
    typing: Any, array: types.Array, at: types.Integer, step: types.Integer, vectors: types.UniTuple
) -> Any:
    """Write vectors to array[at], array[at + step] and so on, of float64."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        place = address_of(context, builder, array, *args[:2])
        for k in range(vectors.count):
            write(builder, place, builder.extract_value(args[3], k), _KIND)
            place = builder.gep(place, [args[2]])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, vectors), generate


def _sum(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
    """Return a * b + c, rounded once if the processor can: in all loops alike, to the last bit."""
    kind = llvm_type(_KIND)
    name = f"llvm.fmuladd.v{LANES}f64"
    function = builder.module.globals.get(name)
    if function is None:
        function = ir.Function(builder.module, ir.FunctionType(kind, [kind] * 3), name)
    return builder.call(function, [a, b, c])


def _widths(n_factors: int, n_sections: int) -> list[int]:
    """Return how many coefficients each section has; all but the first may go without b0 = 1."""
    for width, less in itertools.product((5, 7), (0, 1)):
        widths = [width, *[width - less] * (n_sections - 1)]
        if sum(widths) == n_factors:
            return widths
    raise ValueError(f"{n_sections} sections do not have {n_factors} coefficients")


def _times(builder: ir.IRBuilder, value: ir.Value, kept: ir.Value, changed: ir.Value) -> ir.Value:
    """Return the value of those bits that are kept, but for those that change."""
    bits = ir.VectorType(ir.IntType(64), LANES)
    value, kept, changed = (builder.bitcast(each, bits) for each in (value, kept, changed))
    result = builder.xor(builder.and_(value, kept), changed)
    return builder.bitcast(result, llvm_type(_KIND))


def _through(
    builder: ir.IRBuilder, factors: list[ir.Value], states: list[ir.Value], u: ir.Value
) -> tuple[ir.Value, list[ir.Value]]:
    """Return what one section makes of a sample, and its states afterwards."""
    has_gain = len(factors) % 2 == 1
    (m1, m2, d1, d2, *s), (w1, w2) = factors[has_gain:], states
    first = _sum(builder, d1, w1, _sum(builder, m1, u, w2))
    second = _sum(builder, d2, w1, builder.fmul(m2, u))
    y = _sum(builder, factors[0], u, w1) if has_gain else builder.fadd(u, w1)
    if s:
        w1, w2 = (_times(builder, each, *s) for each in (w1, w2))
    return y, [builder.fadd(w1, first), builder.fadd(w2, second)]


@intrinsic(prefer_literal=True)
def through_sections(
    typing: Any,
    samples: types.UniTuple,
    coefficients: types.UniTuple,
    states: types.UniTuple,
    backward: types.BooleanLiteral,
) -> Any:
    """Return samples that have gone through all sections, and the states after them.

    There are two states for each section and coefficients b0 (but for a 1 in all sections after
    the first), n1 - d1 b0, n2 - d2 b0, -d1, -d2 and, unless s (`sections`) is 1 in all of them,
    what takes its place, since products have to queue and bits do not: those that stay when s is
    not 0, those that change when it is -1.
    What a sample changes in a state is small in a filter for low frequencies and is summed up
    before it is added. Fed back is the state, not the output: a section waits for itself through
    two operations (7 cycles), not three (12).
    """
    widths = _widths(coefficients.count, states.count // 2)
    order = range(samples.count)
    times = order[::-1] if backward.literal_value else order
    result = types.Tuple((samples, states))

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        values = [builder.extract_value(args[0], k) for k in order]
        factors = [builder.extract_value(args[1], k) for k in range(coefficients.count)]
        w = [builder.extract_value(args[2], k) for k in range(states.count)]
        for time in times:
            u = values[time]
            at = 0
            for section, width in enumerate(widths):
                own = factors[at : at + width]
                state = slice(2 * section, 2 * section + 2)
                u, w[state] = _through(builder, own, w[state], u)
                at += width
            values[time] = u
        parts = [
            context.make_tuple(builder, samples, values),
            context.make_tuple(builder, states, w),
        ]
        return context.make_tuple(builder, result, parts)

    return result(samples, coefficients, states, backward), generate


@intrinsic(prefer_literal=True)
def weigh(
    typing: Any,
    sums: types.UniTuple,
    array: types.Array,
    at: types.Integer,
    weights: types.Array,
    start: types.Integer,
    step: types.IntegerLiteral,
) -> Any:
    """Return `sums`, to each of which the vector at array[at] is added, weighted.

    The weights of the k-th sum begin at weights[start + k * step].
    """
    there = Vector(array.dtype, LANES)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        value = read(builder, address_of(context, builder, array, *args[1:3]), there)
        if array.dtype != types.float64:
            value = builder.fpext(value, llvm_type(_KIND))
        first = address_of(context, builder, weights, *args[3:5])
        totals = []
        for k in range(sums.count):
            place = builder.gep(first, [_number(k * step.literal_value)])
            total = builder.extract_value(args[0], k)
            totals.append(_sum(builder, read(builder, place, _KIND), value, total))
        return context.make_tuple(builder, sums, totals)

    return sums(sums, array, types.intp, weights, types.intp, step), generate


@intrinsic
def total(typing: Any, square: types.UniTuple) -> Any:
    """Return the sum of the vectors of a square."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        parts = [builder.extract_value(args[0], k) for k in range(LANES)]
        while len(parts) > 1:
            parts = [builder.fadd(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
        return parts[0]

    return _KIND(square), generate

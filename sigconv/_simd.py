"""Vectors for compiled loops: a Numba type that lies in the processor's vector registers.

Plain loops came out half as wide as the processor allows, and several times slower in the
Fourier transform. LLVM splits these vectors where the processor's own are narrower.
Nothing here checks bounds: only functions that have checked lengths and types call compiled
code built on it. Arrays are C-contiguous, of float32 or float64; indices count elements.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

#: Bytes of a vector (the widest registers there are) and of a bundle of vectors, which keeps
#: enough sums under way to hide how long each addition takes.
VECTOR = 64
BUNDLE = 8 * VECTOR

#: Products and sums may become one instruction; sums keep their order. Zeros keep no sign.
_FLAGS = ("contract", "nsz")


class Vector(types.Type):
    """So many numbers of one type, in registers."""

    def __init__(self, dtype: types.Float, lanes: int) -> None:
        self.dtype, self.lanes = dtype, lanes
        super().__init__(f"Vector({dtype}, {lanes})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Vector) -> None:
        super().__init__(manager, kind, _llvm(kind))


def _llvm(kind: Vector) -> ir.VectorType:
    item = ir.FloatType() if kind.dtype == types.float32 else ir.DoubleType()
    return ir.VectorType(item, kind.lanes)


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
        return getattr(builder, instruction)(*args, flags=_FLAGS)


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


def _kind(array: types.Array, size: types.IntegerLiteral) -> Vector:
    return Vector(array.dtype, size.literal_value // (array.dtype.bitwidth // 8))


def _address(context: Any, builder: ir.IRBuilder, array: Any, value: Any, index: Any) -> ir.Value:
    return builder.gep(context.make_array(array)(context, builder, value).data, [index])


def _read(builder: ir.IRBuilder, address: ir.Value, kind: Vector) -> ir.Value:
    vector = _llvm(kind)
    loaded = builder.load(builder.bitcast(address, vector.as_pointer()))
    loaded.align = kind.dtype.bitwidth // 8
    return loaded


def _write(builder: ir.IRBuilder, address: ir.Value, value: ir.Value, kind: Vector) -> None:
    stored = builder.store(value, builder.bitcast(address, _llvm(kind).as_pointer()))
    stored.align = kind.dtype.bitwidth // 8


def _mask(values: list[int]) -> ir.Constant:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(values)), values)


def _register(dtype: types.Float) -> Vector:
    return Vector(dtype, VECTOR // (dtype.bitwidth // 8))


def _spread(builder: ir.IRBuilder, item: ir.Value, kind: Vector) -> ir.Value:
    undefined = ir.Constant(_llvm(kind), ir.Undefined)
    first = builder.insert_element(undefined, item, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, undefined, _mask([0] * kind.lanes))


def _parts(builder: ir.IRBuilder, vector: ir.Value, one: Vector) -> list[ir.Value]:
    """Return the registers that a longer vector lies in."""
    starts = range(0, vector.type.count, one.lanes)
    masks = [_mask([*range(start, start + one.lanes)]) for start in starts]
    return [builder.shuffle_vector(vector, vector, mask) for mask in masks]


def _plus(builder: ir.IRBuilder, total: ir.Value, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.fadd(total, builder.fmul(a, b, flags=_FLAGS), flags=_FLAGS)


def _joined(builder: ir.IRBuilder, parts: list[ir.Value]) -> ir.Value:
    """Undo `_parts`; there are 2, 4, 8 ... of them."""
    while len(parts) > 1:
        both = _mask(list(range(2 * parts[0].type.count)))
        pairs = zip(parts[::2], parts[1::2], strict=True)
        parts = [builder.shuffle_vector(*pair, both) for pair in pairs]
    return parts[0]


def _transposed(builder: ir.IRBuilder, rows: list[ir.Value]) -> list[ir.Value]:
    """Exchange, bit by bit, the row's and the column's number."""
    rows, n, bit = list(rows), len(rows), 1
    while bit < n:
        low = [n + (c ^ bit) if c & bit else c for c in range(n)]
        high = [n + c if c & bit else c | bit for c in range(n)]
        for row in range(n):
            if not row & bit:
                above, below = rows[row], rows[row | bit]
                for place, mask in ((row, low), (row | bit, high)):
                    rows[place] = builder.shuffle_vector(above, below, _mask(mask))
        bit *= 2
    return rows


@intrinsic(prefer_literal=True)
def load(typing: Any, array: types.Array, index: types.Integer, size: types.Integer) -> Any:
    """Return the `size` bytes that begin at array[index]."""
    kind = _kind(array, size)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return _read(builder, _address(context, builder, array, *args[:2]), kind)

    return kind(array, types.intp, size), generate


def _converted(builder: ir.IRBuilder, value: ir.Value, kind: Vector, dtype: types.Float) -> Any:
    """Return a vector's numbers as `dtype`."""
    there = _llvm(Vector(dtype, kind.lanes))
    if dtype.bitwidth > kind.dtype.bitwidth:
        return builder.fpext(value, there)
    return builder.fptrunc(value, there) if dtype.bitwidth < kind.dtype.bitwidth else value


@intrinsic
def load_as(typing: Any, array: types.Array, index: types.Integer, like: types.Array) -> Any:
    """Return the numbers from array[index] on that fill a vector of the type of `like`."""
    kind = Vector(like.dtype, VECTOR // (like.dtype.bitwidth // 8))
    there = Vector(array.dtype, kind.lanes)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        value = _read(builder, _address(context, builder, array, *args[:2]), there)
        return _converted(builder, value, there, kind.dtype)

    return kind(array, types.intp, like), generate


@intrinsic
def store(typing: Any, array: types.Array, index: types.Integer, vector: Vector) -> Any:
    """Write `vector`, in the type of `array`, to array[index] and the elements after it."""
    there = Vector(array.dtype, vector.lanes)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        value = _converted(builder, args[2], vector, array.dtype)
        _write(builder, _address(context, builder, array, *args[:2]), value, there)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


@intrinsic(prefer_literal=True)
def fill(typing: Any, array: types.Array, index: types.Integer, size: types.Integer) -> Any:
    """Return `size` bytes of nothing but array[index]."""
    kind = _kind(array, size)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return _spread(builder, builder.load(_address(context, builder, array, *args[:2])), kind)

    return kind(array, types.intp, size), generate


@intrinsic
def splat(typing: Any, value: types.Float, like: types.Array) -> Any:
    """Return a vector of nothing but `value`, of the type of `like`."""
    kind = Vector(like.dtype, VECTOR // (like.dtype.bitwidth // 8))

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        undefined = ir.Constant(_llvm(kind), ir.Undefined)
        first = builder.insert_element(undefined, args[0], ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(first, undefined, _mask([0] * kind.lanes))

    return kind(like.dtype, like), generate


@intrinsic
def sum_lanes(typing: Any, vector: Vector) -> Any:
    """Return the sum of a vector's numbers: halves first, then quarters and so on."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        (value,), n = args, vector.lanes
        while n > 1:
            n //= 2
            halves = [list(range(n)), list(range(n, 2 * n))]
            value = builder.fadd(*[builder.shuffle_vector(value, value, _mask(h)) for h in halves])
        return builder.extract_element(value, ir.Constant(ir.IntType(32), 0))

    return vector.dtype(vector), generate


@intrinsic(prefer_literal=True)
def zeros(typing: Any, array: types.Array, size: types.Integer) -> Any:
    """Return `size` bytes of zeros of the type of `array`."""
    kind = _kind(array, size)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return ir.Constant(_llvm(kind), [0.0] * kind.lanes)

    return kind(array, size), generate


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
    one = _register(array.dtype)
    n_parts, n_taps = total.lanes // one.lanes, count.literal_value

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        def at(first: ir.Value, number: int) -> ir.Value:
            return builder.gep(first, [ir.Constant(ir.IntType(64), number * one.lanes)])

        first = _address(context, builder, array, *args[1:3])
        loaded = [_read(builder, at(first, i), one) for i in range(n_parts + n_taps - 1)]
        first = _address(context, builder, weights, *args[3:5])
        taps = [_spread(builder, builder.load(at(first, i)), one) for i in range(n_taps)]
        parts = []
        for i, part in enumerate(_parts(builder, args[0], one)):
            for k in range(n_taps):
                part = _plus(builder, part, taps[k], loaded[i + k])
            parts.append(part)
        return _joined(builder, parts)

    return total(total, array, types.intp, weights, types.intp, count), generate


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
    kind, one = Vector(total.dtype, total.lanes // n), _register(total.dtype)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        loaded = _read(builder, _address(context, builder, array, *args[1:3]), kind)
        parts, pieces = _parts(builder, args[0], one), _parts(builder, loaded, one)
        base = _address(context, builder, weights, *args[3:5])
        for r in range(begin, end):
            back = builder.mul(ir.Constant(ir.IntType(64), -r), args[5])
            weight = _spread(builder, builder.load(builder.gep(base, [back])), one)
            for i, piece in enumerate(pieces, start=r * len(pieces)):
                parts[i] = _plus(builder, parts[i], weight, piece)
        return _joined(builder, parts)

    kinds = total, array, types.intp, weights, types.intp, types.intp, lines, first, final
    return total(*kinds), generate


@intrinsic(prefer_literal=True)
def store_part(
    typing: Any,
    array: types.Array,
    index: types.Integer,
    vector: Vector,
    number: types.IntegerLiteral,
    lines: types.IntegerLiteral,
    added: types.IntegerLiteral,
) -> Any:
    """Write line `number` of the `lines` of `vector` to array[index], or add it if `added` is 1."""
    kind = Vector(vector.dtype, vector.lanes // lines.literal_value)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        part = _parts(builder, args[2], kind)[number.literal_value]
        place = _address(context, builder, array, *args[:2])
        if added.literal_value:
            part = builder.fadd(_read(builder, place, kind), part, flags=_FLAGS)
        _write(builder, place, part, kind)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector, number, lines, added), generate


@intrinsic
def flaws(typing: Any, vector: Vector) -> Any:
    """Return a register of zeros; NaN if infinities or NaN are in `vector`, or sums overflow."""
    one = _register(vector.dtype)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        parts = _parts(builder, args[0], one)
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=True)
            parts = [builder.fadd(*pair, flags=_FLAGS) for pair in pairs]
        return builder.fsub(parts[0], parts[0], flags=_FLAGS)

    return one(vector), generate


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
    kind = _register(source.dtype)
    n = kind.lanes

    def places(context: Any, builder: ir.IRBuilder, array: Any, args: Any) -> list[ir.Value]:
        first = _address(context, builder, array, *args[:2])
        number = ir.IntType(64)
        return [builder.gep(first, [builder.mul(number(row), args[2])]) for row in range(n)]

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        rows = [_read(builder, place, kind) for place in places(context, builder, source, args)]
        targets = places(context, builder, target, args[3:])
        for place, row in zip(targets, _transposed(builder, rows), strict=True):
            _write(builder, place, row, kind)
        return context.get_dummy_value()

    where = (types.intp, types.intp)
    return types.void(source, *where, target, *where), generate


@intrinsic
def transpose_doubles(
    typing: Any,
    source: types.Array,
    start: types.Integer,
    step: types.Integer,
    target: types.Array,
    to: types.Integer,
    target_step: types.Integer,
) -> Any:
    """Write the transpose of VECTOR // 8 lines, of as many numbers each, as lines.

    The lines begin `step` (`target_step`) elements after each other, backward if negative.
    Arithmetic in between is on float64; source and target may be float32.
    """
    kind = Vector(types.float64, VECTOR // 8)
    n = kind.lanes

    def line(builder: ir.IRBuilder, first: ir.Value, number: int, distance: ir.Value) -> ir.Value:
        return builder.gep(first, [builder.mul(ir.Constant(ir.IntType(64), number), distance)])

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        first = _address(context, builder, source, *args[:2])
        there = Vector(source.dtype, n)
        lines = [_read(builder, line(builder, first, k, args[2]), there) for k in range(n)]
        if source.dtype != types.float64:
            lines = [builder.fpext(each, _llvm(kind)) for each in lines]
        lines = _transposed(builder, lines)
        if target.dtype != types.float64:
            lines = [builder.fptrunc(each, _llvm(Vector(target.dtype, n))) for each in lines]
        first = _address(context, builder, target, *args[3:5])
        for k in range(n):
            _write(builder, line(builder, first, k, args[5]), lines[k], Vector(target.dtype, n))
        return context.get_dummy_value()

    distance = types.intp
    return types.void(source, types.intp, distance, target, types.intp, distance), generate


#: The bits of x86's MXCSR that make denormal results (15) and operands (6) zero.
_FLUSH = (1 << 15) | (1 << 6)


def _mxcsr(builder: ir.IRBuilder, name: str, slot: ir.Value) -> None:
    kind = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer()])
    function = builder.module.declare_intrinsic(f"llvm.x86.sse.{name}", fnty=kind)
    builder.call(function, [builder.bitcast(slot, ir.IntType(8).as_pointer())])


def _is_x86(context: Any) -> bool:
    return bool(context.codegen().target_data) and "x86" in context.codegen().magic_tuple()[0]


@intrinsic
def flush_denormals(typing: Any) -> Any:
    """Make denormal numbers count as zero on this thread; return the mode before.

    On other processors than x86, where they cost little, nothing happens.
    """

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        if not _is_x86(context):
            return ir.Constant(ir.IntType(32), 0)
        slot = builder.alloca(ir.IntType(32))
        _mxcsr(builder, "stmxcsr", slot)
        before = builder.load(slot)
        builder.store(builder.or_(before, ir.Constant(ir.IntType(32), _FLUSH)), slot)
        _mxcsr(builder, "ldmxcsr", slot)
        return before

    return types.uint32(), generate


@intrinsic
def restore_denormals(typing: Any, mode: types.Integer) -> Any:
    """Bring back the mode that `flush_denormals` returned."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        if _is_x86(context):
            slot = builder.alloca(ir.IntType(32))
            builder.store(args[0], slot)
            _mxcsr(builder, "ldmxcsr", slot)
        return context.get_dummy_value()

    return types.void(types.uint32), generate


#: As many doubles as a vector holds: the sides of a square.
DOUBLES = VECTOR // 8

_WIDE = Vector(types.float64, DOUBLES)


def _read_doubles(builder: ir.IRBuilder, address: ir.Value, dtype: types.Float) -> ir.Value:
    there = _read(builder, address, Vector(dtype, DOUBLES))
    return there if dtype == types.float64 else builder.fpext(there, _llvm(_WIDE))


def _write_doubles(
    builder: ir.IRBuilder, address: ir.Value, value: ir.Value, dtype: types.Float
) -> None:
    there = Vector(dtype, DOUBLES)
    if dtype != types.float64:
        value = builder.fptrunc(value, _llvm(there))
    _write(builder, address, value, there)


def _lines(builder: ir.IRBuilder, first: ir.Value) -> list[ir.Value]:
    """Return the addresses of the lines of a square whose numbers follow each other."""
    return [builder.gep(first, [ir.Constant(ir.IntType(64), DOUBLES * k)]) for k in range(DOUBLES)]


@intrinsic
def load_doubles(typing: Any, array: types.Array, index: types.Integer) -> Any:
    """Return DOUBLES numbers from array[index] on, of either precision, as float64."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        address = _address(context, builder, array, *args)
        return _read_doubles(builder, address, array.dtype)

    return _WIDE(array, types.intp), generate


@intrinsic
def store_doubles(typing: Any, array: types.Array, index: types.Integer, vector: Vector) -> Any:
    """Write DOUBLES numbers of float64 to array[index] and on, rounded to its precision."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        address = _address(context, builder, array, *args[:2])
        _write_doubles(builder, address, args[2], array.dtype)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


@intrinsic
def load_square(typing: Any, array: types.Array, start: types.Integer) -> Any:
    """Return the square of numbers at array[start] as its columns, in float64.

    Lane l of vector k is array[start + DOUBLES * l + k].
    """
    result = types.UniTuple(_WIDE, DOUBLES)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        first = _address(context, builder, array, *args)
        there = Vector(array.dtype, DOUBLES)
        lines = [_read(builder, line, there) for line in _lines(builder, first)]
        columns = _transposed(builder, lines)  # before they get longer
        if array.dtype != types.float64:
            columns = [builder.fpext(column, _llvm(_WIDE)) for column in columns]
        return context.make_tuple(builder, result, columns)

    return result(array, types.intp), generate


@intrinsic
def store_square(
    typing: Any, array: types.Array, start: types.Integer, columns: types.UniTuple
) -> Any:
    """Write the columns of a square to array[start] and on, as `load_square` reads them."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        there = Vector(array.dtype, DOUBLES)
        columns = [builder.extract_value(args[2], k) for k in range(DOUBLES)]
        if array.dtype != types.float64:
            columns = [builder.fptrunc(column, _llvm(there)) for column in columns]
        first = _address(context, builder, array, *args[:2])
        for line, value in zip(_lines(builder, first), _transposed(builder, columns), strict=True):
            _write(builder, line, value, there)
        return context.get_dummy_value()

    return types.void(array, types.intp, columns), generate


@intrinsic
def store_past(typing: Any, array: types.Array, index: types.Integer, vector: Vector) -> Any:
    """Write `vector` past the caches; the address must be a multiple of its size.

    What nobody reads soon is then not fetched to be overwritten. `settle` must follow.
    """

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        address = _address(context, builder, array, *args[:2])
        stored = builder.store(args[2], builder.bitcast(address, _llvm(vector).as_pointer()))
        stored.align = vector.lanes * vector.dtype.bitwidth // 8
        one = builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)])
        stored.set_metadata("nontemporal", one)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


@intrinsic
def settle(typing: Any) -> Any:
    """Make other threads see what `store_past` wrote before what this one writes next."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def sum_lines(typing: Any, array: types.Array, start: types.Integer) -> Any:
    """Return the sum of each line of the square at array[start]: neighbours, then pairs of them.

    Lane l sums array[start + DOUBLES * l] and the DOUBLES - 1 numbers after it.
    """

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        first = _address(context, builder, array, *args)
        rows = [_read_doubles(builder, line, array.dtype) for line in _lines(builder, first)]
        # Each step halves the vectors and the terms that their lanes stand for: a lane is known
        # by its line and its place among the line's terms.
        lanes = [[(line, term) for term in range(DOUBLES)] for line in range(DOUBLES)]
        while len(rows) > 1:
            pairs = zip(rows[::2], rows[1::2], lanes[::2], lanes[1::2], strict=True)
            rows, lanes = [], []
            for one, two, *of in pairs:
                both = [*of[0], *of[1]]
                even = [n for n in range(2 * DOUBLES) if both[n][1] % 2 == 0]
                even.sort(key=lambda n: n % DOUBLES)  # the lines take turns
                odd = [both.index((both[n][0], both[n][1] + 1)) for n in even]
                low, high = (builder.shuffle_vector(one, two, _mask(part)) for part in (even, odd))
                rows.append(builder.fadd(low, high, flags=_FLAGS))
                lanes.append([(both[n][0], both[n][1] // 2) for n in even])
        undefined = ir.Constant(_llvm(_WIDE), ir.Undefined)
        order = [lanes[0].index((line, 0)) for line in range(DOUBLES)]
        return builder.shuffle_vector(rows[0], undefined, _mask(order))

    return _WIDE(array, types.intp), generate


@intrinsic
def follow(typing: Any, before: Vector, vector: Vector) -> Any:
    """Return `vector` one lane later; the last lane of `before` comes first."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        lanes = [before.lanes - 1 + n for n in range(before.lanes)]
        return builder.shuffle_vector(*args, _mask(lanes))

    return before(before, vector), generate


@intrinsic
def prefetch(typing: Any, array: types.Array, index: types.Integer) -> Any:
    """Bring array[index] closer to the processor; it may lie outside of the array."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        number = ir.IntType(32)
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        address = builder.bitcast(_address(context, builder, array, *args), byte)
        builder.call(function, [address, *(number(value) for value in (0, 2, 1))])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate

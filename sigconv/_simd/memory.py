"""Numbers that come from memory and go there."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .vectors import (
    DOUBLES,
    FLAGS,
    VECTOR,
    WIDE,
    Vector,
    address_of,
    broadcast,
    converted,
    llvm_type,
    make_past,
    read,
    register_of,
    shuffle_mask,
    split,
    vector_of,
    write,
)


@intrinsic
def lanes_in(typing: Any, array: types.Array) -> Any:
    """Return how many of an array's numbers a vector holds.

    That is known to the compiler, unlike `itemsize`: what follows from it takes no instructions.
    """
    lanes = register_of(array.dtype).lanes

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return ir.Constant(ir.IntType(64), lanes)

    return types.intp(array), generate


@intrinsic(prefer_literal=True)
def load(typing: Any, array: types.Array, index: types.Integer, size: types.Integer) -> Any:
    """Return the `size` bytes that begin at array[index]."""
    kind = vector_of(array, size)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return read(builder, address_of(context, builder, array, *args[:2]), kind)

    return kind(array, types.intp, size), generate


@intrinsic
def load_as(typing: Any, array: types.Array, index: types.Integer, like: types.Array) -> Any:
    """Return the numbers from array[index] on that fill a vector of the type of `like`."""
    kind = register_of(like.dtype)
    there = Vector(array.dtype, kind.lanes)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        value = read(builder, address_of(context, builder, array, *args[:2]), there)
        return converted(builder, value, there, kind.dtype)

    return kind(array, types.intp, like), generate


@intrinsic
def load_doubles(typing: Any, array: types.Array, index: types.Integer) -> Any:
    """Return DOUBLES numbers from array[index] on, of either precision, as float64."""
    there = Vector(array.dtype, DOUBLES)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        value = read(builder, address_of(context, builder, array, *args), there)
        return converted(builder, value, there, types.float64)

    return WIDE(array, types.intp), generate


@intrinsic
def store(typing: Any, array: types.Array, index: types.Integer, vector: Vector) -> Any:
    """Write `vector`, in the type of `array`, to array[index] and the elements after it."""
    there = Vector(array.dtype, vector.lanes)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        value = converted(builder, args[2], vector, array.dtype)
        write(builder, address_of(context, builder, array, *args[:2]), value, there)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


@intrinsic
def store_few(
    typing: Any, array: types.Array, index: types.Integer, vector: Vector, count: types.Integer
) -> Any:
    """Write the first `count` numbers of `vector` as `store` does."""
    there = Vector(array.dtype, vector.lanes)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        value = converted(builder, args[2], vector, array.dtype)
        number = ir.IntType(64)
        lanes = ir.Constant(ir.VectorType(number, there.lanes), list(range(there.lanes)))
        counts = ir.Constant(lanes.type, ir.Undefined)
        counts = builder.insert_element(counts, args[3], ir.Constant(ir.IntType(32), 0))
        counts = builder.shuffle_vector(counts, counts, shuffle_mask([0] * there.lanes))
        mask = builder.icmp_signed("<", lanes, counts)
        pointer = llvm_type(there).as_pointer()
        place = builder.bitcast(address_of(context, builder, array, *args[:2]), pointer)
        alignment = ir.Constant(ir.IntType(32), array.dtype.bitwidth // 8)
        kind = ir.FunctionType(ir.VoidType(), [value.type, pointer, alignment.type, mask.type])
        name = f"llvm.masked.store.v{there.lanes}f{array.dtype.bitwidth}.p0"
        function = cgutils.get_or_insert_function(builder.module, kind, name)
        builder.call(function, [value, place, alignment, mask])
        return context.get_dummy_value()

    return types.void(array, types.intp, vector, types.intp), generate


@intrinsic(prefer_literal=True)
def fill(typing: Any, array: types.Array, index: types.Integer, size: types.Integer) -> Any:
    """Return `size` bytes of nothing but array[index]."""
    kind = vector_of(array, size)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return broadcast(
            builder, builder.load(address_of(context, builder, array, *args[:2])), kind
        )

    return kind(array, types.intp, size), generate


@intrinsic
def splat(typing: Any, value: types.Float, like: types.Array) -> Any:
    """Return a vector of nothing but `value`, of the type of `like`."""
    kind = register_of(like.dtype)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return broadcast(builder, args[0], kind)

    return kind(like.dtype, like), generate


@intrinsic(prefer_literal=True)
def zeros(typing: Any, array: types.Array, size: types.Integer) -> Any:
    """Return `size` bytes of zeros of the type of `array`."""
    kind = vector_of(array, size)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return ir.Constant(llvm_type(kind), [0.0] * kind.lanes)

    return kind(array, size), generate


@intrinsic(prefer_literal=True)
def store_lines(
    typing: Any,
    array: types.Array,
    index: types.Integer,
    step: types.Integer,
    vector: Vector,
    lines: types.IntegerLiteral,
    how: types.IntegerLiteral,
) -> Any:
    """Write the lines of `vector` to array[index + r * step].

    If `how` is 1 they are added to what stands there. If it is 2 they go past the caches, to
    addresses that a vector can lie at; `settle` must follow.
    """
    n = lines.literal_value
    kind = Vector(vector.dtype, vector.lanes // n)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        first = address_of(context, builder, array, *args[:2])
        for r, line in enumerate(split(builder, args[3], kind)):
            ahead = builder.mul(ir.Constant(ir.IntType(64), r), args[2])
            place = builder.gep(first, [ahead])
            if how.literal_value == 1:
                line = builder.fadd(read(builder, place, kind), line, flags=FLAGS)
            stored = write(builder, place, line, kind)
            if how.literal_value == 2:
                make_past(builder, stored, VECTOR)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, vector, lines, how), generate


@intrinsic
def store_past(typing: Any, array: types.Array, index: types.Integer, vector: Vector) -> Any:
    """Write DOUBLES numbers as `store` does, past the caches.

    The address must be a multiple of their size. What nobody reads soon is then not fetched to
    be overwritten. `settle` must follow.
    """
    there = Vector(array.dtype, DOUBLES)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        address = address_of(context, builder, array, *args[:2])
        value = converted(builder, args[2], WIDE, array.dtype)
        stored = write(builder, address, value, there)
        make_past(builder, stored, DOUBLES * array.dtype.bitwidth // 8)
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
def prefetch(typing: Any, array: types.Array, index: types.Integer) -> Any:
    """Bring array[index] closer to the processor; it may lie outside of the array."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        number = ir.IntType(32)
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        address = builder.bitcast(address_of(context, builder, array, *args), byte)
        builder.call(function, [address, *(number(value) for value in (0, 2, 1))])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate

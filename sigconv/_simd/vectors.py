"""The vector type, and what intrinsics are built from.

Only intrinsics, in this package, are for these functions: they write LLVM's instructions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import models, register_model

#: Bytes of a vector (the widest registers there are) and of a bundle of vectors, which keeps
#: enough sums under way to hide how long each addition takes.
VECTOR = 64
BUNDLE = 8 * VECTOR

#: Products and sums may become one instruction; sums keep their order. Zeros keep no sign.
FLAGS = ("contract", "nsz")


#: The arguments 0 and False as values: a literal has a type of its own, for which a function,
#: and all that it hands it on to, would be compiled once more.
FIRST: Any = np.intp(0)
NO: Any = np.bool_(False)


class Vector(types.Type):
    """So many numbers of one type, in registers."""

    def __init__(self, dtype: types.Float, lanes: int) -> None:
        self.dtype, self.lanes = dtype, lanes
        super().__init__(f"Vector({dtype}, {lanes})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Vector) -> None:
        super().__init__(manager, kind, llvm_type(kind))


def llvm_type(kind: Vector) -> ir.VectorType:
    item = ir.FloatType() if kind.dtype == types.float32 else ir.DoubleType()
    return ir.VectorType(item, kind.lanes)


#: As many doubles as a vector holds: the sides of a square.
DOUBLES = VECTOR // 8

WIDE = Vector(types.float64, DOUBLES)


def vector_of(array: types.Array, size: types.IntegerLiteral) -> Vector:
    return Vector(array.dtype, size.literal_value // (array.dtype.bitwidth // 8))


def register_of(dtype: types.Float) -> Vector:
    return Vector(dtype, VECTOR // (dtype.bitwidth // 8))


def address_of(context: Any, builder: ir.IRBuilder, array: Any, value: Any, index: Any) -> ir.Value:
    return builder.gep(context.make_array(array)(context, builder, value).data, [index])


def read(builder: ir.IRBuilder, address: ir.Value, kind: Vector) -> ir.Value:
    vector = llvm_type(kind)
    loaded = builder.load(builder.bitcast(address, vector.as_pointer()))
    loaded.align = kind.dtype.bitwidth // 8
    return loaded


def write(builder: ir.IRBuilder, address: ir.Value, value: ir.Value, kind: Vector) -> Any:
    """Return the instruction that stores."""
    stored = builder.store(value, builder.bitcast(address, llvm_type(kind).as_pointer()))
    stored.align = kind.dtype.bitwidth // 8
    return stored


def make_past(builder: ir.IRBuilder, stored: Any, alignment: int) -> None:
    """Let it store past the caches, to a multiple of `alignment` bytes."""
    stored.align = alignment
    one = builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)])
    stored.set_metadata("nontemporal", one)


def shuffle_mask(values: list[int]) -> ir.Constant:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(values)), values)


def converted(builder: ir.IRBuilder, value: ir.Value, kind: Vector, dtype: types.Float) -> Any:
    """Return a vector's numbers as `dtype`."""
    there = llvm_type(Vector(dtype, kind.lanes))
    if dtype.bitwidth > kind.dtype.bitwidth:
        return builder.fpext(value, there)
    return builder.fptrunc(value, there) if dtype.bitwidth < kind.dtype.bitwidth else value


def broadcast(builder: ir.IRBuilder, item: ir.Value, kind: Vector) -> ir.Value:
    undefined = ir.Constant(llvm_type(kind), ir.Undefined)
    first = builder.insert_element(undefined, item, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, undefined, shuffle_mask([0] * kind.lanes))


def split(builder: ir.IRBuilder, vector: ir.Value, one: Vector) -> list[ir.Value]:
    """Return the registers that a longer vector lies in."""
    starts = range(0, vector.type.count, one.lanes)
    masks = [shuffle_mask([*range(start, start + one.lanes)]) for start in starts]
    return [builder.shuffle_vector(vector, vector, mask) for mask in masks]


def add_product(builder: ir.IRBuilder, total: ir.Value, a: ir.Value, b: ir.Value) -> ir.Value:
    """Return total + a * b, which become one instruction.

    The sign of a zero counts: a sum that begins with 0 would else begin with the first product,
    and of two products that are added LLVM may round either one, in loops that it unrolls
    differently another one: last bits hung on where an output lay.
    """
    return builder.fadd(total, builder.fmul(a, b, flags=FLAGS), flags=("contract",))


def join(builder: ir.IRBuilder, parts: list[ir.Value]) -> ir.Value:
    """Undo `split`; there are 2, 4, 8 ... of them."""
    while len(parts) > 1:
        both = shuffle_mask(list(range(2 * parts[0].type.count)))
        pairs = zip(parts[::2], parts[1::2], strict=True)
        parts = [builder.shuffle_vector(*pair, both) for pair in pairs]
    return parts[0]


def transposed(builder: ir.IRBuilder, rows: list[ir.Value]) -> list[ir.Value]:
    """Exchange, bit by bit, the row's and the column's number.

    Vectors longer than there are rows hold squares side by side.
    """
    rows, n, lanes, bit = list(rows), len(rows), rows[0].type.count, 1
    while bit < n:
        low = [lanes + (c ^ bit) if c & bit else c for c in range(lanes)]
        high = [lanes + c if c & bit else c | bit for c in range(lanes)]
        for row in range(n):
            if not row & bit:
                above, below = rows[row], rows[row | bit]
                for place, mask in ((row, low), (row | bit, high)):
                    rows[place] = builder.shuffle_vector(above, below, shuffle_mask(mask))
        bit *= 2
    return rows

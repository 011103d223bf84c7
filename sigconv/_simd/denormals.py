"""How the processor treats denormal numbers."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

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

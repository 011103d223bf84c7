"""The structure of MATLAB's files (version 5), looked at before SciPy reads one.

SciPy believes what the file says of its elements, and a damaged one can take the process with it.
The format: "MAT-File Format", The MathWorks.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

from .. import _checks

_MATRIX, _COMPRESSED = 14, 15
#: Type of an element -> bytes of one number. Text is 1, 2 or 4 (16 to 18).
_BYTES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2, 18: 4}
_CELL, _STRUCT, _OBJECT, _CHAR, _SPARSE = 1, 2, 3, 4, 5
_NUMERIC = range(6, 16)
_COMPLEX = 0x0800


class _Damaged(Exception):
    pass


def check(path: Path) -> None:
    """Raise FileError if a MATLAB file of version 5 is damaged; others pass."""
    raw = path.read_bytes()
    order = {b"IM": "<", b"MI": ">"}.get(raw[126:128])
    if order is None or not raw.startswith(b"MATLAB 5"):
        return
    try:
        _Reader(raw, order, 128, len(raw)).all()
    except (_Damaged, struct.error, zlib.error, RecursionError, OverflowError) as error:
        raise _checks.FileError(f"{path}: is damaged: its MATLAB structure is broken") from error


class _Reader:
    """Walks over the elements between two places."""

    def __init__(self, raw: bytes, order: str, place: int, end: int) -> None:
        self._raw, self._order, self._place, self._end = raw, order, place, end

    def all(self) -> None:
        """Check all elements of a file."""
        while self._place < self._end:
            kind, first, size = self.element()
            if kind == _COMPRESSED:
                inner = zlib.decompress(self._raw[first : first + size])
                _Reader(inner, self._order, 0, len(inner)).matrix()
            elif kind == _MATRIX:
                _Reader(self._raw, self._order, first, first + size).content()
            else:
                raise _Damaged

    def element(self) -> tuple[int, int, int]:
        """Return type, place and size of the next element, and go behind it."""
        start = self._place
        kind, size = struct.unpack_from(f"{self._order}II", self._raw, start)
        if kind >> 16:  # up to four bytes stand in the header itself
            first, size, kind = start + 4, kind >> 16, kind & 0xFFFF
            after = start + 8
            if size > 4:
                raise _Damaged
        else:
            first = start + 8
            after = first + size + (0 if kind == _COMPRESSED else -size % 8)
        if kind not in (*_BYTES, _MATRIX, _COMPRESSED) or first + size > self._end:
            raise _Damaged
        self._place = after
        return kind, first, size

    def numbers(self, *allowed: int) -> tuple[int, int, int]:
        """Return place, size and count of an element of numbers."""
        kind, first, size = self.element()
        if kind not in (allowed or _BYTES) or size % _BYTES[kind]:
            raise _Damaged
        return first, size, size // _BYTES[kind]

    def matrix(self) -> None:
        """Check the next element, which must be an array."""
        kind, first, size = self.element()
        if kind != _MATRIX:
            raise _Damaged
        if size:
            _Reader(self._raw, self._order, first, first + size).content()

    def content(self) -> None:
        """Check what an array is made of."""
        first, size, _ = self.numbers(6)
        if size != 8:
            raise _Damaged
        (flags,) = struct.unpack_from(f"{self._order}I", self._raw, first)
        kind = flags & 0xFF
        first, size, n = self.numbers(5, 6)
        if n < 2:
            raise _Damaged
        count = math.prod(struct.unpack_from(f"{self._order}{n}I", self._raw, first))
        self.numbers(1, 2, 16)  # the name
        if kind == _CELL:
            self._matrices(count)
        elif kind in (_STRUCT, _OBJECT):
            if kind == _OBJECT:
                self.numbers(1, 2, 16)
            self._struct(count)
        elif kind == _CHAR:
            self.numbers()
        elif kind == _SPARSE:
            for _ in range(4 if flags & _COMPLEX else 3):
                self.numbers()
        elif kind in _NUMERIC:
            for _ in range(2 if flags & _COMPLEX else 1):
                if self.numbers()[2] != count:
                    raise _Damaged
        else:  # functions and the like, which EEGLAB does not save
            raise _Damaged

    def _struct(self, count: int) -> None:
        first, size, _ = self.numbers(5)
        if size != 4:
            raise _Damaged
        (width,) = struct.unpack_from(f"{self._order}i", self._raw, first)
        _, size, _ = self.numbers(1, 2, 16)
        if width < 1 or size % width:
            raise _Damaged
        self._matrices(count * (size // width))

    def _matrices(self, count: int) -> None:
        if count > (self._end - self._place) // 8:  # each has a header
            raise _Damaged
        for _ in range(count):
            self.matrix()

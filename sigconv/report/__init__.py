"""What people would rather look at than read."""

from .before_after import draw_before_after

__all__ = ["draw_before_after"]

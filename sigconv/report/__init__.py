"""What people would rather look at than read: pictures, and pages that hold them (`page`)."""

from .before_after import draw_before_after
from .overview import draw_overview

__all__ = ["draw_before_after", "draw_overview"]

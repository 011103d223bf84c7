"""What a cross-validation found: scores with their spread, a table, a page."""

from .judgement import confusion_table, judge, said_of
from .masks import draw_masks
from .metrics import SCORES, scores
from .report import save_report
from .summary import headline, summarise
from .table import table

__all__ = [
    "SCORES",
    "confusion_table",
    "draw_masks",
    "headline",
    "judge",
    "said_of",
    "save_report",
    "scores",
    "summarise",
    "table",
]

"""What a network sees: explanations for signals, images and volumes (extra `explain`)."""

from .attribution import Attribution, mass_inside, pointing_game
from .checking import Check, Curves, check, rank_correlation
from .dreaming import Dream, activation_maximum, deep_dream
from .explaining import METHODS, explain
from .inside import (
    KernelResponses,
    SpatialPatterns,
    Strongest,
    feature_maps,
    kernel_responses,
    spatial_patterns,
    strongest_windows,
)
from .pictures import (
    draw_overlay,
    draw_parts,
    draw_slices,
    draw_strip,
    draw_traces,
    draw_waveform,
    film,
)
from .receptive import ReceptiveField, draw_receptive_field, receptive_field
from .reporting import report
from .topomaps import draw_topomaps, time_windows

__all__ = [
    "METHODS",
    "Attribution",
    "Check",
    "Curves",
    "Dream",
    "KernelResponses",
    "ReceptiveField",
    "SpatialPatterns",
    "Strongest",
    "activation_maximum",
    "check",
    "deep_dream",
    "draw_overlay",
    "draw_parts",
    "draw_receptive_field",
    "draw_slices",
    "draw_strip",
    "draw_topomaps",
    "draw_traces",
    "draw_waveform",
    "explain",
    "feature_maps",
    "film",
    "kernel_responses",
    "mass_inside",
    "pointing_game",
    "rank_correlation",
    "receptive_field",
    "report",
    "spatial_patterns",
    "strongest_windows",
    "time_windows",
]

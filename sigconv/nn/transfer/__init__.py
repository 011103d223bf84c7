"""From one set to another: trainings that start from a network, features, how far layers carry."""

from .curve import TransferCurve, draw_transfer, transfer_curve
from .probing import FrozenFeatures, linear_probe
from .start import Begun, Start

__all__ = [
    "Begun",
    "FrozenFeatures",
    "Start",
    "TransferCurve",
    "draw_transfer",
    "linear_probe",
    "transfer_curve",
]

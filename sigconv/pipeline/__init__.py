"""Ordered steps, the same for arrays, recordings, files, streams, training data and checkpoints."""

from .pipeline import Pipeline as Pipeline
from .step import DESIGNS as DESIGNS
from .step import STEPS as STEPS
from .step import Step as Step
from .streams import PipelineStream as PipelineStream

__all__ = ["DESIGNS", "STEPS", "Pipeline", "PipelineStream", "Step"]

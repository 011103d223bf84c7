"""Networks as scikit-learn's estimators, on arrays (trials, channels, times)."""

from .classifier import CNNClassifier
from .regressor import CNNRegressor

__all__ = ["CNNClassifier", "CNNRegressor"]

"""What differs by task: what a training is given, and what is said and judged of it."""

from ...data.kinds import Dataset
from .base import Examples, Task
from .truth import Truth
from .volumes import Segment
from .windows import Classify, Regress, Sequence

#: Name -> what is learned of a data set.
KINDS: dict[str, type[Task]] = {
    "classify": Classify,
    "regress": Regress,
    "sequence": Sequence,
    "segment": Segment,
}


def task_of(data: Dataset) -> Task:
    """Return what is learned of a data set."""
    return KINDS[data.task](data)


def baselines_for(data: Dataset, *, riemann: bool = False) -> list[str]:
    """Return the classical methods that a network stands beside: sounds have pitches, not rhythms.

    `riemann` adds those of the extra. Single samples have none.
    """
    return task_of(data).baselines(riemann=riemann)


def guess_for(data: Dataset) -> str:
    """Return what the method is called that looks at nothing."""
    return task_of(data).guess_name


__all__ = ["Examples", "Task", "Truth", "baselines_for", "guess_for", "task_of"]

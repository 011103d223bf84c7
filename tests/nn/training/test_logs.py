"""Epochs written down."""

import csv

import pytest

from sigconv.nn.training import CSVLog, Epoch, TensorBoardLog

EPOCHS = [Epoch(1, 0.7, 1e-3, 0.71, 0.5), Epoch(2, 0.6, 2e-3, None, 0.4)]


def test_a_table(tmp_path):
    path = tmp_path / "epochs.csv"
    with CSVLog(path) as log:
        log(EPOCHS[0], fold="a,b")
        assert len(path.read_text().splitlines()) == 2  # there at once
    with CSVLog(path, append=True) as log:
        log(EPOCHS[1], fold="c")
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [(r["fold"], r["epoch"], r["loss"], r["validation_loss"]) for r in rows] == [
        ("a,b", "1", "0.7", "0.71"),
        ("c", "2", "0.6", ""),
    ]


@pytest.mark.filterwarnings("ignore")  # of tensorboard's own imports
def test_tensorboard_reads_it(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = TensorBoardLog(tmp_path)
    for epoch in EPOCHS:
        log(epoch, fold="subject01")
    log.close()
    events = EventAccumulator(str(tmp_path / "subject01"))
    events.Reload()
    training = events.Scalars("loss/training")
    assert [(e.step, pytest.approx(e.value)) for e in training] == [(1, 0.7), (2, 0.6)]
    assert len(events.Scalars("loss/validation")) == 1

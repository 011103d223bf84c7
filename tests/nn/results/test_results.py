"""Scores against scikit-learn's and by hand, the table's sentences, the page in a browser."""

import json
import math

import numpy as np
import pytest
from sklearn import metrics

from sigconv.nn import EEGDataset, TrainingConfig
from sigconv.nn.results import save_report, scores, summarise, table
from sigconv.nn.training import Epoch, FoldResult, History


def made_up(*, n_subjects=6, seeds=(0, 1), n_classes=3, edge=0.3):
    """Results of a network that is right more often than its baseline, by a made-up lot."""
    rng = np.random.default_rng(0)
    n = 12 * n_subjects
    y = np.arange(n) % n_classes
    groups = np.array([f"subject{i // 12}" for i in range(n)])
    data = EEGDataset.from_arrays(np.zeros((n, 1, 4)), y, groups, fs=4)
    results = []
    for subject in np.unique(groups):
        test = np.flatnonzero(groups == subject)
        train = np.flatnonzero(groups != subject)
        truth = np.eye(n_classes)[y[test]]
        baseline = rng.dirichlet(np.ones(n_classes), len(test)) + 0.1 * truth
        for seed in seeds:
            ours = rng.dirichlet(np.ones(n_classes), len(test)) + edge * truth
            chance = np.tile(np.eye(n_classes)[0], (len(test), 1))
            said = {"net": ours, "band power + LDA": baseline, "chance": chance}
            said = {name: p / p.sum(axis=1, keepdims=True) for name, p in said.items()}
            epochs = [Epoch(i, 1 / i, 1e-3, 1.1 / i) for i in (1, 2, 3)]
            results.append(FoldResult(subject, seed, train, test, said, History(epochs, 3)))
    return data, results


def summary(**how):
    data, results = made_up(**how)
    split = "leave-one-subject-out"
    found = summarise(data, results, model="net", split=split, config=TrainingConfig())
    return data, results, found


def test_scores_are_scikit_learns():
    data, results = made_up()
    y = data.y[results[0].test]
    p = results[0].probabilities["net"]
    called = p.argmax(axis=1)
    assert scores(y, p) == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(y, called),
            "balanced_accuracy": metrics.balanced_accuracy_score(y, called),
            "kappa": metrics.cohen_kappa_score(y, called),
            "f1": metrics.f1_score(y, called, average="macro"),
            "auc": metrics.roc_auc_score(y, p, multi_class="ovr"),
        }
    )
    two = p[:, :2] / p[:, :2].sum(axis=1, keepdims=True)
    rows = y < 2
    expected = metrics.roc_auc_score(y[rows], two[rows, 1])
    assert scores(y[rows], two[rows])["auc"] == pytest.approx(expected)


def test_windows_of_one_class_tell_no_kappa_and_no_area():
    found = scores(np.array([1, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    assert found["accuracy"] == 0.5
    assert math.isnan(found["kappa"])
    assert math.isnan(found["auc"])


def test_means_and_spreads_by_hand():
    data, results, found = summary()
    right = np.array([r.accuracy("net", data.y) for r in results]).reshape(6, 2)
    accuracy = found["scores"]["net"]["accuracy"]
    assert accuracy["mean"] == pytest.approx(right.mean())
    assert accuracy["deviation"] == pytest.approx(right.mean(axis=1).std(ddof=1))
    assert accuracy["standard_error"] == pytest.approx(right.mean(axis=1).std(ddof=1) / 6**0.5)
    assert accuracy["deviation_over_folds"] == pytest.approx(right.mean(axis=1).std(ddof=1))
    assert accuracy["deviation_over_seeds"] == pytest.approx(right.mean(axis=0).std(ddof=1))
    confusion = np.array(found["confusion"]["net"])
    assert confusion.sum() == 6 * 12 * 2
    assert np.trace(confusion) / confusion.sum() == pytest.approx(right.mean())
    assert found["per_subject"]["subject3"]["net"]["accuracy"] == pytest.approx(right[3].mean())
    recalls = [found["per_class"]["net"][name]["recall"] for name in data.classes]
    assert recalls == pytest.approx(list(np.diag(confusion) / confusion.sum(axis=1)))
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_subjects_of_one_fold_are_told_apart_and_folds_of_one_subject_too():
    data, results = made_up(n_subjects=4, seeds=(0,))
    both = [np.concatenate([results[i].test, results[i + 1].test]) for i in (0, 2)]
    merged = [
        FoldResult(
            f"part{i}",
            0,
            np.setdiff1d(np.arange(len(data)), rows),
            rows,
            {
                name: np.concatenate([a.probabilities[name], b.probabilities[name]])
                for name in a.probabilities
            },
            a.history,
        )
        for i, (rows, a, b) in enumerate(zip(both, results[::2], results[1::2], strict=True))
    ]
    settings = {"model": "net", "split": "group-k-fold:2", "config": TrainingConfig()}
    found = summarise(data, merged, **settings)
    assert found["unit"] == "subject"
    assert list(found["per_subject"]) == [f"subject{i}" for i in range(4)]
    one = EEGDataset.from_arrays(np.zeros((len(data), 1, 4)), data.y, [1] * len(data), fs=4)
    found = summarise(one, merged, **settings)
    assert found["unit"] == "fold"
    assert list(found["per_subject"]) == ["part0", "part1"]


def test_a_difference_is_claimed_only_where_the_paired_test_bears_it():
    _, _, found = summary(edge=3.0, n_subjects=7)
    against = {each["against"]: each for each in found["comparisons"]}
    assert against["chance"]["p"] == pytest.approx(2 / 2**7)  # all seven on one side
    assert "no difference" not in table(found)
    _, _, found = summary(edge=0.1)
    assert "no difference that the test bears" in table(found)
    _, _, found = summary(n_subjects=2)
    assert "n = 2, no difference that the test bears" in table(found)


def test_the_table():
    _, _, found = summary(edge=3.0)
    lines = table(found).splitlines()
    assert lines[0].split() == ["accuracy", "balanced", "kappa", "F1", "AUC"]
    assert lines[1].startswith("net               1.000 ± 0.000")
    assert "(mean ± standard error over 6 subjects, 2 seeds each)" in lines


def test_the_page_in_a_browser(tmp_path, browser):
    path = tmp_path / "report.html"
    _, _, found = summary()
    found["per_subject"]["<script>alert(1)</script>"] = found["per_subject"]["subject0"]
    save_report(path, found)
    browser.open(path)
    assert browser.texts("h1") == ["net, leave-one-subject-out"]
    assert "Learning curves" in browser.texts("h2")
    pictures = browser.find("img")
    assert len(pictures) == 3  # the curves, and the confusion of the network and its baseline
    assert all(each.get_attribute("alt") for each in pictures)
    cells = browser.texts("table:first-of-type td")
    mean = found["scores"]["net"]["accuracy"]["mean"]
    assert any(cell.startswith(f"{mean:.3f} ± ") for cell in cells)
    assert any("<script>" in cell for cell in cells)

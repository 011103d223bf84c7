"""Segmentation by the code of all tasks: folds, seeds, stopping, starting, scores."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from sklearn.metrics import cohen_kappa_score, f1_score, jaccard_score

from sigconv.nn import Augmentation, Checkpoint, TrainingConfig, cross_validate
from sigconv.nn.data import Seen, VolumeDataset, folds
from sigconv.nn.results import draw_masks, headline, judge, said_of, summarise
from sigconv.nn.results.metrics import overlaps, per_class
from sigconv.nn.training.tasks import Segment, task_of
from sigconv.nn.training.tasks.volumes import confusion_of
from sigconv.nn.training.voxels import VoxelLDA, features
from sigconv.nn.transfer import Start

OPTIONS = {"padding": "same", "levels": 1, "width": 0.1, "batch_norm": True}
FAST = TrainingConfig(epochs=2, batch_size=8, learning_rate=0.01)


def pictures(n=6, seed=0):
    """Bright and dark squares on gray, two pictures of each of three people."""
    rng = np.random.default_rng(seed)
    masks = np.zeros((n, 30, 24), int)
    for mask in masks:
        for label in (1, 2):
            row, column = rng.integers(0, 18), rng.integers(0, 12)
            mask[row : row + 10, column : column + 10] = label
    x = np.array([0.0, 2.0, -2.0])[masks] + 0.4 * rng.normal(size=masks.shape)
    return VolumeDataset.from_arrays(
        x[:, None],
        masks,
        np.arange(n) // 2,
        classes=["gray", "bright", "dark"],
        patch=(16, 16),
        patches=12,
    )


def trained(data, config=FAST, **given):
    return list(cross_validate(data, options=OPTIONS, config=config, **given))


def test_folds_seeds_and_methods_are_as_everywhere():
    data = pictures()
    found = trained(data, replace(FAST, epochs=6), seeds=[0, 1])
    assert [(r.fold, r.seed) for r, _ in found] == [(f, s) for f in "012" for s in (0, 1)]
    assert list(found[0][0].probabilities) == ["unet", "chance", "voxels + LDA"]
    assert np.mean([headline(data, r, "unet") for r, _ in found]) > 0.8
    assert np.mean([headline(data, r, "voxels + LDA") for r, _ in found]) > 0.8
    assert not np.array_equal(*(r.probabilities["unet"] for r, _ in found[:2]))  # the seeds'
    summary = summarise(
        data, [r for r, _ in found], model="unet", split="leave-one-subject-out", config=FAST
    )
    assert summary["unit"] == "subject"
    assert set(summary["per_subject"]) == set("012")
    assert np.sum(summary["confusion"]["unet"]) == 2 * data.truths[0].size * 6
    with pytest.raises(ValueError, match="crop must not be given with task 'segment'"):
        trained(data, replace(FAST, crop=8))
    with pytest.raises(ValueError, match="must give an answer for each of 16 x 16 places"):
        next(cross_validate(data, model="plain_cnn", config=FAST, baselines=()))


def test_the_test_masks_are_not_looked_at():
    data = pictures()
    other = [mask if row > 1 else 2 - mask for row, mask in enumerate(data.masks)]
    changed = replace(data, masks=other)  # truths are what is judged by
    (a, one), (b, two) = (trained(each)[0] for each in (data, changed))
    np.testing.assert_array_equal(a.probabilities["unet"], b.probabilities["unet"])
    np.testing.assert_array_equal(a.probabilities["voxels + LDA"], b.probabilities["voxels + LDA"])
    for mine, theirs in zip(one.parameters(), two.parameters(), strict=True):
        np.testing.assert_array_equal(mine.detach(), theirs.detach())


def test_early_stopping_keeps_people_whole_and_augmentation_changes_the_loss():
    data = pictures()
    given = task_of(data).examples(next(folds("leave-one-subject-out", data)), seed=0)
    assert set(given.kept) == {"1", "2"}
    assert len(given.kept) == len(given.y) == 4 * 12
    plain = replace(FAST, patience=2)
    turned = replace(plain, augment=[Augmentation("turn"), Augmentation("mirror")])
    losses = [trained(data, each)[0][0].history for each in (plain, turned)]
    assert len(losses[0].validation_losses) == 2
    assert losses[0].losses != losses[1].losses


def test_what_is_not_known_is_neither_learned_nor_judged():
    data = pictures()
    hidden = [np.where(np.arange(24) < 20, mask, -1) for mask in data.masks]
    data = replace(data, masks=hidden, truths=hidden)
    result = trained(data)[0][0]
    assert result.probabilities["unet"].sum() == 2 * 30 * 20
    assert sum(data.facts()["voxels"].values()) == 6 * 30 * 20


def test_a_network_is_not_tested_on_whom_it_has_seen():
    data = pictures()
    result, network = trained(data)[0]
    before = Checkpoint.of(network, data, FAST, seen=Seen.of(data, result.train))
    start = Start({"before": before})
    first, _ = next(
        cross_validate(
            data,
            options=OPTIONS,
            config=FAST,
            start=start,
            split=[*folds("leave-one-subject-out", data)][:1],
        )
    )
    assert "starts from before" in str(first.begun)
    with pytest.raises(ValueError, match="start must hold a network to which the test windows"):
        list(cross_validate(data, options=OPTIONS, config=FAST, start=start))


def test_a_checkpoint_is_judged_as_its_training_judged_it():
    data = pictures()
    result, network = trained(data)[0]
    checkpoint = Checkpoint.of(network, data, FAST)
    part = [int(row) for row in result.test]
    names = ("files", "groups", "trials", "sessions")
    held = replace(
        data,
        **{
            name: [getattr(data, name)[row] for row in part]
            for name in ("volumes", "masks", "truths")
        },
        **{name: getattr(data, name)[part] for name in names},
    )
    found = judge(held, said_of(checkpoint, held))
    assert found["scores"]["dice"] == headline(data, result, "unet")
    figure = draw_masks(held, 0, Segment(held).called_by(network, 0))
    assert len(figure.axes) == 1


def test_scores_are_scikit_learns():
    rng = np.random.default_rng(0)
    truth, called = rng.integers(0, 3, (2, 2, 9, 7))
    counts = np.stack([confusion_of(a, b, 3) for a, b in zip(truth, called, strict=True)])
    pairs = [(a.ravel(), b.ravel()) for a, b in zip(truth, called, strict=True)]
    found = overlaps(counts)
    labels = {"labels": [1, 2], "average": "macro"}
    assert found["dice"] == pytest.approx(np.mean([f1_score(*p, **labels) for p in pairs]))
    assert found["iou"] == pytest.approx(np.mean([jaccard_score(*p, **labels) for p in pairs]))
    assert found["kappa"] == pytest.approx(np.mean([cohen_kappa_score(*p) for p in pairs]))
    assert found["accuracy"] == pytest.approx(np.mean(truth == called))
    each = per_class("segment", np.zeros(2), counts, 3)[1]
    assert each["f1"] == pytest.approx(
        f1_score(truth.ravel(), called.ravel(), labels=[1], average="macro")
    )
    assert each["voxels"] == (truth == 1).sum()
    empty = overlaps(np.array([[[9.0, 0.0], [0.0, 0.0]]]))  # nothing there, nothing called
    assert np.isnan(empty["dice"])
    assert empty["accuracy"] == 1


def test_voxels_are_looked_at_in_space_not_in_samples():
    """What is far apart along an axis is smoothed over fewer samples of it."""
    fine = np.random.default_rng(0).normal(size=(40, 40))
    found = features(fine[None], (1.0, 2.0)).reshape(40, 40, -1)
    assert found.shape[2] == 9
    np.testing.assert_array_equal(found[..., 0], fine.astype(np.float32))
    np.testing.assert_allclose(found[..., 3], ndimage.gaussian_filter(fine, (2, 1)), rtol=1e-5)
    missing = VoxelLDA().fit([(fine[None], (fine > 0).astype(int))], (1, 1), 3)
    said = missing.predict_proba(fine[None], (1, 1))
    assert said.shape == (3, 40, 40)
    np.testing.assert_array_equal(said[2], 0)  # a class that was never seen


def test_splits_that_know_times_or_one_class_each_are_refused():
    data = pictures()
    with pytest.raises(
        ValueError, match="split must be one that task 'segment' has; got 'few-shot"
    ):
        list(folds("few-shot:1", data))
    assert len(list(folds("within-subject:2", data))) == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"masks": np.zeros((5, 30, 24), int)}, "masks must be one for each of 6 volumes; got 5"),
        ({"masks": np.zeros((6, 30, 20), int)}, r"volumes must have shape \(n_channels, \*grid\)"),
        ({"masks": np.full((6, 30, 24), 3)}, "masks must hold indices of 3 classes, or -1; got 3"),
        ({"patch": (16,)}, "patch must"),
        ({"patches": 0}, "patches must be a whole number"),
    ],
)
def test_arrays_are_checked(change, message):
    given = {
        "volumes": np.zeros((6, 1, 30, 24)),
        "masks": np.zeros((6, 30, 24), int),
        "classes": ["a", "b", "c"],
        **change,
    }
    with pytest.raises(ValueError, match=message):
        VolumeDataset.from_arrays(**given)

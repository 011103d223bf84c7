"""Alignment of subjects, beside pyriemann and by what it is for."""

import numpy as np
import pytest

from sigconv.nn.data import align


def windows(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(2, 4, 4))
    groups = np.repeat(["a", "b"], 15)
    X = np.concatenate([m @ rng.normal(size=(15, 4, 80)) for m in mixing])
    return X, groups


def test_it_is_whitening_by_the_mean_covariance_as_pyriemann_has_it():
    base = pytest.importorskip("pyriemann.utils.base")
    X, groups = windows()
    aligned = align(X, groups)
    for group in "ab":
        part = X[groups == group]
        mean = np.mean([np.cov(window) for window in part], axis=0)
        centred = part - part.mean(-1, keepdims=True)
        expected = base.invsqrtm(mean) @ centred
        np.testing.assert_allclose(aligned[groups == group], expected, rtol=1e-4, atol=1e-5)


def test_how_a_head_mixes_its_sources_no_longer_matters_but_for_a_rotation():
    X, groups = windows()
    other = align(np.einsum("cd,ndt->nct", np.diag([1, 5, 0.1, 2]), X[:15]), groups[:15])
    aligned = align(X[:15], groups[:15])
    rotation = np.linalg.lstsq(
        aligned.transpose(0, 2, 1).reshape(-1, 4),
        other.transpose(0, 2, 1).reshape(-1, 4),
        rcond=None,
    )[0]
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(4), atol=1e-3)


def test_a_direction_in_which_nothing_is_stays_silent():
    X, groups = windows()
    referenced = X - X.mean(axis=1, keepdims=True)
    aligned = align(referenced, groups)
    assert np.isfinite(aligned).all()
    assert np.abs(aligned.sum(axis=1)).max() < 1e-3


def test_groups_do_not_touch_each_other():
    X, groups = windows()
    alone = align(X[groups == "a"], groups[groups == "a"])
    np.testing.assert_array_equal(align(X, groups)[groups == "a"], alone)


def test_what_does_not_fit_gets_one_sentence():
    X, groups = windows()
    with pytest.raises(ValueError, match=r"X must have shape \(windows, channels, times\)"):
        align(X[0], groups)
    with pytest.raises(ValueError, match="groups must be one for each of 30 windows"):
        align(X, groups[:3])

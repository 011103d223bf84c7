"""The neocognitron by Fukushima's formulas, cell by cell, and what competition teaches it."""

import numpy as np
import pytest
import torch

from sigconv.nn import build_model
from sigconv.nn.models import self_organise
from sigconv.nn.models.neocognitron import CCells, SCells

#: Strokes that meet in several ways; 0 where nothing is.
LETTERS = {
    "L": [(slice(3, 13), 5), (12, slice(5, 11))],
    "T": [(3, slice(3, 13)), (slice(3, 13), 8)],
    "X": [(range(3, 13), range(3, 13)), (range(3, 13), range(12, 2, -1))],
}


def letters() -> np.ndarray:
    images = np.zeros((len(LETTERS), 1, 16, 16), np.float32)
    for image, strokes in zip(images, LETTERS.values(), strict=True):
        for rows, columns in strokes:
            rows, columns = (list(i) if isinstance(i, range) else i for i in (rows, columns))
            image[0][rows, columns] = 1
    return images


def network(**options):
    torch.manual_seed(0)
    return build_model("neocognitron", ndim=2, in_channels=1, num_classes=3, **options)


def test_s_cells_by_their_formula():
    torch.manual_seed(0)
    cells = SCells(2, 3, 5, 1, selectivity=1.5).double()
    cells.excitatory.data.mul_(1000)
    cells.inhibitory.data.copy_(torch.tensor([0.0, 1.0, 3.0]))
    x = torch.rand(1, 2, 7, 6, dtype=torch.float64)
    answers = cells(x)[0].detach()
    assert answers.shape == (3, 5, 4)
    a, b = cells.excitatory.detach(), cells.inhibitory.detach()
    c, padded = cells.fading[0, 0], torch.nn.functional.pad(x[0], (1,) * 4)
    assert float(2 * c.sum()) == pytest.approx(1)
    r = 1.5
    for k in range(3):
        for i in range(5):
            for j in range(4):
                seen = padded[:, i : i + 5, j : j + 5]
                v = float((c * seen**2).sum()) ** 0.5
                excitation, inhibition = float((a[k] * seen).sum()), r / (1 + r) * float(b[k]) * v
                expected = r * max(0.0, (1 + excitation) / (1 + inhibition) - 1)
                assert float(answers[k, i, j]) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_c_cells_by_their_formula():
    cells = CCells(5, -1).double()
    x = torch.rand(1, 3, 9, 8, dtype=torch.float64)
    answers = cells(x)[0]
    assert answers.shape == (3, 3, 2)
    d, inner = cells.fading[0, 0], x[0, :, 1:-1, 1:-1]
    assert d[2, 2] == 1 == d.max()
    for i in range(3):
        for j in range(2):
            around = (d * inner[:, i : i + 5, j : j + 5]).sum((1, 2))
            excess = ((1 + around) / (1 + around.mean()) - 1).clamp(min=0)
            torch.testing.assert_close(answers[:, i, j], excess / (1 + excess), rtol=1e-9, atol=0)


@pytest.mark.parametrize("r", [0.5, 1.5, 4.0])
def test_a_trained_cell_answers_by_the_cosine(r):
    """a = q c x and b = q |x|: much reinforced, it answers (1 + r) cos - r, and not below 0."""
    cells = SCells(1, 1, 5, 0, selectivity=r).double().requires_grad_(False)
    cells.excitatory.data.zero_()
    x, other = torch.rand(2, 1, 1, 5, 5, dtype=torch.float64)
    cells.excitatory.data.fill_(1e-12)  # enough to win
    cells.reinforce(x, 1e9)
    c = cells.fading
    for y in (x, other, 0.5 * x + 0.5 * other):
        cosine = (c * x * y).sum() / ((c * x**2).sum() * (c * y**2).sum()).sqrt()
        expected = max(0.0, float((1 + r) * cosine - r))
        assert float(cells(y).squeeze()) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_one_winner_a_plane_and_neighbourhood():
    """Planes that did not win stay as they were; one that won knows one place's pattern."""
    torch.manual_seed(0)
    cells = SCells(1, 6, 5, 2, selectivity=4.0)
    before = cells.excitatory.detach().clone()
    x = torch.zeros(1, 1, 16, 16)
    x[..., 4, 2:14] = 1
    cells.reinforce(x, 1.0)
    changed = (cells.excitatory - before).flatten(1).norm(dim=1) > 0
    assert torch.equal(changed, cells.inhibitory > 0)
    assert 1 <= int(changed.sum()) < 6
    seen = torch.nn.functional.unfold(x, 5, padding=2)[0].T.view(-1, 5, 5) * cells.fading[0, 0]
    for k in torch.nonzero(changed).flatten():
        learnt = (cells.excitatory - before)[k, 0]
        assert min((learnt - pattern).abs().max() for pattern in seen) < 1e-6


def test_every_letter_finds_a_plane_of_its_own_wherever_it_lies():
    """As in the paper's demonstration: patterns are told apart, shifts are forgiven."""
    model = network(selectivity=(4.0, 1.5, 3.0))
    x = letters()
    self_organise(model, x, rounds=10)

    def planes(images: np.ndarray) -> tuple[list[int], torch.Tensor]:
        with torch.no_grad():
            answers = model.pool(model.features(torch.as_tensor(images)))
        return answers.argmax(1).tolist(), answers.amax(1)

    own, answers = planes(x)
    assert len(set(own)) == 3
    assert (answers > 0.3).all()
    for down, right in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1)]:
        shifted, answers = planes(np.roll(x, (down, right), axis=(-2, -1)))
        assert shifted == own
        assert (answers > 0).all()


def test_nothing_is_learnt_of_nothing():
    model = network()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    self_organise(model, np.zeros((2, 1, 16, 16)))
    for key, value in model.state_dict().items():
        torch.testing.assert_close(value, before[key], rtol=0, atol=0)


def test_fewer_stages_and_larger_images():
    model = network(stages=2, planes=6)
    assert [tuple(m.shape[1:]) for m in model.cells(torch.zeros(1, 1, 20, 18))] == [
        (6, 20, 18),
        (6, 14, 12),
        (6, 12, 10),
        (6, 10, 8),
    ]


@pytest.mark.parametrize(
    ("X", "options", "message"),
    [
        (-np.ones((1, 1, 16, 16)), {}, "X must hold finite numbers of at least 0"),
        (np.full((1, 1, 16, 16), np.nan), {}, "X must hold finite numbers of at least 0"),
        (np.ones((1, 16, 16)), {}, r"X must have shape \(n_images, n_channels, height, width\)"),
        (np.ones((1, 1, 15, 16)), {}, "x must have at least 16 samples along each axis"),
        (np.ones((1, 1, 16, 16)), {"rounds": 0}, "rounds must be a whole number of at least 1"),
        (np.ones((1, 1, 16, 16)), {"gains": (1, 2)}, "gains must be one for each of 3 stages"),
        (np.ones((1, 1, 16, 16)), {"gains": (0, 1, 1)}, "gains must be a finite number above 0"),
    ],
)
def test_impossible_lessons(X, options, message):
    with pytest.raises(ValueError, match=message):
        self_organise(network(), X, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stages": 4}, "stages must be at most 3; got 4"),
        ({"selectivity": (1.0,)}, "selectivity must be one for each of 3 stages"),
        ({"selectivity": (1.0, 0.0, 1.0)}, "selectivity must be a finite number above 0; got 0"),
    ],
)
def test_impossible_networks(options, message):
    with pytest.raises(ValueError, match=message):
        network(**options)

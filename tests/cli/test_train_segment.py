"""`sigconv train --task segment`, and what `predict` and `evaluate` do with such a network."""

import json

import nibabel
import numpy as np
import pytest

from sigconv.cli import main

pytest.importorskip("matplotlib", reason="the report is drawn with matplotlib")
SMALL = ["--model-option", "levels=1", "--model-option", "width=0.1", "--learning-rate", "0.01"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Bright cubes of value 3 in noise, in volumes of two orders of axes."""
    folder = tmp_path_factory.mktemp("ct")
    rng = np.random.default_rng(0)
    for name in ("ct", "masks"):
        (folder / name).mkdir()
    for i in range(3):
        mask = np.zeros((18, 16, 14), np.uint8)
        mask[4:12, 5:12, 3 : 9 + i] = 3
        affine = np.diag([-1.0 if i == 1 else 1.0, 1.0, 1.5, 1.0])
        x = (mask * 20 + 5 * rng.normal(size=mask.shape)).astype(np.float32)
        nibabel.save(nibabel.Nifti1Image(x, affine), folder / f"ct/sub-{i}.nii.gz")
        nibabel.save(nibabel.Nifti1Image(mask, affine), folder / f"masks/sub-{i}.nii.gz")
    return folder


@pytest.fixture(scope="module")
def words(folder):
    found = ["--task", "segment", "--labels", str(folder / "masks"), "--classes", "cube=3", *SMALL]
    found += ["--patch", "8", "8", "8", "--patches", "8", "--epochs", "4", "--batch-size", "4"]
    return [*found, "--group", r"subject=filename:(sub-\d)", "--split", "group-k-fold:3"]


@pytest.fixture(scope="module")
def run(folder, words, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "out"
    augment = ["--augment", "mirror", "--augment", "noise:deviation=0.05"]
    assert main(["train", str(folder / "ct"), "-o", str(out), *words, *augment]) == 0
    return out


def dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


def test_results_are_those_of_all_tasks(folder, words, run, capsys):
    found = json.loads((run / "results.json").read_text())
    assert list(found["scores"]) == ["unet", "chance", "voxels + LDA"]
    assert found["scores"]["unet"]["dice"]["mean"] > 0.7
    assert found["scores"]["chance"]["dice"]["mean"] == 0
    assert found["scores"]["voxels + LDA"]["dice"]["mean"] > 0.7
    assert found["voxels"] == {"background": 3 * 18 * 16 * 14 - 56 * 21, "cube": 56 * 21}
    assert np.sum(found["confusion"]["unet"]) == 3 * 18 * 16 * 14
    assert found["per_class"]["unet"]["cube"]["voxels"] == 56 * 21
    assert set(found["per_subject"]) == {"sub-0", "sub-1", "sub-2"}
    page = (run / "report.html").read_text()
    for text in ("Learning curves", "Held out", "voxels + LDA", "3 volumes at 1 x 1 x 1.5", "Dice"):
        assert text in page
    epochs = (run / "epochs.csv").read_text().splitlines()
    assert len(epochs) == 1 + 3 * 4
    assert main(["train", str(folder / "ct"), "-o", str(run), *words]) == 1
    assert "exists already; --overwrite replaces it" in capsys.readouterr().err


def test_the_command_tells_the_set_and_the_table(folder, words, tmp_path, capsys):
    few = [*words, "--epochs", "1", "--patches", "2"]
    assert main(["train", str(folder / "ct"), "-o", str(tmp_path / "a"), *few]) == 0
    said = capsys.readouterr().out
    assert "3 volumes at 1 x 1 x 1.5: background, cube" in said
    assert "Dice by class, unet: background" in said
    assert "unet against voxels + LDA" in said


def test_masks_have_the_grid_of_their_volumes(folder, run, tmp_path):
    checkpoint = ["--checkpoint", str(run / "fold02-part2.safetensors")]
    source = [str(folder / f"ct/sub-{i}.nii.gz") for i in (0, 1)]
    assert main(["predict", *source, "-o", str(tmp_path), *checkpoint]) == 0
    for i in (0, 1):
        mask = nibabel.load(tmp_path / f"sub-{i}_mask.nii.gz")
        np.testing.assert_array_equal(mask.affine, nibabel.load(source[i]).affine)
        truth = np.asarray(nibabel.load(folder / f"masks/sub-{i}.nii.gz").dataobj) == 3
        assert dice(truth, np.asarray(mask.dataobj) == 1) > 0.7


def test_evaluate_says_what_the_masks_say(folder, run, tmp_path, capsys):
    checkpoint = ["--checkpoint", str(run / "fold01-part1.safetensors")]
    labels = ["--labels", str(folder / "masks"), "--classes", "cube=3"]
    one = str(folder / "ct/sub-1.nii.gz")
    assert main(["evaluate", one, "-o", str(tmp_path), *checkpoint, *labels]) == 0
    assert "1 volumes; the commonest class alone" in capsys.readouterr().out
    judged = json.loads((tmp_path / "evaluation.json").read_text())
    assert main(["predict", one, "-o", str(tmp_path), *checkpoint]) == 0
    called = np.asarray(nibabel.load(tmp_path / "sub-1_mask.nii.gz").dataobj) == 1
    truth = np.asarray(nibabel.load(folder / "masks/sub-1.nii.gz").dataobj) == 3
    assert judged["scores"]["dice"] == pytest.approx(dice(called, truth))
    assert judged["per_class"]["cube"]["f1"] == pytest.approx(dice(called, truth))
    assert main(["evaluate", one, "-o", str(tmp_path / "n"), *checkpoint]) == 2
    assert "--labels must be a folder of masks" in capsys.readouterr().err
    wrong = [*labels[:2], "--classes", "sphere=3"]
    assert main(["evaluate", one, "-o", str(tmp_path / "n"), *checkpoint, *wrong]) == 1
    assert "classes must be among the network's, background, cube; got sphere" in (
        capsys.readouterr().err
    )


def test_what_was_interrupted_goes_on_to_the_same_end(
    folder, words, run, tmp_path, monkeypatch, capsys
):
    from sigconv.nn.training.logs import CSVLog

    out = tmp_path / "run"
    augment = ["--augment", "mirror", "--augment", "noise:deviation=0.05"]
    command = ["train", str(folder / "ct"), "-o", str(out), *words, *augment]
    write, counted = CSVLog.__call__, []

    def interrupted(self, *given):
        counted.append(given)
        if len(counted) == 6:  # in the second fold
            raise KeyboardInterrupt
        write(self, *given)

    monkeypatch.setattr(CSVLog, "__call__", interrupted)
    assert main(command) == 130
    assert "--resume goes on from here" in capsys.readouterr().err
    monkeypatch.setattr(CSVLog, "__call__", write)
    assert main([*command, "--resume"]) == 0
    ours, theirs = (json.loads((each / "results.json").read_text()) for each in (out, run))
    assert ours["folds"] == theirs["folds"]


def test_pictures_in_colours_with_masks_beside_them(tmp_path, capsys):
    image = pytest.importorskip("PIL.Image", reason="pictures need Pillow")
    rng = np.random.default_rng(0)
    for name in ("pictures", "masks"):
        (tmp_path / name).mkdir()
    for i in range(4):
        mask = np.zeros((40, 56), np.uint8)
        mask[8:24, 6 + 4 * i : 30 + 4 * i] = 255
        mask[:, 50:] = 128
        x = np.stack([rng.integers(0, 60, mask.shape) + 120 * (mask == 255)] * 3, -1)
        ending = "jpg" if i else "png"
        image.fromarray(x.astype(np.uint8)).save(tmp_path / f"pictures/cell{i}.{ending}")
        image.fromarray(mask).save(tmp_path / f"masks/cell{i}.png")
    labels = ["--labels", str(tmp_path / "masks"), "--classes", "cell=255,?=128"]
    words = ["--task", "segment", *labels, *SMALL, "--patch", "16", "16", "--patches", "16"]
    words += ["--epochs", "4", "--batch-size", "8", "--split", "group-k-fold:2"]
    words += ["--augment", "turn:angle=10", "--patience", "4"]
    out = tmp_path / "run"
    assert main(["train", str(tmp_path / "pictures"), "-o", str(out), *words]) == 0
    assert "4 pictures at 1 x 1: background, cell" in capsys.readouterr().out
    found = json.loads((out / "results.json").read_text())
    assert found["scores"]["unet"]["dice"]["mean"] > 0.8
    assert found["channels"] == ["red", "green", "blue"]
    assert sum(found["voxels"].values()) == 4 * 40 * 50  # the rest is not known
    checkpoint = ["--checkpoint", str(out / "fold01-part1.safetensors")]
    source = [str(tmp_path / f"pictures/cell{i}.{'jpg' if i else 'png'}") for i in (0, 1)]
    assert main(["predict", *source, "-o", str(tmp_path / "said"), *checkpoint]) == 0
    for i in (0, 1):  # never a JPEG, whose edges would be grey
        called = np.asarray(image.open(tmp_path / f"said/cell{i}_mask.png"))
        assert set(np.unique(called)) == {0, 1}
        truth = np.asarray(image.open(tmp_path / f"masks/cell{i}.png"))
        assert dice(called[:, :50] == 1, truth[:, :50] == 255) > 0.8
    gray = tmp_path / "gray.png"
    image.fromarray(mask).save(gray)
    assert main(["predict", str(gray), "-o", str(tmp_path / "g"), *checkpoint]) == 1
    assert "channels must be red, green, blue; got intensity" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([], "--task segment needs --labels"),
        (["--labels", "m", "--window", "0", "1"], "--window must not be given with --task segment"),
        (["--labels", "m", "--lowpass", "3"], "steps must not be given with --task segment"),
    ],
)
def test_what_means_nothing_is_refused(folder, tmp_path, capsys, more, message):
    command = ["train", str(folder / "ct"), "-o", str(tmp_path), "--task", "segment", *more]
    assert main(command) == 2
    assert message in capsys.readouterr().err

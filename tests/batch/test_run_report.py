"""The report of a run, made by the command and looked at in a real browser."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from sigconv import Annotation, Recording, Volume, simulate_eeg, write, write_volume
from sigconv.batch import run_report
from sigconv.cli import main
from tests.browser import Browser

EVIL = "<img src=x onerror=\"document.title='owned'\">"
STEPS = ["--detrend", "--bandpass", "1", "40", "--notch", "50"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    source.mkdir()
    eeg = simulate_eeg(seed=1, n_trials=4)
    x = np.array(eeg.data)
    x[1] = np.clip(x[1], -1e-5, 1e-5)
    x[2] = 1e-6
    x[3, 50:60] = np.nan
    channels = ["<b>Fp1", "$C_3$", *eeg.channels[2:]]
    notes = [Annotation(1, 0, EVIL), Annotation(2, 0, EVIL), Annotation(3, 0.5, "left")]
    write(source / "a.edf", eeg)
    write(source / "b.fif", eeg.replace(data=x, channels=channels, annotations=notes))
    voice = Recording(0.1 * np.ones((1, 8000)), 8000, kinds="audio", units="")
    write(source / "<script>document.title='owned'<%2fscript>.wav", voice)
    (source / "broken & bad.edf").write_text("<b>no recording</b>")
    return source


def cells(browser: Browser, column: int) -> list[str]:
    return browser.texts(f"tbody td:nth-child({column + 1})")


def test_the_page_in_a_browser(folder: Path, tmp_path: Path, browser: Browser) -> None:
    page = tmp_path / "report.html"
    argv = ["filter", str(folder), "-o", str(tmp_path / "out"), *STEPS, "--report", str(page)]
    assert main(argv) == 1
    browser.open(page)
    assert browser.driver.title == "sigconv: 3 of 4 files done"
    files = [Path(text).name for text in cells(browser, 0)]
    assert sorted(files) == sorted(path.name for path in folder.iterdir())
    # facts, which are in b.fif
    row = files.index("b.fif")
    told = [cells(browser, column)[row] for column in range(10)]
    assert told[1] == "done"
    assert told[3:] == ["250 Hz", "8", "17 s", "1", "1", "10", "0"]
    assert cells(browser, 1)[files.index("broken & bad.edf")] == "failed"
    # sorted by what it is, searched, and led to its place
    browser.press("th button", 3)
    assert cells(browser, 3) == ["250 Hz", "250 Hz", "8000 Hz", ""]
    browser.type("input", "failed")
    assert [Path(text).name for text in cells(browser, 0)] == ["broken & bad.edf"]
    browser.type("input", "b.fif done")
    assert browser.texts("output") == ["1 of 4"]
    browser.press("tbody tr:not([hidden]) a")
    anchor = browser.run("return location.hash")
    assert browser.texts(f"{anchor} h3") == [str(folder / "b.fif")]
    known = browser.texts(f"{anchor} dl")[0]
    assert f"{EVIL} (2); left (1)" in known
    assert "clipped\n$C_3$" in known
    # pictures: of three files, and of responses at two rates
    sizes = browser.run("return Array.from(document.images, (each) => [each.alt, each.width])")
    assert [alt for alt, _ in sizes].count("traces and spectra before and after") == 3
    assert [alt for alt, _ in sizes if alt.startswith("gain")] == [
        *("gain over frequency at 250 Hz", "gain over frequency at 8000 Hz")
    ]
    assert min(width for _, width in sizes) > 600
    # texts
    methods = browser.texts("section")[0]
    assert "Signals, sampled at 250 and 8000 Hz, were processed with sigconv" in methods
    assert "(3) notch filter at 50 Hz" in methods
    assert browser.texts("pre")[0].startswith('[[step]]\nname = "detrend"')
    assert "Numba" in browser.texts("section:last-of-type dl")[-1]
    assert 50_000 < page.stat().st_size < 1_000_000


def test_smoothing_convolution_and_volumes(folder: Path, tmp_path: Path, browser: Browser) -> None:
    x = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    write_volume(folder / "noise.png", Volume(x, channels=("red", "green", "blue")))
    argv = ["convolve", str(folder), "-o", str(tmp_path / "c"), "--kernel", "hann:5", "--axes", "x"]
    assert main([*argv, "--report", str(tmp_path / "c.html")]) == 1
    browser.open(tmp_path / "c.html")
    assert '"name": "hann"' in browser.texts("pre")[0]
    alts = browser.run("return Array.from(document.images, (each) => each.alt)")
    assert alts.count("a slice before and after") == 1
    assert "40 x 60" in cells(browser, 5)
    argv = ["smooth", str(folder / "a.edf"), "-o", str(tmp_path / "s"), "--width", "0.02"]
    assert main([*argv, "--report", str(tmp_path / "s.html")]) == 0
    browser.open(tmp_path / "s.html")
    assert "smoothing (moving average, window length 20 ms)" in browser.texts("section")[0]
    assert len(browser.find("img")) == 2


def test_large_runs_draw_some_files_only(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigconv import batch

    monkeypatch.setattr(batch, "PICTURES", 2)
    monkeypatch.setattr(run_report, "PICTURES", 2)
    for number in range(5):
        x = np.random.default_rng(number).normal(size=(2, 500)) * 1e-5
        write(tmp_path / f"{number}.edf", Recording(x, 250))
    page = tmp_path / "r.html"
    argv = ["filter", str(tmp_path), "-o", str(tmp_path / "out"), "--lowpass", "40"]
    assert main([*argv, "--report", str(page), "--jobs", "2"]) == 0
    browser.open(page)
    assert len(browser.find("img")) == 3
    assert cells(browser, 4) == ["2"] * 5  # facts are of all
    assert (
        "Pictures are of 2 files, from the first 2 of the run, to keep this page small; the table "
        "has all files."
    ) in browser.texts("p")
    # again, into the older report's place: what was done already is looked at too
    assert main([*argv, "--report", str(page), "--skip-done"]) == 0
    browser.open(page)
    assert cells(browser, 1) == ["skipped"] * 5
    assert len(browser.find("img")) == 3


def test_another_rate_and_an_output_that_is_gone(
    folder: Path, tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "r.html"
    argv = ["filter", str(folder / "a.edf"), "--resample", "100", "--report", str(page)]
    assert main([*argv, "-o", str(tmp_path / "out")]) == 0
    browser.open(page)
    assert cells(browser, 3) == ["250 Hz to 100 Hz"]
    assert len(browser.find("img")) == 1

    from sigconv.batch import looking

    def gone(job: object, *, drawn: bool) -> looking.Seen:
        job.target.unlink()  # type: ignore[attr-defined]
        return look_at(job, drawn=drawn)  # type: ignore[arg-type]

    look_at = looking.look_at
    monkeypatch.setattr(sys.modules["sigconv.batch.run"], "look_at", gone)
    assert main([*argv, "-o", str(tmp_path / "two")]) == 0
    browser.open(page)
    assert "a.edf: could not be looked at (" in browser.texts("#file-0 dl")[0]
    assert browser.find("img") == []


def test_where_a_report_cannot_go(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["filter", str(folder), "-o", str(tmp_path / "out"), *STEPS, "--report"]
    (tmp_path / "mine.html").write_text("<!DOCTYPE html>\n<p>precious</p>")
    for place, why in (
        ("mine.html", "report must be a new file, or an older report; got "),
        ("in", "report must be a new file, or an older report; got "),
        ("no/r.html", "(No such file or directory)"),
    ):
        assert main([*argv, str(tmp_path / place)]) == 2
        assert why in capsys.readouterr().err
    assert main([*argv, str(tmp_path / "r.html"), "--dry-run"]) == 2
    assert "--dry-run does none" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert "precious" in (tmp_path / "mine.html").read_text()


def test_names_of_every_kind(tmp_path: Path, browser: Browser) -> None:
    names = [
        "line\nbreak.edf",
        "tab\t & 脑电.edf",
        os.fsdecode(b"latin-\xe9.edf"),
        "javascript:1.edf",
    ]
    (tmp_path / "in").mkdir()
    for name in names:
        write(tmp_path / "in" / name, Recording(np.ones((1, 500)) * 1e-6, 250))
    page = tmp_path / "r.html"
    argv = ["filter", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--lowpass", "40"]
    assert main([*argv, "--report", str(page)]) == 0
    browser.open(page)
    assert browser.broken_pictures() == []
    assert cells(browser, 1) == ["done"] * 4
    assert any(r"latin-\udce9.edf" in text for text in cells(browser, 0))
    browser.press("tbody a", 3)
    assert browser.run("return location.hash") == "#file-3"

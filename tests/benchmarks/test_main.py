"""What the benchmark's command refuses, and where it writes."""

import pytest

from benchmarks import __main__ as command
from benchmarks import requirements, results


def test_a_missing_peer_fails(monkeypatch, capsys):
    monkeypatch.setattr(
        requirements, "find_spec", lambda module: None if module == "cv2" else object()
    )
    assert command.main(["convolution", "--quick"]) == 1
    written = capsys.readouterr().err
    assert "benchmarks: peers must all be installed" in written
    assert "got none of opencv-python-headless\n" in written


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["speed"],
            "SUITE must be one of convolution, choices, filters, batch, out_of_core, eeg, nn, "
            "explain; got 'speed'",
        ),
        (["filters", "--quick"], "--quick belongs to the suites convolution, batch, nn, explain"),
        (
            ["filters", "--only", "1d"],
            "--only belongs to the suites convolution, nn and batch, run",
        ),
        (["batch", "--only", "1d"], "PART must be one of a, b, c, d; got '1d'"),
        (
            ["nn", "--only", "2d"],
            "PART must be one of eeg, waveforms, images, volumes, video, speed",
        ),
        (["convolution", "--only", "4d"], "invalid choice: '4d'"),
    ],
)
def test_bad_words_are_refused(words, sentence, capsys):
    with pytest.raises(SystemExit):
        command.main(words)
    assert sentence in capsys.readouterr().err


def test_sections_are_replaced_in_their_place(tmp_path, monkeypatch):
    page = tmp_path / "RESULTS.md"
    monkeypatch.setattr(results, "RESULTS", page)
    for name, text in (("a", "first"), ("b", "second"), ("a: part", "| x |\n\n# no"), ("a", "new")):
        results.write_section(name, text)
    assert page.read_text() == (
        f"{results.HEAD}\n## a\n\nnew\n\n## a: part\n\n| x |\n\n# no\n\n## b\n\nsecond\n"
    )

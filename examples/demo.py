"""The main job, end to end: recordings -> filtered files -> pictures -> a CNN judged honestly.

`make demo` runs it on made-up recordings, `make demo DATA=folder` on your own; the results lie
in `demo/` (in `demo/NAME/` for a folder NAME of yours). Labels are found where annotations or event
files hold them; options of `sigconv train` say where else:

    make demo DATA=folder TRAIN='--labels folder --window 0 4'
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import sigconv
from sigconv import io
from sigconv.report import draw_before_after

#: What suits an EEG would leave nothing of a voice, so each kind of file gets its own steps.
STEPS = {
    "eeg": ["--bandpass", "1", "40", "--notch", "50"],
    "audio": ["--bandpass", "100", "3400"],
}
MOST_PICTURES = 3


def main(given: str = "") -> int:
    """Run the whole job; return the exit code."""
    out = Path("demo") / Path(given).resolve().name if given else Path("demo")
    for folder in ("filtered", "pictures", "run"):  # an earlier run's must not mix with ours
        shutil.rmtree(out / folder, ignore_errors=True)
    source = Path(given) if given else make_up_recordings(out / "recordings")
    command("tune")  # once per machine: nothing compiles later, and the fastest ways are known
    codes = []
    for kind, steps in STEPS.items():
        if globs := find(source, kind):
            codes.append(command("filter", *globs, "-o", out / "filtered", *steps, "--quiet"))
            draw(source, out, kind)
    if not codes:
        print(f"{source}: holds no recordings that sigconv reads", file=sys.stderr)
        return 1
    if eeg := find(out / "filtered", "eeg"):
        made_up = "--labels annotations --window 0 3 --epochs 40"
        options = shlex.split(os.environ.get("TRAIN", "" if given else made_up))
        trained = command("train", *eeg, "-o", out / "run", *options)
        if given and trained:
            print("No network was trained; TRAIN='--labels ...' tells where the labels are.")
        else:
            codes.append(trained)
    print(f"\nThe results lie in {out}/: filtered/ pictures/ run/")
    return max(codes)


def make_up_recordings(folder: Path) -> Path:
    """Write six subjects' EEG and a noisy voice."""
    for kind in STEPS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for subject in range(1, 7):
        path = folder / "eeg" / f"subject{subject:02d}.edf"
        sigconv.write(path, sigconv.simulate_eeg(seed=subject), overwrite=True)
    sigconv.write(folder / "audio" / "voice.wav", sigconv.simulate_speech(seed=1), overwrite=True)
    return folder


def find(folder: Path, kind: str) -> list[str]:
    """Return a glob for each ending of the recordings of a kind below a folder."""
    files = [path for path in sorted(folder.rglob("*")) if io.is_recording(path)]
    audio = {path: io.format_of(path).family == "audio" for path in files}
    endings = {path.suffix for path in files if audio[path] == (kind == "audio")}
    return [f"{folder}/**/*{ending}" for ending in sorted(endings)]


def draw(source: Path, out: Path, kind: str) -> None:
    """Draw the first filtered recordings of a kind beside what they were."""
    pictures = out / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    n_drawn = 0
    for glob in find(source, kind):
        for before in sorted(source.rglob(Path(glob).name)):
            after = out / "filtered" / before.relative_to(source)
            if n_drawn < MOST_PICTURES and io.is_recording(before) and after.exists():
                picture = pictures / f"{before.stem}.png"
                draw_before_after(
                    sigconv.read(before), sigconv.read(after), picture, title=before.name
                )
                print(f"drawn: {picture}")
                n_drawn += 1


def command(*arguments: object) -> int:
    """Run the command line as a user would, showing the command first."""
    words = [str(argument) for argument in arguments]
    print(f"\n$ sigconv {shlex.join(words)}", flush=True)
    return subprocess.run([sys.executable, "-m", "sigconv", *words], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))

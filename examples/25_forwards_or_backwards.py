"""Does a film run forwards or backwards? python 25_forwards_or_backwards.py.

Two short films lie in $SIGCONV_DATA/video. Each is cut into stretches of 16 frames, of which every
third is held out; clips of 8 frames are shown both ways round. In the last shot of the first the
camera glides one way all the time. The parrot of the second nods to and fro: there is nothing to
find, and the network, which learns its training clips by heart, finds nothing.
"""

import os
from pathlib import Path

import av
import numpy as np

from sigconv.nn import TrainingConfig, build_model, evaluate, fit
from sigconv.nn.training import seeded

DATA = Path(os.environ.get("SIGCONV_DATA", "../shared/data")) / "video"
SHOTS = {"nasa_13013.mp4": slice(221, 325), "cockatoo.mp4": slice(None)}
STRETCH, CLIP = 16, 8


def frames(name: str) -> np.ndarray:
    """Return the frames of a film, (n, height, width), small and grey."""
    with av.open(str(DATA / name)) as film:
        small = (f.reformat(40, 24, "gray").to_ndarray() for f in film.decode(video=0))
        return np.stack(list(small)).astype(np.float32)


def both_ways(stretches: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return all clips of all stretches, (n, 1, 8, height, width), and which run backwards."""
    windows = [np.lib.stride_tricks.sliding_window_view(s, CLIP, axis=0) for s in stretches]
    clips = np.moveaxis(np.concatenate(windows), -1, 1)[:, None]
    return np.concatenate([clips, clips[:, :, ::-1]]), np.repeat([0, 1], len(clips))


def scaled(X: np.ndarray) -> np.ndarray:
    """Give each clip mean 0 and deviation 1."""
    axes = (1, 2, 3, 4)
    return (X - X.mean(axes, keepdims=True)) / X.std(axes, keepdims=True)


def main(epochs: int = 30, films: tuple[str, ...] = tuple(SHOTS)) -> dict[str, float]:
    """Return the accuracy on the stretches that are held out, for each film."""
    accuracy = {}
    for name in films:
        film = frames(name)[SHOTS[name]]
        stretches = [film[i : i + STRETCH] for i in range(0, len(film) - STRETCH + 1, STRETCH)]
        X, y = both_ways([s for i, s in enumerate(stretches) if i % 3 != 2])
        model = seeded(0, lambda: build_model("plain_cnn", ndim=3, in_channels=1, num_classes=2))
        fit(model, X, y, TrainingConfig(epochs=epochs, learning_rate=0.005), prepare=scaled)
        for part, (clips, way) in {"seen": (X, y), "unseen": both_ways(stretches[2::3])}.items():
            accuracy[name] = evaluate(model, clips, way, prepare=scaled).accuracy
            print(f"{name}: {accuracy[name]:.2f} of {len(way)} clips that are {part}")
    return accuracy


if __name__ == "__main__":
    main()

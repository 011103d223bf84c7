"""The peers that have to be there, and which versions they are."""

from importlib import metadata
from importlib.util import find_spec

#: Module -> the distribution that brings it, as `setup.cfg` names it.
PEERS = {
    "numpy": "numpy",
    "scipy": "scipy",
    "numba": "numba",
    "torch": "torch",
    "cv2": "opencv-python-headless",
    "skimage": "scikit-image",
    "bottleneck": "bottleneck",
    "numbagg": "numbagg",
    "threadpoolctl": "threadpoolctl",
}


class MissingPeerError(RuntimeError):
    """A peer is not installed: a table without it would flatter us."""


def missing() -> list[str]:
    """Return the distributions whose modules cannot be found."""
    return [name for module, name in PEERS.items() if find_spec(module) is None]


def require() -> None:
    """Raise if a peer is missing."""
    if missing():
        raise MissingPeerError(
            "peers must all be installed, pip install -c constraints.txt -e '.[nn,peers]' brings "
            f"them; got none of {', '.join(missing())}"
        )


def distributions() -> list[str]:
    """Return the names of the installed peers; OpenCV comes under several."""
    providers = metadata.packages_distributions()
    return [
        name if name in providers.get(module, ()) else providers[module][0]
        for module, name in PEERS.items()
    ]

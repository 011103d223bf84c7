"""The peers that have to be there, and which versions they are."""

import shutil
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

#: The same for the suite of filters.
FILTER_PEERS = {
    "numpy": "numpy",
    "scipy": "scipy",
    "numba": "numba",
    "mne": "mne",
    "bottleneck": "bottleneck",
    "pandas": "pandas",
    # to give everybody one thread
    "torch": "torch",
    "cv2": "opencv-python-headless",
    "threadpoolctl": "threadpoolctl",
}

#: The same for the suite of whole runs, and the programs it compares with.
BATCH_PEERS = {
    "numpy": "numpy",
    "scipy": "scipy",
    "numba": "numba",
    "mne": "mne",
    "edfio": "edfio",
    "soundfile": "soundfile",
    "psutil": "psutil",
}
BATCH_PROGRAMS = ("sox",)

#: The same for the suite of networks.
NETWORK_PEERS = {
    "torch": "torch",
    "torchvision": "torchvision",
    "monai": "monai",
    "braindecode": "braindecode",
    "skorch": "skorch",
    # to give everybody as many threads
    "cv2": "opencv-python-headless",
    "threadpoolctl": "threadpoolctl",
}


class MissingPeerError(RuntimeError):
    """A peer is not installed: a table without it would flatter us."""


def missing(peers: dict[str, str] = PEERS) -> list[str]:
    """Return the distributions whose modules cannot be found."""
    return [name for module, name in peers.items() if find_spec(module) is None]


def require(peers: dict[str, str] = PEERS, programs: tuple[str, ...] = ()) -> None:
    """Raise if a peer is missing."""
    if lacking := [name for name in programs if shutil.which(name) is None]:
        raise MissingPeerError(
            f"peers must all be installed, apt install {' '.join(programs)} brings them; got none "
            f"of {', '.join(lacking)}"
        )
    if missing(peers):
        raise MissingPeerError(
            "peers must all be installed, pip install -c constraints.txt -e '.[eeg,nn,oracles]' "
            f"brings them; got none of {', '.join(missing(peers))}"
        )


def distributions(peers: dict[str, str] = PEERS) -> list[str]:
    """Return the names of the installed peers; OpenCV comes under several."""
    providers = metadata.packages_distributions()
    return [
        name if name in providers.get(module, ()) else providers[module][0]
        for module, name in peers.items()
    ]

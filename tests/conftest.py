"""Fixtures that all rooms share."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of real recordings."""
    folder = Path(os.environ.get("SIGCONV_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real recordings are not at {folder}; set SIGCONV_DATA")
    return folder.resolve()

"""Fixtures that all rooms share."""

import os
import tempfile
from pathlib import Path

import pytest

#: Which method is chosen must not hang on how fast this machine once was.
os.environ["SIGCONV_CACHE"] = tempfile.mkdtemp(prefix="sigconv-tests-")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of real recordings."""
    folder = Path(os.environ.get("SIGCONV_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real recordings are not at {folder}; set SIGCONV_DATA")
    return folder.resolve()

"""Fixtures that all rooms share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser
from tests.browser import missing as missing_programs

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


@pytest.fixture(scope="session")
def _one_browser() -> Iterator[Browser]:
    if missing := missing_programs():
        pytest.skip(f"pages are looked at in a real browser; there is no {missing}")
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def browser(_one_browser: Browser) -> Iterator[Browser]:
    """Return a browser; after the test its page must have had no errors."""
    yield _one_browser
    _one_browser.check()

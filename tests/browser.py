"""A page in a real browser: Debian's Chromium without a window, through selenium."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 1200, 900


def missing() -> str:
    """Return what is not there, "" if all is."""
    programs = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return ", ".join(programs)


class Browser:
    """Opens pages from disk, presses and types, and remembers what a page must not do.

    `check` fails if the console has heard of anything, if anything was asked of the network, or if
    a picture could not be shown; the fixture `browser` calls it after each test.
    """

    def __init__(self) -> None:
        from selenium import webdriver

        options = webdriver.ChromeOptions()
        options.binary_location = str(shutil.which("chromium"))
        for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
            options.add_argument(word)
        options.add_argument(f"--window-size={WIDTH},{HEIGHT}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options, service)

    def open(self, path: Path) -> None:
        """Load a page; what an earlier one did is forgotten."""
        self.driver.get("about:blank")
        self.console()
        self.requests()
        self.driver.get(path.absolute().as_uri())

    def texts(self, css: str) -> list[str]:
        """Return what is read in the elements that are seen."""
        return [each.text for each in self.find(css) if each.is_displayed()]

    def find(self, css: str) -> list[Any]:
        """Return elements of selenium's."""
        return self.driver.find_elements("css selector", css)

    def press(self, css: str, number: int = 0) -> None:
        """Press one of the elements."""
        self.find(css)[number].click()

    def type(self, css: str, text: str) -> None:
        """Replace what stands in a field."""
        field = self.find(css)[0]
        field.clear()
        field.send_keys(text)

    def run(self, script: str) -> Any:
        """Return what a script returns."""
        return self.driver.execute_script(script)

    def screenshot(self, path: Path) -> None:
        """Draw the whole page to a PNG file, to look at it."""
        height = self.run("return document.documentElement.scrollHeight")
        self.driver.set_window_size(WIDTH, min(max(height + 150, HEIGHT), 8000))
        self.driver.save_screenshot(str(path))
        self.driver.set_window_size(WIDTH, HEIGHT)

    def console(self) -> list[str]:
        """Return what the console has heard since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Return what was asked of the network since it was last asked."""
        messages = [
            json.loads(each["message"])["message"] for each in self.driver.get_log("performance")
        ]
        sent = [each for each in messages if each["method"] == "Network.requestWillBeSent"]
        urls = [each["params"]["request"]["url"] for each in sent]
        return [url for url in urls if not url.startswith(("file:", "data:", "about:"))]

    def broken_pictures(self) -> list[str]:
        """Return what is seen instead of pictures that cannot be shown."""
        return list(
            self.run(
                "return Promise.all(Array.from(document.images, (image) => image.decode().then("
                "() => null, () => image.alt || image.src.slice(0, 80))))"
                ".then((all) => all.filter((each) => each !== null))"
            )
        )

    def check(self) -> None:
        """Fail if the page did what no page may do."""
        wrong: dict[str, Callable[[], list[str]]] = {
            "console": self.console,
            "network": self.requests,
            "pictures": self.broken_pictures,
        }
        found = {name: ask() for name, ask in wrong.items()}
        assert not any(found.values()), found

    def close(self) -> None:
        """End the browser."""
        self.driver.quit()

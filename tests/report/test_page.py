"""Pages: what they hold, what they escape, and that they work in a real browser from disk."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigconv.report import page
from tests.browser import Browser

EVIL = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=document.title='owned'>",
    "'-alert(1)-'",
    "</title></style></pre></table><h1>owned",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;",
    "]]><!--",
    "line\nbreak\ttab \x00\x1b[31m \udce9 脑电 \u202e",
]

PIXEL = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0"
    b"\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82"
)


class Reader(HTMLParser):
    """Collects the tags and the text of a page as a browser would."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def everywhere(text: str) -> page.Html:
    """Return a page with a text at every place that takes one."""
    return page.document(
        text,
        text,
        page.section(text, text, anchor=text),
        page.folded(text, text),
        page.paragraph(text, page.Number(1, text), page.link(text, text)),
        page.code(text),
        page.items([text]),
        page.facts({text: text}),
        page.table([text, text], [[text, page.Number(2, text)]], search=True),
        page.picture(PIXEL, text, caption=text),
    )


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)


@given(TEXTS | st.sampled_from(EVIL[:-1]))
def test_text_stays_text(text: str) -> None:
    plain, found = Reader(everywhere("plain")), Reader(everywhere(text))
    assert found.tags == plain.tags
    assert [name for name, _ in found.attributes] == [name for name, _ in plain.attributes]
    values = [value for _, value in found.attributes if value != "plain"]
    assert values.count(text) >= 2  # the anchor, what is seen on the picture
    assert found.text.count(text) >= plain.text.count("plain")


def test_what_no_page_may_hold_is_written_out() -> None:
    text = everywhere(EVIL[-1])
    assert r"\x00\x1b[31m \udce9 脑电" in text
    text.encode()


@pytest.mark.parametrize("text", EVIL)
def test_evil_text_is_shown_and_not_run(text: str, tmp_path: Path, browser: Browser) -> None:
    page.save(tmp_path / "p.html", everywhere(text))
    browser.open(tmp_path / "p.html")
    assert browser.driver.title != "owned"
    assert len(browser.find("h1")) == 1
    written = str(page.escape(text)) if "\x00" in text else None
    shown = browser.find("pre")[0].get_property("textContent")
    assert shown == (written or text)
    browser.press("a")
    browser.type("input", "nothing like it")
    assert browser.texts("output") == ["0 of 1"]


def test_markup_that_slips_through_does_nothing(tmp_path: Path, browser: Browser) -> None:
    for evil in EVIL[:3]:
        slipped = page.document("page", page.Html(evil), page.Html("<img src='https://a.b/c.png'>"))
        page.save(tmp_path / "p.html", slipped)
        browser.open(tmp_path / "p.html")
        assert browser.driver.title == "page"
        assert any("Content Security Policy" in line for line in browser.console())
    page.save(tmp_path / "p.html", page.document("page"))
    browser.open(tmp_path / "p.html")


ROWS = [
    ["run-10.edf", page.Number(0.5, "500 ms"), 3, "done"],
    ["run-9.edf", page.Number(1.25, "1.2 s"), -1.5, "failed"],
    ["Über.edf", None, float("inf"), "done"],
    ["a b.edf", page.Number(90, "1.5 min"), float("nan"), None],
    ["A.edf", page.Number(2e-5, "20 us"), 1e-9, "skipped"],
]


def column(browser: Browser, number: int) -> list[str]:
    return browser.texts(f"tbody td:nth-child({number + 1})")


def test_a_table_sorts(tmp_path: Path, browser: Browser) -> None:
    table = page.table(["file", "time", "value", "status"], ROWS)
    page.save(tmp_path / "p.html", page.document("Sorting", table))
    browser.open(tmp_path / "p.html")
    assert browser.find("input") == []
    assert column(browser, 0) == [row[0] for row in ROWS]
    browser.press("th button", 0)
    names = ["A.edf", "a b.edf", "run-9.edf", "run-10.edf", "Über.edf"]
    assert sorted(column(browser, 0)[:2]) == sorted(names[:2])
    assert column(browser, 0)[2:] == names[2:]
    assert browser.find("th")[0].get_attribute("aria-sort") == "ascending"
    browser.press("th button", 1)
    assert column(browser, 1) == ["20 us", "500 ms", "1.2 s", "1.5 min", ""]
    browser.press("th button", 1)  # what is missing stays last
    assert column(browser, 1) == ["1.5 min", "1.2 s", "500 ms", "20 us", ""]
    assert browser.find("th")[0].get_attribute("aria-sort") is None
    assert browser.find("th")[1].get_attribute("aria-sort") == "descending"
    browser.press("th button", 2)
    assert column(browser, 2) == ["-1.5", "1e-09", "3", "inf", "nan"]
    browser.press("th button", 3)
    assert column(browser, 3) == ["done", "done", "failed", "skipped", ""]


def test_a_table_is_searched(tmp_path: Path, browser: Browser) -> None:
    rows = [[f"sub-{i:02}.edf", "Done" if i % 2 else "failed", i] for i in range(1, 31)]
    tables = [page.table(["file", "status", "n"], rows), page.table(["x"], [["sub-01"]])]
    page.save(tmp_path / "p.html", page.document("Searching", *tables))
    browser.open(tmp_path / "p.html")
    assert len(browser.find("input")) == 1
    assert browser.texts("output") == ["30 of 30"]
    browser.type("input", "done SUB-2")
    assert browser.texts("output") == ["5 of 30"]
    assert [text for text in column(browser, 0) if text != "sub-01"] == [
        f"sub-{i}.edf" for i in (21, 23, 25, 27, 29)
    ]
    browser.press("th button", 2)
    browser.press("th button", 2)
    assert column(browser, 2) == ["29", "27", "25", "23", "21"]
    browser.type("input", " ")
    assert browser.texts("output") == ["30 of 30"]


def test_pictures_are_shown(tmp_path: Path, browser: Browser) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 2))
    figure.subplots().plot([1, 2, 3])
    figure.savefig(tmp_path / "a.svg")
    figure.savefig(tmp_path / "a.webp")
    pictures = [
        page.picture(figure, "a line", caption="Drawn", dpi=100),
        page.picture((tmp_path / "a.svg").read_text(), "as vectors"),
        page.picture((tmp_path / "a.webp").read_bytes(), "small"),
        page.picture(PIXEL, "a dot"),
    ]
    page.save(tmp_path / "p.html", page.document("Pictures", *pictures))
    browser.open(tmp_path / "p.html")
    assert browser.broken_pictures() == []
    sizes = browser.run("return Array.from(document.images, (i) => [i.naturalWidth, i.alt])")
    assert sizes[0] == [400, "a line"]
    assert sizes[3] == [1, "a dot"]
    assert browser.texts("figcaption") == ["Drawn"]


def test_folded_parts_open(tmp_path: Path, browser: Browser) -> None:
    page.save(tmp_path / "p.html", page.document("Folded", page.folded("more", page.code("x = 1"))))
    browser.open(tmp_path / "p.html")
    assert browser.texts("pre") == []
    browser.press("summary")
    assert browser.texts("pre") == ["x = 1"]


def test_a_broken_picture_is_found(tmp_path: Path, browser: Browser) -> None:
    page.save(tmp_path / "p.html", page.document("Broken", page.picture(PIXEL[:30], "cut off")))
    browser.open(tmp_path / "p.html")
    with pytest.raises(AssertionError, match="cut off"):
        browser.check()
    browser.open(_empty(tmp_path))


def _empty(folder: Path) -> Path:
    page.save(folder / "empty.html", page.document("Empty"))
    return folder / "empty.html"


def test_nothing_comes_from_outside() -> None:
    text = everywhere("plain")
    assert not re.search(r"(src|href)=\"(?!#|data:)", text)
    assert "http" not in text.replace('http-equiv="Content', "")


def test_bad_parts() -> None:
    with pytest.raises(ValueError, match="rows must have 2 cells each; got 1"):
        page.table(["a", "b"], [["1", "2"], ["3"]])
    with pytest.raises(ValueError, match="image must be a figure, or a PNG, JPEG, WebP, GIF or"):
        page.picture(b"BM1234", "a bitmap")
    with pytest.raises(ValueError, match="level must be a whole number of at least 2; got 1"):
        page.section("x", level=1)


def test_parts_and_none() -> None:
    assert page.document("t", None, "a", None) == page.document("t", "a")
    assert page.paragraph("1 < 2, ", 0.123456789, None, 7) == "<p>1 &lt; 2, 0.12357</p>"

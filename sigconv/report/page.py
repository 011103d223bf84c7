"""Self-contained HTML pages: text, tables that sort and search, pictures; nothing from outside.

Every function returns `Html`, made of parts; whatever else a part is becomes text, escaped. So
names and annotations from files cannot become markup, and should one ever, the page's policy lets
the browser run no script but the page's own and fetch nothing.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import unicodedata
from collections.abc import Mapping, Sequence
from importlib import resources
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import _checks, _files

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Html(str):
    """Markup: text that is not escaped again."""

    __slots__ = ()


class Number(NamedTuple):
    """A cell that is sorted by its value and shows a text, as in Number(0.0123, "12.3 ms")."""

    value: float
    text: str


#: What may stand in a table or between other parts; None is nothing.
Part = Html | Number | str | int | float | None

_NUMBER = ' class="number"'

#: By which a page is known again.
_MARK = '<meta name="generator" content="sigconv">'

#: How pictures are told apart, by their first bytes.
_PICTURES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"RIFF": "image/webp",
    b"GIF8": "image/gif",
    b"<?xml": "image/svg+xml",
    b"<svg": "image/svg+xml",
}


def document(title: str, *parts: Part) -> Html:
    """Return a page.

    Parameters
    ----------
    title : str
        Its heading, and the name of its window.
    *parts : Html or str
        What stands on it, one below the other; a str is a paragraph.

    Returns
    -------
    Html
        For `save`.

    Examples
    --------
    >>> from sigconv.report import page
    >>> text = page.document(
    ...     "Run <1>",
    ...     "Two files were filtered.",
    ...     page.section("Files", page.table(["file", "seconds"], [["a.edf", 1.5], ["b.edf", 2]])),
    ... )
    >>> "<h1>Run &lt;1&gt;</h1>" in text
    True
    """
    files = resources.files(__package__)
    style, script = ((files / f"page.{ending}").read_text("utf-8") for ending in ("css", "js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return Html(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{_MARK}\n<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{_joined(parts)}\n<script>{script}</script>\n</body>\n</html>\n"
    )


def save(path: str | PathLike[str], page: Html) -> None:
    """Write a page, whole or not at all.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv.report import page
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page.save(Path(folder) / "page.html", page.document("Nothing yet"))
    """
    with _files.whole(Path(path)) as target:
        target.write_text(page, encoding="utf-8", newline="\n")


def is_page(path: str | PathLike[str]) -> bool:
    """Return whether a file is a page of this kind, which may be replaced by the next.

    Examples
    --------
    >>> from sigconv.report import page
    >>> page.is_page(__file__)
    False
    """
    with Path(path).open("rb") as file:
        head = file.read(2000)
    return head.startswith(b"<!DOCTYPE html>") and _MARK.encode() in head


def section(title: str, *parts: Part, anchor: str = "", level: int = 2) -> Html:
    """Return a heading with what stands below it; `link` leads to its `anchor`.

    Examples
    --------
    >>> from sigconv.report import page
    >>> print(page.section("a<b", "text", anchor="first"))
    <section id="first">
    <h2>a&lt;b</h2>
    <p>text</p>
    </section>
    """
    place = f' id="{escape(anchor)}"' if anchor else ""
    heading = f"h{_checks.whole('level', level, at_least=2)}"
    title_ = f"<{heading}>{escape(title)}</{heading}>"
    return Html(f"<section{place}>\n{title_}\n{_joined(parts)}\n</section>")


def folded(title: str, *parts: Part) -> Html:
    """Return parts that show when their title is pressed."""
    return Html(f"<details><summary>{escape(title)}</summary>\n{_joined(parts)}\n</details>")


def paragraph(*parts: Part) -> Html:
    """Return parts in one line of text: words, numbers, links."""
    return Html(f"<p>{''.join(map(_inline, parts))}</p>")


def code(text: str) -> Html:
    """Return text as it stands, lines and spaces kept."""
    return Html(f"<pre>\n{escape(text)}</pre>")  # browsers drop a first line end


def items(parts: Sequence[Part]) -> Html:
    """Return a list with a dot before each."""
    return Html("<ul>" + "".join(f"<li>{_inline(part)}</li>" for part in parts) + "</ul>")


def facts(known: Mapping[str, Part]) -> Html:
    """Return names, and what each is, in two columns."""
    rows = (f"<dt>{escape(name)}</dt><dd>{_inline(part)}</dd>" for name, part in known.items())
    return Html("<dl>" + "\n".join(rows) + "</dl>")


def link(text: str, anchor: str) -> Html:
    """Return words that lead to the section with that `anchor` on the same page."""
    return Html(f'<a href="#{escape(anchor)}">{escape(text)}</a>')


def table(
    columns: Sequence[str], rows: Sequence[Sequence[Part]], *, search: bool | None = None
) -> Html:
    """Return a table that is sorted by the column whose heading is pressed.

    Parameters
    ----------
    columns : sequence of str
        The headings.
    rows : sequence of sequences
        Cells: text, numbers (shown with four digits if they are floats), `Number`, `Html` (a link,
        a picture), or None.
    search : bool, optional
        Whether there is a field for words that shows only the rows that hold them all; if not
        given, where there are more than ten rows.

    Raises
    ------
    ValueError
        If a row has another length than `columns`.

    Examples
    --------
    >>> from sigconv.report import page
    >>> rows = [["a.edf", page.Number(1.23456, "1.2 s")], ["b.edf", None]]
    >>> text = page.table(["file", "time"], rows)
    >>> '<td class="number" data-value="1.23456">1.2 s</td>' in text
    True
    """
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"rows must have {len(columns)} cells each; got {len(row)}")
    numeric = [_holds_numbers(row[i] for row in rows) for i in range(len(columns))]
    heads = (
        f'<th scope="col"{_NUMBER * is_number}><button type="button">{escape(name)}</button></th>'
        for name, is_number in zip(columns, numeric, strict=True)
    )
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    field = ""
    if len(rows) > 10 if search is None else search:
        field = (
            '<div class="search"><input type="search" placeholder="search" '
            'aria-label="search"><output></output></div>\n'
        )
    return Html(
        f'<div class="table">\n{field}<div class="scroll"><table>\n<thead><tr>{"".join(heads)}'
        f"</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>\n</div>"
    )


def picture(image: Figure | bytes | str, alt: str, *, caption: str = "", dpi: float = 80) -> Html:
    """Return a picture inside the page.

    Parameters
    ----------
    image : matplotlib Figure, bytes or str
        A figure (drawn without loss, `dpi` dots an inch), or the contents of a PNG, JPEG, WebP, GIF
        or SVG file.
    alt : str
        What is seen on it, for those who do not.
    caption : str
        Text below it.
    dpi : float

    Raises
    ------
    ValueError
        If bytes or text are none of these formats.

    Examples
    --------
    >>> from sigconv.report import page
    >>> svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    >>> page.picture(svg, "nothing")[:37]
    '<figure><img src="data:image/svg+xml;'
    """
    if isinstance(image, (bytes, str)):
        raw = image.encode() if isinstance(image, str) else image
    else:
        stream = io.BytesIO()
        # lines and text in half the bytes of PNG; matplotlib needs what writes it anyway
        image.savefig(stream, format="webp", dpi=dpi, pil_kwargs={"lossless": True})
        raw = stream.getvalue()
    kind = next((kind for head, kind in _PICTURES.items() if raw.startswith(head)), None)
    if kind is None:
        raise ValueError(
            f"image must be a figure, or a PNG, JPEG, WebP, GIF or SVG file; got {raw[:16]!r}"
        )
    # as an image even an SVG runs no script, and its names do not meet those of others
    data = base64.b64encode(raw).decode()
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    source = f"data:{kind};base64,{data}"
    return Html(f'<figure><img src="{source}" alt="{escape(alt)}">{below}</figure>')


def escape(text: object) -> Html:
    r"""Return text as markup that shows it; what no page may hold is written out.

    Examples
    --------
    >>> from sigconv.report import page
    >>> print(page.escape('<b> & "quotes" \x00'))
    &lt;b&gt; &amp; &quot;quotes&quot; \x00
    """
    kept = "".join(
        each
        if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs")
        else each.encode("unicode_escape").decode()
        for each in str(text)
    )
    return Html(html.escape(kept))


def _joined(parts: Sequence[Part]) -> str:
    blocks = (part if isinstance(part, Html) else paragraph(part) for part in parts)
    return "\n".join(block for block, part in zip(blocks, parts, strict=True) if part is not None)


def _inline(part: Part) -> str:
    if isinstance(part, Html):
        return part
    return escape(_text(part))


def _text(part: Any) -> str:
    if part is None:
        return ""
    if isinstance(part, Number):
        return part.text
    return f"{part:.4g}" if isinstance(part, float) else str(part)


def _cell(part: Part) -> str:
    if not _is_number(part):
        return f"<td>{_inline(part)}</td>"
    value = float(part.value if isinstance(part, Number) else part)  # type: ignore[arg-type]
    known = repr(value).replace("inf", "Infinity")  # as JavaScript reads it
    return f'<td{_NUMBER} data-value="{known}">{_inline(part)}</td>'


def _is_number(part: Any) -> bool:
    return isinstance(part, (Number, int, float)) and not isinstance(part, bool)


def _holds_numbers(cells: Any) -> bool:
    there = [cell for cell in cells if cell is not None]
    return bool(there) and all(map(_is_number, there))

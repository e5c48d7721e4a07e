"""The report as a PDF: HTML set by WeasyPrint, in a font that it carries with it, and nothing fetched from anywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from exports.case import Case
from exports.report.chapter import Chapter, chapter
from exports.report.exceptions import Exceptions, Row
from exports.report.programme import Programme
from exports.report.standing import Standing
from exports.wording import Wording
from i18n.dates import digits, ltr, number, show_date, show_short

FOLDER = Path(__file__).parent
PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
"""Of Debian and its children: what WeasyPrint asks of the system."""


class ReportsUnusable(Exception):
    """Reports cannot be set on this machine; `code` says why: `reports_missing` (the extra) or `pango_missing`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ready() -> Any:
    """WeasyPrint, which loads Pango. ReportsUnusable where one of them is not there."""
    try:
        import weasyprint  # noqa: PLC0415 - an extra, and the slowest import there is
    except ImportError:
        raise ReportsUnusable("reports_missing") from None
    except OSError:
        raise ReportsUnusable("pango_missing") from None
    return weasyprint


class Report:
    """The report, filled case by case, then set as a whole."""

    def __init__(self, words: Wording, standing: Standing, told: Callable[[int], None]) -> None:
        self._words, self._standing, self._told = words, standing, told
        self._programme, self._exceptions, self._chapters = Programme(words), Exceptions(words), list[Chapter]()

    def add(self, case: Case) -> None:
        self._programme.add(case)
        self._exceptions.add(case)
        self._chapters.append(chapter(case, self._words))

    def html(self) -> str:
        """The pages before they are set: what is said in them, in the order it is read."""
        kinds, exceptions = self._exceptions.told()
        figures = {**self._programme.figures(), "exceptions": kinds}
        return page_of(self._words, self._standing, figures, self._chapters, exceptions)

    def write(self, file: BinaryIO) -> None:
        weasyprint = ready()
        fetcher = weasyprint.URLFetcher(allowed_protocols=("file",), fail_on_errors=True)
        made = weasyprint.HTML(string=self.html(), base_url=f"{FOLDER.as_uri()}/", url_fetcher=fetcher)
        with _telling(self._told):
            made.write_pdf(file, pdf_variant="pdf/ua-1")


@contextmanager
def report(file: BinaryIO, words: Wording, standing: Standing, told: Callable[[int], None]) -> Iterator[Report]:
    """The report, to be filled; the file holds all of it afterwards. `told` hears the number of each page being set."""
    ready()
    made = Report(words, standing, told)
    yield made
    made.write(file)


class _Pages(logging.Handler):
    """WeasyPrint says its progress in no other way."""

    def __init__(self, told: Callable[[int], None]) -> None:
        super().__init__(logging.INFO)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        if "Page %d" in str(record.msg) and isinstance(record.args, tuple):
            self._told(int(str(record.args[-1])))


@contextmanager
def _telling(told: Callable[[int], None]) -> Iterator[None]:
    progress, pages = logging.getLogger("weasyprint.progress"), _Pages(told)
    level = progress.level
    progress.addHandler(pages)
    progress.setLevel(logging.INFO)
    try:
        yield
    finally:
        progress.setLevel(level)
        progress.removeHandler(pages)


def page_of(
    words: Wording, standing: Standing, figures: dict[str, Any], chapters: Sequence[Chapter],
    exceptions: Mapping[str, Sequence[Row]],
) -> str:  # fmt: skip
    """The whole report as HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - comes with the extra

    setting = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    setting.filters.update({
        "jalali": partial(_shown, show_short, words), "in_words": partial(_shown, show_date, words),
        "figure": partial(number, lang=words.lang), "count": lambda value: digits(str(value), words.lang),
    })  # fmt: skip
    return setting.get_template("report.html").render(
        say=partial(_said, words),
        command=_command,
        lang=words.lang,
        standing=standing,
        figures=figures,
        chapters=chapters,
        exceptions=exceptions,
    )


def _said(words: Wording, key: str, **values: object) -> str:
    return words.say(f"report.{key}", **values)


def _command(words: str) -> str:
    """What is typed, kept on one line and in its own direction."""
    return ltr(f"khoosheh {words}".replace(" ", "\u00a0"))


def _shown(show: Any, words: Wording, day: date) -> str:
    return str(show(day, words.lang))

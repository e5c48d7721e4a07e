"""What came of a rehearsal: one object for programs, and sections worth reading for people, in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from domain.jalali import add_months
from domain.methodology import Methodology
from i18n.dates import Lang, digits, ltr, number, show_short
from rehearsal.figures import Figures, Wait
from rehearsal.rehearsing import Rehearsed
from rehearsal.words import said

BAR = 24
MOST_ROWS = 12
EVERY_MONTHS = 6
DECISIONS = ("approval", "moderation", "gate")
LEVELS = ("", "provincial", "national")
GOOD, BAD = "green", "bold red"


Titles = Callable[[str, str, Lang], str]
"""Kind (stage, role, funnel …) and key → what people call it."""

DutyTitles = Callable[[str, str, Lang], str]
"""Duty and its kind → what people call it."""


class Section(NamedTuple):
    """One table of the report; a cell may be a pair of text and style."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def as_object(r: Rehearsed) -> dict[str, Any]:
    """The report for programs (docs: interfaces, `rehearse`)."""
    figures, course = r.figures, r.course
    clusters = len(r.wanted.rows)
    return {
        "clusters": clusters,
        "months": r.wanted.months,
        "seed": r.wanted.seed,
        "commands": course.commands,
        "facts": course.facts,
        "reminders": figures.reminders,
        "escalations": figures.escalations.total(),
        "rungs": {"fired": figures.fired, "skipped": figures.facts["rung.skipped"], "doubled": figures.doubled},
        "handed_over": len(figures.licences),
        "licensed": r.licensed,
        "refused": len(course.refused),
        "ownerless": len(course.ownerless),
        "stuck": sorted(course.stuck),
        "funnel": course.funnel,
        "history_events": r.history_events,
        "facts_digest": figures.digest,
        "wall_s": round(r.wall_seconds, 1),
        "verify": {"ok": not figures.findings, "entries": figures.entries, "streams": figures.streams},
        "replay": {"ok": r.replayed == clusters, "clusters": r.replayed},
        "on_time": {"on_time": figures.on_time, "late": figures.late},
    }


def is_sound(r: Rehearsed) -> bool:
    """Whether nothing was found that must not be: the exit code says so."""
    figures, course = r.figures, r.course
    whole = not figures.findings and r.replayed == len(r.wanted.rows) and not figures.doubled
    return whole and not course.stuck and not course.ownerless


class Report:
    """The sections for people."""

    def __init__(
        self, rehearsed: Rehearsed, methodology: Methodology, lang: Lang, *, title: Titles, duty_title: DutyTitles
    ) -> None:
        self._r, self._methodology, self._lang = rehearsed, methodology, lang
        self._title, self._duty_title = title, duty_title
        self._names = {row.cluster: row.data[f"name_{lang}"] or row.data["name_fa"] for row in rehearsed.wanted.rows}

    def heading(self) -> Iterator[str]:
        """What was rehearsed, in three lines."""
        r, wanted = self._r, self._r.wanted
        yield self._say("title", clusters=len(wanted.rows), months=wanted.months, start=self._day(wanted.start),
                        end=self._day(add_months(wanted.start, wanted.months)))  # fmt: skip
        yield self._say("made", commands=r.course.commands, facts=r.course.facts,
                        handed_over=len(r.figures.licences), wall=round(r.wall_seconds))  # fmt: skip
        yield self._say("seed", seed=digits(str(wanted.seed), self._lang), digest=self._code(r.figures.digest[:16]))

    def sections(self) -> Iterator[Section]:
        """The tables, the most asked for first; empty ones are left out."""
        figures = self._r.figures
        found = (
            self._funnel(), self._told(figures), self._by_role(figures), self._waits(figures),
            self._licences(figures), self._agents(figures), self._refused(),
        )  # fmt: skip
        yield from (section for section in found if section.rows)

    def proof(self) -> Iterator[tuple[str, str]]:
        """The closing lines, each with its style: what was verified, and what must be zero."""
        figures, course, wanted = self._r.figures, self._r.course, self._r.wanted
        sent = figures.on_time + figures.late
        yield self._say("on_time", share=round(100 * figures.on_time / sent) if sent else 0, sent=sent), ""
        broken, chain = len(figures.findings), "chain_broken" if figures.findings else "chain"
        yield self._say(chain, findings=broken, entries=figures.entries, streams=figures.streams), _style(not broken)
        same = self._say("replay", same=self._r.replayed, clusters=len(wanted.rows))
        yield same, _style(self._r.replayed == len(wanted.rows))
        rungs = self._say("rungs", fired=figures.fired, skipped=figures.facts["rung.skipped"], doubled=figures.doubled)
        yield rungs, _style(not figures.doubled)
        still = self._say("ownerless", ownerless=len(course.ownerless), stuck=len(course.stuck))
        yield still, _style(not course.ownerless and not course.stuck)

    # ---------------------------------------------------------------- the tables

    def _funnel(self) -> Section:
        steps = self._methodology.funnel
        titles = [self._title("funnel", step.key, self._lang) for step in steps]
        heads = (self._say("month"), *titles, self._say("closed"), "")
        months = self._r.course.funnel
        shown = [row for row in months if row["month"] % EVERY_MONTHS == 0 or row is months[-1]]
        rows = [
            (self._n(row["month"]) + "  " + digits(row["jalali"].replace("-", "/"), self._lang),
             *(self._n(row[s.key]) for s in steps), self._n(row["closed"]), self._bar(row))
            for row in shown
        ]  # fmt: skip
        return Section(self._say("funnel"), heads, tuple(rows))

    def _bar(self, row: dict[str, Any]) -> str:
        total = len(self._r.wanted.rows)
        licensed: int = sum(row[step.key] for step in self._methodology.funnel if step.licensed)
        active: int = sum(row[step.key] for step in self._methodology.funnel if step.until_stage)
        full, most = round(BAR * licensed / total), round(BAR * (licensed + active) / total)
        return "█" * full + "▓" * (most - full) + "░" * (BAR - most)

    def _told(self, figures: Figures) -> Section:
        heads = tuple(map(self._say, ("stage", "reminders", "provincial", "national")))
        order = [stage.key for stage in self._methodology.main_track]
        rows = [
            (self._title("stage", stage, self._lang), *(self._n(counts[level]) for level in LEVELS))
            for stage, counts in sorted(figures.by_stage.items(), key=lambda item: order.index(item[0]))
        ]  # fmt: skip
        return Section(self._say("told"), heads, tuple(rows))

    def _by_role(self, figures: Figures) -> Section:
        heads = tuple(map(self._say, ("role", "duties", "mean", "longest")))
        waits: dict[str, list[Wait]] = {}
        for wait in figures.waits:
            waits.setdefault(wait.role, []).append(wait)
        mean = {role: sum(w.days for w in found) / len(found) for role, found in waits.items()}
        rows = [
            (self._title("role", role, self._lang), self._n(len(waits[role])), self._n(round(mean[role])),
             self._n(max(w.days for w in waits[role])))
            for role in sorted(waits, key=lambda role: -mean[role])
        ]  # fmt: skip
        return Section(self._say("by_role"), heads, tuple(rows))

    def _waits(self, figures: Figures) -> Section:
        heads = (*map(self._say, ("days", "role", "for_what", "cluster")), "")
        lang = self._lang
        rows = [
            (self._n(w.days), self._title("role", w.role, lang), self._duty_title(_subject(w), w.kind, lang),
             self._names.get(w.cluster, w.cluster), self._say("still") if w.is_open else "")
            for w in figures.waits[:MOST_ROWS]
        ]  # fmt: skip
        return Section(self._say("waits"), heads, tuple(rows))

    def _licences(self, figures: Figures) -> Section:
        heads = tuple(map(self._say, ("on", "cluster", "number")))
        rows = [(self._day(one.on), self._names.get(one.cluster, one.cluster), self._code(one.number))
                for one in figures.licences]  # fmt: skip
        return Section(self._say("licences"), heads, tuple(rows))

    def _agents(self, figures: Figures) -> Section:
        busiest = sorted(figures.most_load.items(), key=lambda item: (-item[1], item[0]))[:MOST_ROWS]
        rows = [(self._code(agent), self._n(led), "▪" * led) for agent, led in busiest]
        return Section(self._say("agents"), (self._say("agent"), self._say("led"), ""), tuple(rows))

    def _refused(self) -> Section:
        counts = Counter((one["type"], one["code"], one["field"]) for one in self._r.course.refused)
        rows = [(self._code(kind), self._code(f"{code} {field}".strip()), self._n(times))
                for (kind, code, field), times in counts.most_common(MOST_ROWS)]  # fmt: skip
        return Section(self._say("refused"), tuple(map(self._say, ("command", "code", "times"))), tuple(rows))

    # ---------------------------------------------------------------- words and figures

    def _say(self, key: str, **values: int | str) -> str:
        shown = {name: self._n(value) if isinstance(value, int) else value for name, value in values.items()}
        return said(key, self._lang, **shown)

    def _n(self, value: int) -> str:
        return number(value, self._lang)

    def _day(self, day: date) -> str:
        return show_short(day, self._lang)

    def _code(self, code: str) -> str:
        return ltr(code) if self._lang == "fa" else code


def _subject(wait: Wait) -> str:
    """The duty, or for a decision what is decided about."""
    return wait.duty.partition(":")[0] if wait.kind in DECISIONS else wait.duty


def _style(good: object) -> str:
    return GOOD if good else BAD


def progress_words(lang: Lang, month: int, handed_over: int, facts: int) -> str:
    """What the bar says while the years pass."""
    shown: Sequence[str] = [number(value, lang) for value in (month, handed_over, facts)]
    return said("running", lang, month=shown[0], handed_over=shown[1], facts=shown[2])

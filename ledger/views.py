"""The port of readers: what pages and command lines ask of the rows derived from the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Protocol

Viewed = Mapping[str, Any]
"""One view row by column name; the columns are those of the view's table."""


class Views(Protocol):
    """Derived rows, each with the seq it stands on. A filter that is None passes all, an empty one none."""

    def portfolio(
        self,
        *,
        clusters: Collection[str] | None = None,
        provinces: Collection[str] | None = None,
        stage: str | None = None,
        state: str | None = None,
        agent: str | None = None,
        role: str | None = None,
        person: str | None = None,
        due_before: date | None = None,
        rehearsal: bool | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Viewed]:
        """Clusters by id; `role` and `person` are those the cluster waits for."""

    def duties(
        self,
        *,
        stream: str | None = None,
        provinces: Collection[str] | None = None,
        role: str | None = None,
        person: str | None = None,
        overdue_on: date | None = None,
        until: date | None = None,
        limit: int | None = None,
    ) -> list[Viewed]:
        """Open duties by due day; `role` and `person` own the duty or are waited for.

        `overdue_on`: due before that day. `until`: due on that day or before.
        """

    def notices(
        self,
        *,
        stream: str | None = None,
        role: str | None = None,
        person: str | None = None,
        since: str | None = None,
        limit: int | None = None,
    ) -> list[Viewed]:
        """Newest first; `since` is a moment as text, included."""

    def people(self, *, person: str | None = None, role: str | None = None, on: date | None = None) -> list[Viewed]:
        """Grants of roles; `on`: those in force that day."""

    def bodies(self, *, body: str | None = None) -> list[Viewed]: ...

    def agents(self, *, agent: str | None = None, province: str | None = None) -> list[Viewed]: ...

    def assignments(self, *, agent: str | None = None, cluster: str | None = None) -> list[Viewed]: ...

    def refusals(self, *, cluster: str | None = None, limit: int | None = None) -> list[Viewed]:
        """Newest first."""

"""What operators may search by: codes only, never a person's name, as these columns are encrypted nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate, TypedSearchAttributes

from domain.cluster import Cluster
from domain.waiting import search_attributes

KEYS: tuple[SearchAttributeKey[Any], ...] = (
    SearchAttributeKey.for_keyword("KhProgramme"),
    SearchAttributeKey.for_keyword("KhProvince"),
    SearchAttributeKey.for_keyword("KhStage"),
    SearchAttributeKey.for_keyword("KhAgent"),
    SearchAttributeKey.for_keyword("KhWaitingOn"),
    SearchAttributeKey.for_int("KhEscalated"),
    SearchAttributeKey.for_datetime("KhNextDue"),
)


def changed(cluster: Cluster, today: date, shown: dict[str, Any]) -> Sequence[SearchAttributeUpdate[Any]]:
    """What must be shown anew; `shown` then says what is shown."""
    wanted = search_attributes(cluster, today)
    updates: list[SearchAttributeUpdate[Any]] = []
    for key in KEYS:
        value = wanted.get(key.name) or None
        if shown.get(key.name) != value:
            updates.append(key.value_unset() if value is None else key.value_set(value))
            shown[key.name] = value
    return updates


def shown_in(attributes: TypedSearchAttributes) -> dict[str, Any]:
    """What the chapter before left to be seen."""
    return {key.name: value for key in KEYS if (value := attributes.get(key)) is not None}

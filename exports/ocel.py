"""The facts as an object-centric event log: OCEL 2.0 in JSON (https://www.ocel-standard.org, version 2.0 of 2023).

An event is one sealed fact; its time is when it was recorded, which is the order the ledger vouches for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import orjson

from exports.case import Case
from exports.objects import TYPES, Named, belongs_to, named_by
from exports.wording import Wording

ATTRIBUTES = (
    ("seq", "integer"), ("title", "string"), ("occurred_at", "time"), ("role", "string"), ("cause", "string"),
    ("command", "string"), ("digest", "string"),
)  # fmt: skip
"""What every event says besides its objects."""

OBJECT_ATTRIBUTES = {
    "cluster": ("name_fa", "name_en", "product", "county", "stage", "state"), "province": ("title",),
    "duty": ("title", "owner"), "deliverable": ("title",), "gate": ("title",), "stage": ("title",), "body": ("title",),
}  # fmt: skip
EARLIEST = "1970-01-01T00:00:00Z"
"""The format gives each attribute a moment it holds from; ours hold throughout."""


class EventLog:
    """The events go to the file as they come; the objects, which they name, stand behind them."""

    def __init__(self, file: BinaryIO, wording: Wording) -> None:
        self._file, self._wording = file, wording
        self._objects: dict[str, dict[str, Any]] = {}
        self._types: set[str] = set()
        self._opened: dict[str, dict[str, Any]] = {}  # of the case in hand
        self._events = 0
        file.write(b'{"events":[')

    def add(self, case: Case) -> None:
        cluster, profile = case.cluster, case.cluster.profile
        kinds = frozenset(cluster.methodology.deliverable_by_key)
        self._opened = {
            sealed.entry["data"]["duty"]: sealed.entry["data"]
            for sealed in case.entries if sealed.entry["type"] == "duty.opened"
        }  # fmt: skip
        for entry, digest in case.entries:
            parts = list(dict.fromkeys(named_by(entry, cluster.id, profile.province if profile else "")))
            for one in parts:
                self._know(one, case, kinds)
            self._write(entry, digest, parts)

    def finish(self) -> None:
        """The objects and the types of both are in the file."""
        event_types = [{"name": name, "attributes": _declared(ATTRIBUTES)} for name in sorted(self._types)]
        object_types = [
            {"name": name, "attributes": _declared((key, "string") for key in OBJECT_ATTRIBUTES.get(name, ()))}
            for name in TYPES
        ]
        rest = {"objects": list(self._objects.values()), "eventTypes": event_types, "objectTypes": object_types}
        self._file.write(b"]," + orjson.dumps(rest)[1:])

    def _write(self, entry: dict[str, Any], digest: str, parts: list[Named]) -> None:
        self._types.add(entry["type"])
        said = {
            "seq": entry["seq"], "title": self._wording.say(f"event.{entry['type']}"),
            "occurred_at": entry["occurred_at"], "role": entry["actor"]["role"], "cause": entry["cause"]["kind"],
            "command": entry["command"]["id"], "digest": digest,
        }  # fmt: skip
        event = {
            # Numbered so that equal times sort as they were sealed.
            "id": f"{entry['stream']}#{entry['seq']:07}", "type": entry["type"], "time": entry["recorded_at"],
            "attributes": [{"name": name, "value": value} for name, value in said.items()],
            "relationships": [{"objectId": one.id, "qualifier": one.part} for one in parts],
        }  # fmt: skip
        self._file.write((b",\n" if self._events else b"\n") + orjson.dumps(event))
        self._events += 1

    def _know(self, one: Named, case: Case, kinds: frozenset[str]) -> None:
        if one.id in self._objects:
            return
        values = self._values(one, case)
        known: dict[str, Any] = {"id": one.id, "type": one.type}
        known["attributes"] = [
            {"name": key, "time": EARLIEST, "value": values[key]} for key in OBJECT_ATTRIBUTES.get(one.type, ())
        ]
        owners = list(belongs_to(one, case.cluster.id, kinds))
        known["relationships"] = [{"objectId": id, "qualifier": how} for id, how in owners]
        self._objects[one.id] = known
        for id, _ in owners:
            kind, _, _ = id.partition("/")
            self._know(Named(id, kind, ""), case, kinds)

    def _values(self, one: Named, case: Case) -> dict[str, str]:
        cluster, words, key = case.cluster, self._wording, one.id.rpartition("/")[2]
        if one.type == "cluster":
            known = cluster.profile.model_dump() if cluster.profile else {}
            return {**dict.fromkeys(OBJECT_ATTRIBUTES["cluster"], ""), **known,
                    "stage": cluster.stage, "state": cluster.state}  # fmt: skip
        if one.type == "duty":
            opened = self._opened.get(key, {})
            return {"title": words.duty(key, opened.get("kind", "")), "owner": opened.get("owner", "")}
        if one.type == "province":
            return {"title": words.place(key)}
        return {"title": words.title("role" if one.type == "body" else one.type, key)}


@contextmanager
def event_log(file: BinaryIO, wording: Wording) -> Iterator[EventLog]:
    """The log, to be filled; the file holds all of it afterwards."""
    made = EventLog(file, wording)
    yield made
    made.finish()


def _declared(attributes: Any) -> list[dict[str, str]]:
    return [{"name": name, "type": type} for name, type in attributes]

"""Who may not do what, recomputed from the entries alone (docs: ledger format §17): nobody judges their own work.

It knows nothing of what the programme enforces; that both agree is what a check of the record shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ledger.log_keys import EPOCH_BEGAN

Entry = Mapping[str, Any]
Broken = Iterable[tuple[str, str]]
"""Rules that an entry breaks, each with the person who broke it."""

_CLUSTERS = "cluster/"
_SERVICE = "svc:"
_JUDGING = frozenset(
    ("deliverable.approved", "deliverable.returned", "vote.cast", "gate.decided", "gate.condition_waived",
     "evaluation.scored", "evaluation.moderated", "finding.closed", "extension.decided")
)  # fmt: skip


class Segregation:
    """Told entry by entry, in the order of the log. `text` gives the methodology of a digest, or LookupError."""

    def __init__(self, text: Callable[[str], bytes]) -> None:
        self._text = text
        self._clusters: dict[str, _Cluster] = {}
        self._approved: dict[str, frozenset[str]] = {}

    def take(self, entry: Entry) -> list[tuple[str, str]]:
        """The rules this entry breaks. Data that lack what a rule reads break none: they are no facts of ours."""
        kind, stream, broken = entry["type"], entry["stream"], list[tuple[str, str]]()
        if kind == EPOCH_BEGAN:
            return list(_one_person(entry))
        if kind not in _RULES or not stream.startswith(_CLUSTERS):
            return []
        cluster = self._clusters.get(stream)
        if cluster is None:
            cluster = self._clusters[stream] = _Cluster(self._names_approver)
        try:
            # One by one: what was found before the data turned out to lack something stays found.
            for rule in cluster.take(kind, entry, entry["data"]):
                broken.append(rule)
        except (KeyError, TypeError, AttributeError):
            pass
        return broken

    def _names_approver(self, digest: str, deliverable: str) -> bool:
        if digest not in self._approved:
            self._approved[digest] = _approved_in(self._text, digest)
        return deliverable in self._approved[digest]


class _Cluster:
    """What of one cluster's entries a rule may ask for later."""

    def __init__(self, names_approver: Callable[[str, str], bool]) -> None:
        self.names_approver = names_approver
        self.authors: dict[str, set[str]] = {}
        self.raters: dict[str, set[str]] = {}
        self.sent_by: dict[str, str] = {}
        self.duties: dict[str, tuple[str, str, str]] = {}
        self.voters: dict[str, set[str]] = {}
        self.members: dict[str, list[str]] = {}
        self.answered: dict[int, set[str]] = {}
        self.asked: set[str] = set()
        self.led: set[str] = set()

    def take(self, kind: str, entry: Entry, told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        actor = entry["actor"]
        persons = {actor["id"], actor["on_behalf_of"]} if "on_behalf_of" in actor else {actor["id"]}
        if kind in _JUDGING and self._is_of_people(kind, entry, told):
            yield from (("service_decided", person) for person in sorted(persons) if person.startswith(_SERVICE))
        yield from _RULES[kind](self, entry, told, persons)

    def is_sent_with(self, entry: Entry, told: Mapping[str, Any]) -> bool:
        """Whether one command sent this work and had it accepted."""
        sent_by: bool = self.sent_by.get(told["duty"]) == entry["command"]["id"]
        return sent_by

    def _is_of_people(self, kind: str, entry: Entry, told: Mapping[str, Any]) -> bool:
        if kind == "gate.decided":
            return bool(told["role"] != "engine")
        return kind != "deliverable.approved" or not self.is_sent_with(entry, told)


def _both(rule: str, persons: set[str], barred: Iterable[str]) -> Broken:
    return [(rule, person) for person in sorted(persons.intersection(barred))]


def _submitted(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    c.authors[told["duty"]] = persons | c.raters.get(told["duty"], set())
    c.sent_by[told["duty"]] = entry["command"]["id"]
    return ()


def _approved(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    if not c.is_sent_with(entry, told):
        return _both("own_work", persons, c.authors.get(told["duty"], ()))
    if c.names_approver(entry["methodology"]["digest"], told["deliverable"]):
        return [("unasked_approval", entry["actor"]["id"])]
    return ()


def _returned(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del entry
    c.raters.pop(told["duty"], None)
    return _both("own_work", persons, c.authors.get(told["duty"], ()))


def _opened(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del entry, persons
    c.duties[told["duty"]] = (told["kind"], told["ref"], told["owner"])
    c.voters.pop(told["duty"], None)
    return ()


def _seated(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del entry, persons
    c.members[told["body"]] = told["members"]
    for duty in [duty for duty in c.voters if c.duties[duty][2] == told["body"]]:
        del c.voters[duty]
    return ()


def _voted(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    kind, ref, owner = c.duties.get(told["duty"], ("", "", ""))
    person, voters = entry["actor"]["id"], c.voters.setdefault(told["duty"], set())
    broken = list(_both("own_work", persons, c.authors.get(ref, ()) if kind == "approval" else ()))
    broken += _both("own_request", persons, c.asked if kind == "extension" else ())
    broken += [("vote_by_proxy", person)] if "on_behalf_of" in entry["actor"] else []
    broken += [("not_seated", person)] if person not in c.members.get(owner, ()) else []
    broken += [("second_vote", person)] if person in voters else []
    voters.add(person)
    return broken


def _asked(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del entry, told
    c.asked = persons
    return ()


def _extended(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del entry, told
    return _both("own_request", persons, c.asked)


def _leads(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del persons
    c.led.add(told["agent" if entry["type"] == "agent.assigned" else "person"])
    return ()


def _scored(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del entry
    raters = c.raters.get(told["duty"], set())
    c.raters[told["duty"]] = raters | persons
    return [*_both("own_cluster", persons, c.led), *_both("second_score", persons, raters)]


def _moderated(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del entry
    return _both("own_score", persons, c.raters.get(told["duty"], ()))


def _answered(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del entry
    c.answered[told["finding"]] = persons
    return ()


def _closed(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del entry
    return _both("own_answer", persons, c.answered.get(told["finding"], ()))


def _nothing(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del c, entry, told, persons
    return ()


def _recovered(c: _Cluster, entry: Entry, told: Mapping[str, Any], persons: set[str]) -> Broken:
    del c, entry
    return _both("one_person", persons, (told["second"],))


_RULES: Mapping[str, Callable[[_Cluster, Entry, Mapping[str, Any], set[str]], Broken]] = {
    "deliverable.submitted": _submitted, "deliverable.approved": _approved, "deliverable.returned": _returned,
    "duty.opened": _opened, "body.seated": _seated, "vote.cast": _voted,
    "extension.asked": _asked, "extension.decided": _extended,
    "agent.assigned": _leads, "agent.interim_named": _leads,
    "evaluation.scored": _scored, "evaluation.moderated": _moderated,
    "finding.answered": _answered, "finding.closed": _closed,
    "gate.decided": _nothing, "gate.condition_waived": _nothing, "cluster.recovered": _recovered,
}  # fmt: skip


def _one_person(entry: Entry) -> Broken:
    signed = entry["data"].get("signed_by")
    named = [one for one in signed if isinstance(one, str) and one] if isinstance(signed, list) else []
    if len(named) == len(set(named)) == 2 == len(signed):
        return ()
    return [("one_person", named[0] if named else entry["actor"]["id"])]


def _approved_in(text: Callable[[str], bytes], digest: str) -> frozenset[str]:
    """The deliverables that somebody must approve by the methodology of that digest; none when it is not at hand."""
    try:
        stages = json.loads(text(digest))["methodology"]["stages"]
        return frozenset(one["key"] for stage in stages for one in stage.get("deliverables", ()) if one.get("approver"))
    except (LookupError, ValueError, TypeError, AttributeError):
        return frozenset()

"""The event log, read by pm4py (AGPL), which discovers a model from it. Runs in its environment."""

import json
import sys
from collections import Counter
from pathlib import Path

import pm4py


def check_read(log, written):
    """Every event, every object that an event names, and every relation is there with its type and part."""
    events, objects = written["events"], {one["id"]: one for one in written["objects"]}
    for cluster in {event["id"].partition("#")[0] for event in events}:
        sealed = [event["id"] for event in events if event["id"].startswith(f"{cluster}#")]
        assert [id for id in log.events["ocel:eid"] if id.startswith(f"{cluster}#")] == sealed, "another order"
    assert sorted(log.events["ocel:activity"]) == sorted(event["type"] for event in events)
    assert set(log.objects["ocel:oid"]) <= set(objects)
    assert set(log.objects["ocel:oid"]) >= {link["objectId"] for event in events for link in event["relationships"]}
    assert len(log.relations) == sum(len(event["relationships"]) for event in events)
    assert set(log.relations["ocel:qualifier"]) == {
        link["qualifier"] for event in events for link in event["relationships"]
    }
    assert all(objects[row["ocel:oid"]]["type"] == row["ocel:type"] for _, row in log.objects.iterrows())
    return f"{len(log.events)} events, {len(log.objects)} objects of {log.objects['ocel:type'].nunique()} types"


def check_model(log):
    """What a deliverable, a gate and a tranche go through, found from the events alone."""
    found = pm4py.discover_ocdfg(log)["edges"]["event_couples"]
    steps = {kind: Counter({pair: len(events) for pair, events in edges.items()}) for kind, edges in found.items()}
    duty, gate = steps["duty"], steps["gate"]
    assert duty["duty.closed", "deliverable.submitted"] + duty["duty.opened", "deliverable.submitted"]
    assert duty["deliverable.submitted", "deliverable.approved"] > 50
    assert duty["deliverable.returned", "duty.opened"], "what is sent back is owed anew"
    assert not duty["duty.opened", "deliverable.approved"], "approved, though nothing was sent"
    assert not duty["deliverable.returned", "deliverable.approved"], "approved, though it was sent back"
    assert gate["gate.asked", "gate.decided"]
    for kind in ("duty", "gate"):
        shown = ", ".join(f"{a} → {b} ({n})" for (a, b), n in steps.get(kind, Counter()).most_common(6))
        print(f"  {kind}: {shown}")
    net = pm4py.discover_oc_petri_net(pm4py.filter_ocel_object_types(log, ["duty", "gate"]))
    nets = {kind: (len(one.places), len(one.transitions)) for kind, (one, _, _) in net["petri_nets"].items()}
    assert set(nets) == {"duty", "gate"}
    return ", ".join(f"{kind}: {places} places, {moves} transitions" for kind, (places, moves) in nets.items())


def main(folder):
    path = folder / "ocel.json"
    log, written = pm4py.read_ocel2_json(str(path)), json.loads(path.read_text(encoding="utf-8"))
    print("pm4py reads:", check_read(log, written))
    print("pm4py discovers a net,", check_model(log))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

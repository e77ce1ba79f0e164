#!/usr/bin/env python3
"""Imported intel in, written again, and read by the reference libraries.

usage: round_trip.py HANDPRINT PYTHON WORK [--tlp MARK] INTEL...

PYTHON is an interpreter with `stix2 pymisp` (a virtual environment outside the
checkout); WORK is a folder for the cases; INTEL are files or folders. Prints
for each document what it held, counted here from the original and not by
Handprint, what was kept, what was lost by reason, and what the libraries read
of what was written. Exits 1 if a number does not add up, a document does not
parse, or an object that is kept says something else than the original.
"""

import argparse
import collections
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

# stix2 and pymisp, in the interpreter that has them: counts of what they read.
READ = r"""
import json, sys, warnings, logging
warnings.simplefilter("ignore"); logging.disable(logging.CRITICAL)
import stix2
from pymisp import MISPEvent, MISPGalaxy, MISPGalaxyCluster, MISPWarninglist
for line in sys.stdin:
    standard, path = line.rstrip("\n").split("\t")
    held = json.load(open(path))
    read, wrong = 0, []
    def one(make):
        global read
        try: read += make()
        except Exception as error: wrong.append(f"{type(error).__name__}: {error}"[:160])
    if standard == "stix":
        one(lambda: len(getattr(stix2.parse(json.dumps(held), allow_custom=True), "objects", [])))
    elif standard == "misp-event":
        def load(event):
            made = MISPEvent(); made.from_dict(**event["Event"])
            return 1 + len(made.attributes) + len(made.objects) + sum(len(o.attributes) for o in made.objects) + len(made.event_reports)
        for event in held["response"] if "response" in held else [held]:
            one(lambda: load(event))
    elif standard == "misp-galaxy":
        def load(cluster):
            made = MISPGalaxyCluster()
            meta = [{"key": k, "value": str(v)} for k, vs in cluster.get("meta", {}).items() for v in (vs if isinstance(vs, list) else [vs])]
            made.from_dict(**{k: v for k, v in cluster.items() if k not in ("meta", "related")}, type=held.get("type", "x"), GalaxyElement=meta)
            return made.value == cluster["value"]
        for cluster in held["values"]: one(lambda: load(cluster))
    else:
        def load():
            made = MISPWarninglist(); made.from_dict(**{"Warninglist": {**{k: v for k, v in held.items() if k != "list"},
                "WarninglistEntry": [{"value": v} for v in held["list"]]}})
            return len(made.to_dict().get("WarninglistEntry", []))
        one(load)
    print(json.dumps([read, wrong[:3], len(wrong)]), flush=True)
"""


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("handprint"), arguments.add_argument("python"), arguments.add_argument("work", type=Path)
    arguments.add_argument("--tlp", default="amber"), arguments.add_argument("intel", nargs="+", type=Path)
    given = arguments.parse_args()
    intel, case = given.work / "intel", given.work / "case"
    for folder in (intel, case, given.work / "evidence"):
        shutil.rmtree(folder, ignore_errors=True)
    (given.work / "evidence").mkdir(parents=True), intel.mkdir()
    (given.work / "evidence" / "note.txt").write_text("No evidence: a case for intel alone.\n")
    for path in given.intel:
        (shutil.copytree if path.is_dir() else shutil.copy)(path, intel / path.name)
    run = [given.handprint, "investigate", given.work / "evidence", "--intel", intel, "--case", case]
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run = [given.handprint, "publish", case, "--tlp", given.tlp, "--imported"]
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sys.exit(1 if report(given.python, intel, case / "products") else 0)


def report(python, intel, products):
    originals = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in intel.rglob("*") if path.is_file()}
    documents = json.loads((products / "imported.json").read_text())["documents"]
    libraries = subprocess.Popen([python, "-c", READ], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    totals, failed = collections.defaultdict(collections.Counter), False
    for document in documents:
        name, standard, tally = document["name"], document["standard"], document.get("tally")
        if tally is None:
            print(f"{name}: {document['failed']}")
            failed = True
            continue
        libraries.stdin.write(f"{standard.removeprefix('list.')}\t{products / document['product']}\n")
        libraries.stdin.flush()
        read, wrong, errors = json.loads(libraries.stdout.readline())
        lost = sum(tally["lost"].values())
        if standard.startswith("list."):
            # A list has no objects to compare: its values become objects, with more around them.
            held, differ = tally["read"], 0
            bad = held != tally["kept"] + lost or read < tally["kept"]
        else:
            before, after = load(originals[document["sha256"]]), load(products / document["product"])
            held, differ = count(standard, before), differing(standard, before, after)
            bad = (held != tally["kept"] + lost or count(standard, after) != tally["kept"]
                   or read != tally["kept"] or differ)
        failed |= bool(bad)
        totals[standard] += collections.Counter(
            documents=1, held=held, kept=tally["kept"], lost=lost, read=read, errors=errors, differ=differ)
        failed |= errors > 0
        if bad or errors or standard != "warninglist":
            print(f"{name}: in {held}, kept {tally['kept']}, lost {lost} {tally['lost'] or ''}, "
                  f"read again {read}, saying something else {differ}; changed {tally['changed'] or 0}; "
                  f"trimmed {tally['trimmed'] or 0}{f'; LIBRARY: {errors} {wrong}' if errors else ''}")
    for standard, total in sorted(totals.items()):
        print(f"{standard}: {dict(total)}")
    listed = {document["sha256"] for document in documents}
    for digest, path in sorted(originals.items(), key=lambda item: item[1]):
        if digest not in listed and path.suffix in (".json", ".gz"):
            print(f"{path.relative_to(intel)}: not taken for intel of these standards: {unread(path)}")
    return failed


def load(path):
    opened = gzip.open if path.suffix == ".gz" else open
    return json.load(opened(path))


def unread(path):
    try:
        held = load(path)
        return "JSON, " + (", ".join(list(held)[:4]) if isinstance(held, dict) else "a list")
    except ValueError as error:
        return f"no JSON ({error})"


def events(held):
    if isinstance(held, list):
        return [event for one in held for event in events(one)]
    return [held["Event"]] if "Event" in held else events(held.get("response", []))


def things(standard, held):
    """What a document holds, each with a name by which it is found again."""
    if standard == "stix":
        for one in held.get("objects", []) if isinstance(held, dict) else held:
            yield ("object", one.get("id"), one.get("modified")), one
    elif standard == "misp-event":
        for event in events(held):
            yield ("event", event.get("uuid")), {key: event.get(key) for key in ("info", "date", "uuid", "Tag", "timestamp")}
            for report in event.get("EventReport", []):
                yield ("report", report.get("uuid")), report
            for holder in [event, *event.get("Object", [])]:
                if holder is not event:
                    yield ("object", holder.get("uuid")), {key: holder.get(key) for key in ("name", "uuid", "comment")}
                for one in holder.get("Attribute", []):
                    yield ("attribute", one.get("uuid"), one.get("value")), one
    elif standard == "misp-galaxy":
        for one in held["values"]:
            yield ("cluster", one.get("uuid"), one.get("value")), one
    else:
        for one in held["list"]:
            yield ("entry", one), one


def count(standard, held):
    return sum(1 for _ in things(standard, held))


# What Handprint takes off or brings to another version, and counts.
CHANGED = {"spec_version", "pattern_type", "labels", "indicator_types", "threat_actor_types", "malware_types", "tool_types",
           "report_types", "x_mitre_contributors", "authors", "contact_information", "ShadowAttribute", "RelatedAttribute", "Sighting"}


def differing(standard, before, after):
    """How many things are written otherwise than they came in."""
    bare = lambda one: {k: v for k, v in one.items() if k not in CHANGED} if isinstance(one, dict) else one
    were = collections.defaultdict(list)
    for name, one in things(standard, before):
        were[name].append(bare(one))
    return sum(bare(one) not in were[name] for name, one in things(standard, after))


if __name__ == "__main__":
    main()

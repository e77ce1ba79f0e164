#!/usr/bin/env python3
"""How fast STIX comes in, and what one value in very many events does to a run.

usage: intel_rates.py stix HANDPRINT PYTHON WORK BUNDLE.json.gz [FACTOR]
       intel_rates.py shared HANDPRINT WORK [EVENTS [one]]

`stix`: objects a second of `handprint ingest`, from the file to tables, beside
`stix2.parse` of the same bundle (PYTHON has `stix2`) and `json.loads` alone, in
one run; FACTOR repeats the bundle's objects under new ids. `shared`: a case of
one log line with two addresses, and feeds that hold one of them in EVENTS
events (MISP, a static feed of files of 10,000) and EVENTS lines (CSV), beside
the same case with feeds in which every value is another, left out with `one`.
"""

import gzip
import json
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

PARSE = r"""
import json, sys, time, warnings
warnings.simplefilter("ignore")
import stix2
text = open(sys.argv[1]).read()
begun = time.monotonic(); held = json.loads(text); plain = time.monotonic() - begun
begun = time.monotonic(); parsed = stix2.parse(text, allow_custom=True); took = time.monotonic() - begun
print(json.dumps([len(parsed.objects), plain, took]))
"""


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def run(handprint, verb, evidence, intel, case, *more):
    begun = time.monotonic()
    command = ["/usr/bin/env", "time", "-f", "%M", handprint, verb, evidence, "--intel", intel, "--case", case, *more]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return time.monotonic() - begun, int(done.stderr.strip().splitlines()[-1]) / 1024


def sql(handprint, case, query):
    done = subprocess.run([handprint, "sql", case, query, "--format", "csv"], capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[1:]


def stix(handprint, python, work, bundle, factor=1):
    work = fresh(Path(work))
    held = json.loads(gzip.open(bundle).read() if bundle.endswith(".gz") else open(bundle).read())
    objects = list(held["objects"])
    for copy in range(1, int(factor)):
        new = lambda text: text[:-12] + f"{copy:012x}" if isinstance(text, str) and "--" in text and len(text) < 80 else text
        for one in held["objects"]:
            objects.append({key: new(value) if key == "id" or key.endswith("_ref") else value for key, value in one.items()})
    (work / "evidence").mkdir(), (work / "intel").mkdir()
    (work / "evidence/note.txt").write_text("A case for intel alone.\n")
    path = work / "intel/bundle.json"
    path.write_text(json.dumps({**held, "objects": objects}))
    size = path.stat().st_size / 1e6
    number, plain, took = json.loads(subprocess.run([python, "-c", PARSE, path], capture_output=True, text=True, check=True).stdout)
    (work / "empty").mkdir()
    idle, _ = run(handprint, "ingest", work / "evidence", work / "empty", work / "case-0")
    ours, peak = run(handprint, "ingest", work / "evidence", work / "intel", work / "case-1")
    rows = sql(handprint, work / "case-1", "SELECT count(*) FROM imported_objects")[0]
    print(f"{number:,} objects, {size:.0f} MB; rows of imported_objects {rows}")
    print(f"handprint ingest {ours:.2f} s, {ours - idle:.2f} s more than without the bundle: {number / (ours - idle):,.0f} objects/s, peak {peak:.0f} MiB")
    print(f"stix2.parse {took:.2f} s: {number / took:,.0f} objects/s; ours {took / (ours - idle):.1f} times; json.loads alone {plain:.2f} s")


def shared(handprint, work, events=1_000_000, only=""):
    events, work = int(events), fresh(Path(work))
    (work / "evidence/weblogs/site").mkdir(parents=True)
    log = '{0} - - [11/May/2026:09:00:00 +0000] "GET /a HTTP/1.1" 200 12 "-" "Agent"\n'
    (work / "evidence/weblogs/site/access.log").write_text(log.format("192.0.2.7") + log.format("192.0.2.8"))
    for name, value in (("one value", lambda n: "192.0.2.7"), ("values apart", lambda n: f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}")):
        if only and name != "one value":
            continue
        intel = fresh(work / "intel")
        for start in range(0, events, 10_000):
            with open(intel / f"events-{start}.json", "w") as file:
                json.dump({"response": [event(n, value(n)) for n in range(start, min(start + 10_000, events))]}, file)
        with open(intel / "list.csv", "w") as file:
            file.write("indicator,type,actor,first_seen,last_seen\n")
            file.writelines(f"{value(n)},ip,Actor {n % 9},2026-05-01,\n" for n in range(events))
        took, peak = run(handprint, "investigate", work / "evidence", intel, work / f"case-{name[0]}")
        rows = sql(handprint, work / f"case-{name[0]}", "SELECT count(*) AS n, min(why) AS why FROM intel_matches")
        links = sql(handprint, work / f"case-{name[0]}", "SELECT count(*) FROM links")
        product = (work / f"case-{name[0]}/products/findings.json").stat().st_size
        print(f"{name} in {events:,} events and {events:,} lines: {took:.1f} s, peak {peak:.0f} MiB, "
              f"matches {rows[0][:200]}, links {links[0]}, findings.json {product:,} bytes")


def event(n, value):
    attribute = {"uuid": str(uuid.UUID(int=n + (1 << 80))), "type": "ip-dst", "value": value, "to_ids": True, "timestamp": "1777600000"}
    return {"Event": {"uuid": str(uuid.UUID(int=n)), "info": f"Heron {n % 9}: servers", "date": "2026-05-01", "Orgc": {"name": f"Lab {n % 7}"}, "Attribute": [attribute]}}


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in ("stix", "shared"):
        sys.exit(__doc__)
    (stix if sys.argv[1] == "stix" else shared)(*sys.argv[2:])

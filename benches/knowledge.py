#!/usr/bin/env python3
"""Load time, memory and look-ups of a knowledge base, beside DuckDB on the same files.

    python3 benches/knowledge.py PROGRAM [INDICATORS [OBSERVABLES]]      (10,000,000 and 1,000,000)

`PROGRAM` is a release build of `handprint`. Two feeds are made from a seed: CSV lists of addresses, domains, URLs and
digests, the second a tenth as long and half of it taken from the first. Looked up are OBSERVABLES values with their
kinds, one in a hundred of them known, and then as many as there are that all are known. One value has 5,000 statements
in the first feed, of which one line must be left. Nothing is asserted. DuckDB (the Python package) is left out where
it is not installed.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACTORS = ["Paper Gull", "Salt Heron", "Slow Tern", ""]
HEAD = "indicator,type,actor,first_seen,last_seen,confidence,description\n"


def value(rng, number):
    match number % 4:
        case 0:
            return "ip", f"{rng.randrange(1, 224)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        case 1:
            return "domain", f"h{rng.getrandbits(44):x}.example"
        case 2:
            return "url", f"http://h{rng.getrandbits(40):x}.example/p{rng.randrange(1000)}"
        case _:
            return "sha256", f"{rng.getrandbits(256):064x}"


def line(rng, kind, text, number):
    actor, month, day = ACTORS[rng.randrange(4)], rng.randrange(1, 13), rng.randrange(1, 28)
    return f"{text},{kind},{actor},2030-{month:02d}-{day:02d},,{rng.randrange(101)},list {number % 97}\n"


def feeds(folder, indicators):
    """Writes both feeds and gives a sample of what the first holds."""
    rng = random.Random(7)
    kept = []
    with open(folder / "first.csv", "w") as first, open(folder / "second.csv", "w") as second:
        first.write(HEAD)
        second.write(HEAD)
        for number in range(indicators):
            kind, text = value(rng, number)
            first.write(line(rng, kind, text, number))
            if number % 20 == 0:
                second.write(line(rng, kind, text, number))
                second.write(line(rng, *value(rng, number + 1), number))
            if number % 10 == 3:
                kept.append((kind, text))
        for number in range(5_000):
            first.write(line(rng, "ip", "192.0.2.7", number))
    return kept


def run(command, **options):
    """Seconds, and peak memory of the largest child so far in MiB."""
    began = time.perf_counter()
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode:
        sys.exit(done.stderr)
    seconds = time.perf_counter() - began
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, done


def row(what, figure, beside=""):
    print(f"{what:<56} {figure:>26}  {beside}", flush=True)


def look_up(program, folder, environment, what, values):
    asked = folder / "asked.tsv"
    asked.write_text("".join(f"{kind}\t{text}\n" for kind, text in values))
    with open(asked) as given, open(folder / "told", "w") as told:
        seconds, _, done = run([program, "kb", "search", folder / "kb", "-"], stdin=given, stdout=told, env=environment)
    row(f"{len(values):,} look-ups, {what}", f"{len(values) / seconds:,.0f} /s", done.stderr.strip().splitlines()[-1])
    row("  lines told", f"{sum(1 for _ in open(folder / 'told')):,}")


def duckdb_beside(folder):
    try:
        import duckdb
    except ImportError:
        return row("DuckDB", "left out", "not installed")
    began = time.perf_counter()
    base = duckdb.connect(str(folder / "duck.db"))
    base.execute(f"CREATE TABLE known AS SELECT * FROM read_csv('{folder}/first.csv') ORDER BY type, indicator")
    row("DuckDB: first feed to a sorted table", f"{time.perf_counter() - began:,.1f} s")
    began = time.perf_counter()
    columns = "columns={'kind': 'VARCHAR', 'value': 'VARCHAR'}, delim='\t', header=false"
    found = base.execute(
        f"SELECT count(*) FROM read_csv('{folder}/asked.tsv', {columns}) a JOIN known k ON k.type = a.kind AND k.indicator = a.value"
    ).fetchone()
    row("DuckDB: the same join, counted", f"{time.perf_counter() - began:,.2f} s", f"{found[0]:,} found")


def main():
    program = Path(sys.argv[1]).resolve()
    indicators, observables = (int(word) for word in (sys.argv[2:] + ["10000000", "1000000"][len(sys.argv) - 2:])[:2])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {"XDG_CONFIG_HOME": str(folder / "config")}
        kept = feeds(folder, indicators)
        for feed, source in (("first.csv", "First"), ("second.csv", "Second")):
            command = [program, "kb", "add", folder / "kb", folder / feed, "--source", source, "--date", "2031-01-01"]
            seconds, peak, _ = run(command, stdout=subprocess.DEVNULL, env=environment)
            size = (folder / feed).stat().st_size / 1e6
            row(f"{feed}, {size:,.0f} MB, frozen and indexed", f"{seconds:,.1f} s", f"peak memory so far {peak:,.0f} MiB")
        rng = random.Random(11)
        known = rng.sample(kept, min(len(kept), observables // 100)) + [("ip", "192.0.2.7")]
        unknown = [("domain", f"q{rng.getrandbits(50):x}.example") for _ in range(observables - len(known))]
        look_up(program, folder, environment, "one in a hundred known", known + unknown)
        duckdb_beside(folder)
        look_up(program, folder, environment, "all known", kept[:observables])


if __name__ == "__main__":
    main()

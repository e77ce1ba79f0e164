#!/usr/bin/env python3
"""Times the grouping of generated mails, stage by stage, with the peak memory of each.

    python3 benches/mail_groups.py PROGRAM COUNT...

Nine mails in ten are alike in one of 200 templates with names, addresses and numbers
filled in, half of the templates with a sentence changed here and there; the tenth says
what no other says. Everything is invented. Prints one line a stage, and the growth
from one count to the next.
"""

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = ("river harbour window letter station garden winter morning council paper bridge copper market signal "
         "ribbon lantern meadow castle saddle timber orchard pepper velvet marble thunder pocket ladder kettle").split()
NAMES = ["Ada Muster", "Bo Sample", "Cleo Beispiel", "Dan Testman", "Eve Example", "Finn Probe"]


def sentence(source):
    return " ".join(source.choice(WORDS) for _ in range(9)).capitalize() + "."


def body(source, templates):
    if source.random() < 0.1:
        return " ".join(sentence(source) for _ in range(8))
    number = source.randrange(len(templates))
    sentences = list(templates[number])
    if number % 2 and source.random() < 0.3:
        sentences[source.randrange(len(sentences))] = sentence(source)
    return f"Dear {source.choice(NAMES)} at {source.randrange(999)} Sample Road,\n\n" + " ".join(sentences)


def write(path, count):
    source = random.Random(7)
    templates = [[sentence(source) for _ in range(8)] for _ in range(200)]
    with open(path, "w", encoding="ascii") as box:
        for n in range(count):
            house = source.randrange(50)
            box.write(
                f"From x@h{house}.test Tue May  5 08:00:00 2026\nReturn-Path: <x@h{house}.test>\n"
                f"Received: from m.h{house}.test (m.h{house}.test [192.0.2.{house}])\n\tby mx.agency.example (Postfix) "
                f"with ESMTP id {n:010X}; Tue, 05 May 2026 08:00:00 +0000\n"
                f"From: Sender {house} <x@h{house}.test>\nTo: r{n}@agency.example\nSubject: Notice {n}\n"
                f"Date: Tue, 05 May 2026 08:00:00 +0000\nMessage-ID: <{n}@h{house}.test>\n\n{body(source, templates)}\n\n")


def run(arguments):
    began = time.monotonic()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    program, before = sys.argv[1], {}
    for count in map(int, sys.argv[2:]):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "evidence").mkdir()
            write(Path(folder) / "evidence" / "all.mbox", count)
            case = f"{folder}/case"
            stages = [("ingest", [program, "ingest", f"{folder}/evidence", "--case", case])]
            stages += [(stage, [program, stage, case]) for stage in ("extract", "enrich", "correlate")]
            for stage, arguments in stages:
                seconds, peak = run(arguments)
                growth = f", {seconds / before[stage][1] / (count / before[stage][0]):.2f} of linear" if stage in before else ""
                print(f"{count} mails, {stage}: {seconds:.1f} s, {count / seconds:.0f}/s, peak so far {peak:.0f} MiB{growth}")
                before[stage] = (count, seconds)
            found = "SELECT count(*) AS groups, sum(messages) AS mails FROM mail_groups"
            print(subprocess.run([program, "sql", case, found, "--format", "csv"], capture_output=True, text=True).stdout.strip())


main()

#!/usr/bin/env python3
"""Speed and memory on web logs beside ripgrep, GoAccess and DuckDB, and what a watch costs.

    python3 benches/weblogs.py speed PROGRAM [MEGABYTES]      one log, all programs, in one run (1,000 MB)
    python3 benches/weblogs.py memory PROGRAM MEGABYTES...    peak memory of ingest and of findings, per size
    python3 benches/weblogs.py watch PROGRAM [LINES_A_SECOND] processor time of a watch (10,000, for 30 s)
    python3 benches/weblogs.py replay PROGRAM FOLDER TRUTH [SPEED]   a site's logs written anew at that many times
                                                              their speed (1,000): share of records that had left
    python3 benches/weblogs.py classify PROGRAM CLASSIFY      rules alone: queries a second, plain and odd

`PROGRAM` is a release build of `handprint`; `CLASSIFY` is `target/release/examples/classify`. Peers are used where
they are installed (`rg`, `goaccess`, the Python package `duckdb`). The log is made anew from a seed: 20,000 visitors of
a site with a look-up, a scan and a walk of 8,000 records among them. `FOLDER` holds the logs of one site of a case of
the range, `TRUTH` is its truth file.
"""

import datetime
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.3 Mobile/15E148",
    "Mozilla/5.0 (X11; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0",
    "Mozilla/5.0 (compatible; Examplebot/2.1; +http://bot.example/)",
]
PAGES = ["/", "/news/", "/opening-hours", "/style.css", "/logo.png", "/forms/absentee.pdf", "/polling-places?town=12"]
SITE = "Site: https://votes.example.test/ (a site made for measuring)\nLook-up page: /voter/status parameter id\n"
PATTERN = r'^(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d+) (\d+|-) "([^"]*)" "([^"]*)"'
DAYS = [f"{day:02d}/Feb/2025" for day in range(1, 29)]


def lines(size):
    """Lines of a combined log in the order of time, until they have that many bytes."""
    rng = random.Random(5)
    visitors = [(f"{rng.choice((192, 198, 203))}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}", rng.choice(AGENTS))
                for _ in range(20_000)]
    rate = size / 240 / (28 * 86_400)
    made, second, walked = 0, 0.0, 0
    while made < size:
        second += rng.expovariate(rate)
        whole = int(second)
        stamp = f"{DAYS[whole // 86_400 % 28]}:{whole // 3600 % 24:02d}:{whole // 60 % 60:02d}:{whole % 60:02d} +0000"
        draw = rng.random()
        address, agent = visitors[int(draw * 1e9) % 20_000]
        referer, size_sent = "https://votes.example.test/", 500 + int(draw * 9_000)
        if draw < 0.2:
            target, status = f"/voter/status?id={20_000_000 + int(draw * 5e6 * 70) % 1_000_000}", 200 if draw < 0.18 else 404
        elif draw < 0.2 + 8_000 * 240 / size and second > 6 * 86_400 and walked < 8_000:
            walked += 1
            address, agent, referer = f"203.0.113.{walked // 500}", "python-requests/2.31.0", "-"
            target, status = f"/voter/status?id={20_300_000 + walked}", 200
        else:
            target, status = PAGES[int(draw * 1e6) % len(PAGES)], 200 if draw < 0.97 else 304
        line = f'{address} - - [{stamp}] "GET {target} HTTP/1.1" {status} {size_sent} "{referer}" "{agent}"\n'
        made += len(line)
        yield line


def make(folder, megabytes):
    site = folder / "evidence/weblogs/votes"
    site.mkdir(parents=True)
    (site / "SITE.md").write_text(SITE)
    with (site / "access.log").open("w") as file:
        file.writelines(lines(megabytes * 10**6))
    return site / "access.log"


def timed(command, **options):
    """Seconds, and peak memory in MB of the largest of its processes."""
    began = time.perf_counter()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options)
    return time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def ours(program, verb, folder, threads):
    case = folder / "case"
    shutil.rmtree(case, ignore_errors=True)
    environment = os.environ | {"XDG_CONFIG_HOME": str(folder / "config")}
    command = [program, verb, folder / "evidence", "--case", case, "--by-reference", "--threads", threads]
    began = time.perf_counter()
    peak = subprocess.run(["/usr/bin/time", "-f", "%M", *map(str, command)], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, env=environment).stderr.strip().split("\n")[-1]
    return time.perf_counter() - began, int(peak) / 1024, case


def duckdb_seconds(log, out, threads):
    import duckdb

    link = duckdb.connect()
    link.execute(f"SET threads = {threads}")
    names = "['ip', 'time', 'method', 'target', 'status', 'bytes', 'referer', 'agent']"
    read = f"read_csv('{log}', columns={{'line': 'VARCHAR'}}, delim='\\x01', quote='', escape='', header=false)"
    pattern = PATTERN.replace("'", "''")
    fields = f"SELECT unnest(regexp_extract(line, '{pattern}', {names})) FROM {read}"
    began = time.perf_counter()
    link.execute(f"SELECT count(*) FROM {read} WHERE regexp_extract(line, '{pattern}', 4) LIKE '/voter%'").fetchall()
    one = time.perf_counter() - began
    began = time.perf_counter()
    link.execute(f"COPY ({fields}) TO '{out}' (FORMAT parquet)")
    return one, time.perf_counter() - began


def speed(program, megabytes):
    with tempfile.TemporaryDirectory(prefix="handprint-weblogs-") as work:
        folder = Path(work)
        log = make(folder, megabytes)
        size = log.stat().st_size / 1e6
        print(f"{size:,.0f} MB of combined log, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        timed(["wc", "-l", log])
        row = lambda what, seconds, more="": print(f"{what:44} {seconds:8.2f} s {size / seconds:8,.0f} MB/s  {more}", flush=True)
        for threads in ("1", "2"):
            if shutil.which("rg"):
                row(f"rg -c, {threads} thread(s)", timed(["rg", "-c", "-j", threads, "voter/status[?]id=2030", log])[0])
        goaccess = None
        if shutil.which("goaccess"):
            goaccess = timed(["goaccess", log, "--log-format=COMBINED", "--no-global-config", "--no-progress", "-o",
                              folder / "report.json"])[0]
            row("goaccess", goaccess)
        duck = {}
        for threads in ("1", "2"):
            try:
                one, written = duckdb_seconds(log, folder / "duck.parquet", threads)
            except ImportError:
                print("duckdb is not installed")
                break
            duck[threads] = written
            row(f"duckdb, one regex, {threads} thread(s)", one)
            row(f"duckdb, fields to Parquet, {threads} thread(s)", written)
        for threads in ("1", "2"):
            for verb, what in (("ingest", "to tables"), ("investigate", "to findings and report")):
                seconds, peak, _ = ours(program, verb, folder, threads)
                beside = f"; {duck[threads] / seconds:.1f} x duckdb (Parquet)" if threads in duck else ""
                beside += f"; {goaccess / seconds:.1f} x goaccess" if goaccess else ""
                row(f"handprint, {what}, {threads} thread(s)", seconds, f"peak {peak:,.0f} MB{beside}")


def memory(program, sizes):
    for megabytes in sizes:
        with tempfile.TemporaryDirectory(prefix="handprint-weblogs-") as work:
            folder = Path(work)
            make(folder, megabytes)
            for verb in ("ingest", "investigate"):
                seconds, peak, _ = ours(program, verb, folder, "2")
                print(f"{megabytes:>6} MB, {verb:12} {seconds:8.1f} s  peak of the largest process {peak:,.0f} MB", flush=True)


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watch(program, rate):
    with tempfile.TemporaryDirectory(prefix="handprint-weblogs-") as work:
        site = Path(work) / "votes"
        site.mkdir()
        (site / "SITE.md").write_text(SITE)
        source = lines(rate * 45 * 240)
        seconds = 30
        with (site / "access.log").open("w") as log, (Path(work) / "alarms").open("w+") as alarms:
            process = subprocess.Popen([program, "watch", str(site)], stdout=alarms, stderr=subprocess.DEVNULL)
            time.sleep(2)
            before, began = processor_seconds(process.pid), time.perf_counter()
            for turn in range(seconds * 10):
                log.writelines(next(source) for _ in range(rate // 10))
                log.flush()
                time.sleep(max(0, began + (turn + 1) / 10 - time.perf_counter()))
            time.sleep(2)
            spent = processor_seconds(process.pid) - before
            peak = next(line for line in Path(f"/proc/{process.pid}/status").read_text().split("\n") if line.startswith("VmHWM"))
            process.terminate()
            alarms.seek(0)
            count = len(alarms.readlines())
        print(f"{rate:,} lines/s for {seconds} s: {spent:.2f} s of processor, {100 * spent / seconds:.1f} % of one core; "
              f"{count} alarms; {' '.join(peak.split())}")


STAMPS = [(re.compile(r"^(\d{4}-\d\d-\d\d)[ T\t](\d\d:\d\d:\d\d)"), "%Y-%m-%d %H:%M:%S"),
          (re.compile(r"\[(\d\d/\w{3}/\d{4}):(\d\d:\d\d:\d\d)"), "%d/%b/%Y %H:%M:%S")]


def stamped(folder):
    """Lines of the logs of a folder with their times and files, in order; a directive goes with the line after it."""
    found = []
    for path in sorted(folder.iterdir()):
        waiting = ""
        for line in path.open(encoding="utf-8", errors="surrogateescape") if path.suffix == ".log" else []:
            hit = next(((match, form) for pattern, form in STAMPS if (match := pattern.search(line))), None)
            if hit is None:
                waiting += line
                continue
            time_of = datetime.datetime.strptime(f"{hit[0][1]} {hit[0][2]}", hit[1]).timestamp()
            found.append((time_of, path.name, waiting + line))
            waiting = ""
    return sorted(found, key=lambda row: row[0])


def replay(program, folder, truth, speed):
    """Ends at the first alarm of a walk, or when one record in ten has left."""
    site = folder.name
    reads = [read for read in truth["records_read"] if read["site"] == site]
    walks = [walk for walk in truth["web_sessions"] if walk["site"] == site and walk["phase"] == "scrape"]
    walkers = {address for walk in walks for address in walk["ips"]}
    records = {identifier for read in reads for identifier in read["ids"]}
    asks = re.compile("(?:" + "|".join({re.escape(read["param"]) for read in reads}) + r")=([^&\s]+)")
    rows = stamped(folder)
    with tempfile.TemporaryDirectory(prefix="handprint-weblogs-") as work:
        logs, alarms = Path(work) / site, Path(work) / "alarms"
        logs.mkdir()
        for note in folder.glob("*.md"):
            shutil.copy(note, logs)
        with alarms.open("w") as out:
            process = subprocess.Popen([program, "watch", str(logs), "--every", "20"], stdout=out, stderr=subprocess.DEVNULL)
        files = {name: (logs / name).open("a", encoding="utf-8", errors="surrogateescape", buffering=1) for _, name, _ in rows}
        began, left, told, late = time.perf_counter(), set(), {}, 0.0
        for stamp, name, line in rows:
            due = began + (stamp - rows[0][0]) / speed
            time.sleep(max(0, due - time.perf_counter()))
            late = max(late, time.perf_counter() - due)
            files[name].write(line)
            asked = asks.search(line)
            if asked and asked[1] in records and not walkers.isdisjoint(line.split()):
                left.add(asked[1])
            for alarm in map(json.loads, alarms.read_text().splitlines()[len(told):]):
                told[len(told)] = alarm["phase"]
                share = 100 * len(left) / len(records)
                print(f"{alarm['phase']:8} {alarm['time']} told when {len(left)} of {len(records)} records ({share:.2f} %) "
                      f"had left: {alarm['why']}", flush=True)
            if "scrape" in told.values() or len(left) * 10 > len(records):
                break
        process.terminate()
        print(f"{site} at {speed:,.0f} times its speed; lines were written at most {late * 1000:.0f} ms late")


def classify(program):
    plain = [f"GET\t/voter/status\tid={20_000_000 + at}\tMozilla/5.0 (X11)\thttps://votes.example.test/\n" for at in range(1_000_000)]
    odd = [f"GET\t/search\tlast=O%27Hara{at}&next=/a/b{at}&t=12:30\tMozilla/5.0 (X11)\thttps://votes.example.test/\n" for at in range(100_000)]
    empty = min(timed_input(program, []) for _ in range(3))
    print(f"rules loaded in {empty:.2f} s")
    for what, requests in (("plain queries", plain), ("queries that the rules look at", odd)):
        seconds = timed_input(program, requests) - empty
        print(f"{what:32} {len(requests) / seconds:12,.0f} /s")


def timed_input(program, requests):
    began = time.perf_counter()
    subprocess.run([program], input="".join(requests), text=True, check=True, stdout=subprocess.PIPE)
    return time.perf_counter() - began


def main():
    verbs = {"speed": 3, "memory": 4, "watch": 3, "replay": 5, "classify": 4}
    if len(sys.argv) < 3 or len(sys.argv) < verbs.get(sys.argv[1], 99):
        raise SystemExit(__doc__)
    verb, program, *rest = sys.argv[1:]
    if verb == "speed":
        speed(program, int(rest[0]) if rest else 1_000)
    elif verb == "memory":
        memory(program, list(map(int, rest)))
    elif verb == "watch":
        watch(program, int(rest[0]) if rest else 10_000)
    elif verb == "replay":
        replay(program, Path(rest[0]), json.loads(Path(rest[1]).read_text()), float(rest[2]) if len(rest) > 2 else 1_000)
    else:
        classify(rest[0] if rest else program)


main()

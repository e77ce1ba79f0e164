#!/usr/bin/env python3
"""Pairs that share within a window: ours beside the figures of the published tool.

usage: coordination.py PROGRAM [SHARES.csv.gz]

PROGRAM is target/release/examples/published_method (`cargo build --release -p
coordination --example published_method`). SHARES holds object_id, account_id,
content_id, timestamp_share; without it ../shared/real/coordination is used.
Prints pair rows, accounts, objects and edges with the milliseconds taken, and
those of a plain Python of the same method in the same run. The published
figures are those of CooRTweet on its own russian_coord_tweets.
"""

import csv
import gzip
import io
import pathlib
import subprocess
import sys
import time
from collections import Counter, defaultdict

PUBLISHED = {60: (3791, 2110, 502, 3721), 10: (447, 525, 170, 442), 600: (38172, 3736, 1139, 36620)}


def plain(rows, window, least=2):
    active = Counter(row["account_id"] for row in rows)
    objects = defaultdict(list)
    for row in rows:
        if active[row["account_id"]] >= least:
            objects[row["object_id"]].append((float(row["timestamp_share"]), row["account_id"], row["content_id"]))
    pairs = []
    for name, shares in objects.items():
        shares.sort()
        first = 0
        for at, later in enumerate(shares):
            while later[0] - shares[first][0] > window:
                first += 1
            pairs += [(name, earlier, later) for earlier in shares[first:at] if earlier[1] != later[1]]
    posts = {share[2] for pair in pairs for share in pair[1:]}
    often = Counter(row["account_id"] for row in rows if row["content_id"] in posts)
    kept = {row["content_id"] for row in rows if row["content_id"] in posts and often[row["account_id"]] >= least}
    return [pair for pair in pairs if pair[1][2] in kept or pair[2][2] in kept]


def figures(pairs):
    accounts = {share[1] for pair in pairs for share in pair[1:]}
    edges = {frozenset((a[1], b[1])) for _, a, b in pairs}
    return len(pairs), len(accounts), len({name for name, _, _ in pairs}), len(edges)


def main():
    default = pathlib.Path(__file__).resolve().parents[2] / "shared/real/coordination/russian_coord_tweets.csv.gz"
    path = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else default
    if not path.exists():
        sys.exit(f"left out: no {path}")
    text = gzip.open(path, "rt", encoding="utf-8").read()
    rows = list(csv.DictReader(io.StringIO(text)))
    command = [sys.argv[1], *map(str, PUBLISHED)]
    ours = subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.PIPE).stdout.splitlines()
    print(ours[0])
    for window, line in zip(PUBLISHED, ours[1:]):
        *found, took = map(int, line.split()[1:])
        began = time.perf_counter()
        beside = figures(plain(rows, window))
        milliseconds = (time.perf_counter() - began) * 1000
        same = "as published" if tuple(found) == PUBLISHED[window] else f"published {PUBLISHED[window]}"
        print(f"{window:>4} s  {found} {same}; {took} ms beside {milliseconds:.0f} ms in Python, which finds {beside}")
    print(ours[-1])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()

#!/usr/bin/env python3
"""Campaigns of ATT&CK whose attribution is hidden: which group, and how sure.

usage: attack_groups.py PROGRAM BUNDLE.json.gz

PROGRAM is `target/release/examples/attack_groups` (`cargo build --release -p
findings --example attack_groups`). Prints top-1 and top-3 with Wilson
intervals of 95 % beside Jaccard over techniques, and how probabilities and hits
agree with bootstrap intervals (10,000 draws, seed 1), once on the bundle as it
is and once without relationships of groups that only the hidden campaign's own
references support.
"""

import gzip
import json
import math
import random
import subprocess
import sys


def wilson(hits, n, z=1.96):
    middle, half = (hits + z * z / 2) / (n + z * z), z / (n + z * z) * math.sqrt(hits * (n - hits) / n + z * z / 4)
    return f"{hits}/{n} = {hits / n:.2f} [{middle - half:.2f}, {middle + half:.2f}]"


def bootstrap(rows, figure, draws=10_000):
    dice = random.Random(1)
    drawn = sorted(figure(dice.choices(rows, k=len(rows))) for _ in range(draws))
    return f"{figure(rows):.3f} [{drawn[draws // 40]:.3f}, {drawn[-draws // 40]:.3f}]"


mean = lambda values: sum(values) / len(values)
hit = lambda row: row["rank"] == 1


def main(program, path):
    bundle = gzip.open(path).read()
    for name, more in (("as it is", []), ("without what only the campaign's references support", ["apart"])):
        run = subprocess.run([program, *more], input=bundle, stdout=subprocess.PIPE, check=True)
        rows = [json.loads(line) for line in run.stdout.splitlines()]
        n, groups = len(rows), rows[0]["groups"]
        print(f"== {name}: {n} campaigns, {groups} groups")
        for which, key in (("base rates", "rank"), ("Jaccard over techniques", "jaccard")):
            top = lambda k: wilson(sum((row[key] or groups) <= k for row in rows), n)
            print(f"{which}: top-1 {top(1)}, top-3 {top(3)}, top-10 {top(10)}")
        print(f"first named with probability {bootstrap(rows, lambda some: mean([row['probability'] for row in some]))}, "
              f"right in {bootstrap(rows, lambda some: mean([hit(row) for row in some]))}; "
              f"difference {bootstrap(rows, lambda some: mean([row['probability'] - hit(row) for row in some]))}")
        print(f"Brier score of the first named {bootstrap(rows, lambda some: mean([(row['probability'] - hit(row)) ** 2 for row in some]))}")
        for low, high in ((0, .25), (.25, .5), (.5, .75), (.75, .95), (.95, 1.01)):
            some = [row for row in rows if low <= row["probability"] < high]
            if some:
                print(f"  from {low:.2f} to {min(high, 1):.2f}: {len(some)} campaigns, mean {mean([row['probability'] for row in some]):.2f}, "
                      f"right {wilson(sum(map(hit, some)), len(some))}")
        print("  reuse learnt, mean over campaigns: " + ", ".join(
            f"{kind} {mean([row['reuse'].get(kind, 0) for row in rows]):.2f}" for kind in sorted(rows[0]["reuse"])))
        for row in rows:
            print(f"    {row['campaign'][:48]:48} traits {row['traits']:3}  rank {row['rank'] or '-':>4}  Jaccard {row['jaccard']:4}  "
                  f"{row['probability']:.2f} for {row['first']}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])

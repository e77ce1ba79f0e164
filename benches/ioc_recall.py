#!/usr/bin/env python3
"""Recall of the observable scanner on reports that come with a MISP event.

usage: ioc_recall.py PROGRAM [FOLDER]

PROGRAM is target/release/examples/observables. FOLDER holds one folder per
report, each with texts and MISP events (*.json) that name the same values;
without it the folder ../shared/real/ioc/eset is used, and where that is
missing too the bench is skipped. A value counts as named if the text, with
common defanged spellings undone, holds it between word boundaries. Prints
recall per kind and every miss.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys

KINDS = {
    "md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512", "ip-dst": "ip", "ip-src": "ip", "domain": "domain",
    "hostname": "domain", "url": "url", "email-src": "email", "email-dst": "email", "btc": "wallet", "vulnerability": "cve",
    "filename": "filename",
}
COMPOSITES = {"domain|ip": ("domain", "ip"), "filename|sha1": ("filename", "sha1"), "filename|md5": ("filename", "md5"),
              "filename|sha256": ("filename", "sha256")}
# MISP has one type for names and paths of files, and events call hosts URLs.
STANDINS = {"filename": ("windows-path", "unix-path")}
HOST_ALONE = re.compile(r"^(?:[a-z0-9+.-]+://)?[^/?#:]+(?::[0-9]+)?/?$")


def attributes(node):
    """All attributes of an event or of a list of events, objects included."""
    if isinstance(node, list):
        for item in node:
            yield from attributes(item)
    elif isinstance(node, dict):
        if "type" in node and "value" in node and isinstance(node["value"], str):
            yield node["type"], node["value"]
        for item in node.values():
            if isinstance(item, (list, dict)):
                yield from attributes(item)


def named(events):
    for path in events:
        for kind, value in attributes(json.loads(path.read_text(encoding="utf-8"))):
            if kind in COMPOSITES and "|" in value:
                for part, piece in zip(COMPOSITES[kind], value.split("|")):
                    yield part, piece.strip()
            elif kind == "url" and HOST_ALONE.match(undone(value)):
                host = re.sub(r"^[a-z0-9+.-]+://|:[0-9]+/?$|/$", "", undone(value.strip()))
                yield ("ip" if re.fullmatch(r"[0-9.]+", host) else "domain"), host
            elif kind in KINDS:
                yield KINDS[kind], value.strip()


def undone(text):
    for spelling, meant in (("[.]", "."), ("(.)", "."), ("{.}", "."), ("[:]", ":"), ("[at]", "@"), ("[@]", "@")):
        text = text.replace(spelling, meant)
    return re.sub("hxxp", "http", text, flags=re.I).lower()


def key(kind, value):
    value = undone(value)
    if kind == "url":
        value = re.sub(r"^[a-z0-9+.-]+://", "", value).rstrip("/")
    if kind == "ip":
        value = value.split("|")[0]
    if kind in ("domain", "ip"):
        value = re.sub(r":[0-9]+$", "", value)
    return value.rstrip(".")


def main():
    program = sys.argv[1]
    shared = pathlib.Path(__file__).resolve().parents[2] / "shared/real/ioc/eset"
    root = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else shared
    if not root.is_dir():
        print("skipped: no ../shared")
        return
    counts, misses, folders = collections.Counter(), [], 0
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        texts = sorted(path for path in folder.rglob("*") if path.suffix in (".adoc", ".txt", ".md"))
        events = sorted(folder.rglob("*.json"))
        if not texts or not events:
            continue
        folders += 1
        text = undone("\n".join(path.read_text(encoding="utf-8", errors="replace") for path in texts))
        rows = subprocess.run([program, *map(str, texts)], check=True, capture_output=True, text=True).stdout
        found = collections.defaultdict(set)
        for row in map(json.loads, rows.splitlines()):
            if row["rejected"] is None:
                found[row["kind"]].add(key(row["kind"], row["value"]))
        for kind, value in sorted(set((kind, key(kind, value)) for kind, value in named(events))):
            if not value or not re.search(r"(?<![\w.-])" + re.escape(value) + r"(?![\w-])", text):
                continue
            counts[kind, "named"] += 1
            if value in found[kind] or any(value in found[other] for other in STANDINS.get(kind, ())):
                counts[kind, "found"] += 1
            else:
                misses.append((folder.name, kind, value))
    for folder, kind, value in misses:
        print(f"missed  {folder}  {kind}  {value}")
    kinds = sorted({kind for kind, _ in counts})
    for kind in kinds:
        print(f"{kind:10} {counts[kind, 'found']:5} of {counts[kind, 'named']:5}  {counts[kind, 'found'] / counts[kind, 'named']:.3f}")
    total = sum(counts[kind, "named"] for kind in kinds)
    print(f"{'all':10} {total - len(misses):5} of {total:5}  {1 - len(misses) / max(total, 1):.3f}  in {folders} folders")


if __name__ == "__main__":
    main()

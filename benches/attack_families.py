#!/usr/bin/env python3
"""Detection and false alarms of the rules of web attacks, on published payloads and on ordinary logs.

    python3 benches/attack_families.py crs FOLDER...          regression tests of the OWASP Core Rule Set
    python3 benches/attack_families.py libinjection FOLDER    lists of libinjection
    python3 benches/attack_families.py ordinary LOG...        combined logs: alarms per million lines, each shown

With `--show` the first two print what was missed and what was wrongly caught. Needs PyYAML for `crs`. A payload
that no log line shows (a body, a cookie, another header) is counted apart. The example `classify` is built first.
"""

import collections
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Families whose payload is an attack on the site; the others test protocol and answers.
FAMILIES = {"913": "scanners", "930": "local files", "931": "remote files", "932": "commands", "933": "PHP",
            "934": "server languages", "941": "XSS", "942": "SQL", "944": "Java"}


def classify(requests):
    """Classes of (method, path, query, agent, referer), each as a log would write it."""
    clean = lambda field: field.replace("\t", "%09").replace("\r", "%0d").replace("\n", "%0a")
    asked = "".join("\t".join(map(clean, request)) + "\n" for request in requests)
    command = ["cargo", "run", "--release", "-q", "-p", "traffic", "--example", "classify"]
    command = [PROGRAM] if PROGRAM else command
    answered = subprocess.run(command, input=asked.encode("utf-8", "surrogateescape"), stdout=subprocess.PIPE, check=True, cwd=ROOT)
    return answered.stdout.decode().split("\n")[:-1]


def request_of(stage):
    """What a log line holds of a test's request, and what it does not."""
    headers = {name.lower(): str(value) for name, value in (stage.get("headers") or {}).items()}
    path, _, query = str(stage.get("uri", "/")).partition("?")
    method = str(stage.get("method", "GET"))
    logged = (method, path, query, headers.pop("user-agent", ""), headers.pop("referer", ""))
    body = stage.get("data") or ""
    body = body if isinstance(body, str) else urllib.parse.urlencode(body)
    plain = {"host", "accept", "accept-encoding", "accept-language", "accept-charset", "connection", "content-length",
             "content-type", "cache-control", "keep-alive", "pragma", "origin", "x-requested-with"}
    hidden = [value for name, value in headers.items() if name not in plain]
    return logged, body, hidden


def tests(folder):
    import yaml

    for file in sorted(Path(folder).rglob("*.yaml")):
        family = re.match(r"(?:REQUEST|RESPONSE)-(\d{3})", file.parent.name)
        if not family or family.group(1) not in FAMILIES:
            continue
        for test in yaml.safe_load(file.read_text(encoding="utf-8")).get("tests", []):
            for stage in test["stages"]:
                stage = stage.get("stage", stage)
                if stage["input"].get("encoded_request"):
                    yield family.group(1), file.stem, test, None, None
                    continue
                log = (stage.get("output") or {}).get("log") or {}
                wanted = True if log.get("expect_ids") else False if log.get("no_expect_ids") else None
                yield family.group(1), f"{file.stem}-{test['test_id']}", test, stage["input"], wanted


def crs(folders, show):
    """The part that carries the payload is told by leaving it out: a test whose target, agent and Referer are
    those of any visitor carries it where no log looks."""
    count = collections.defaultdict(collections.Counter)
    asked = []
    for folder in folders:
        for family, name, _, stage, wanted in tests(folder):
            if stage is None or wanted is None:
                count[family]["not a request or no verdict"] += 1
                continue
            logged, body, hidden = request_of(stage)
            _, path, query, agent, referer = logged
            plain = not query and re.fullmatch(r"[\w/-]*", path) and not referer
            if plain and re.fullmatch(r"OWASP (CRS|ModSecurity)[\w ]*|Mozilla/5.0 \(.*|[\w ]{0,20}", agent) and (body or hidden):
                count[family]["hidden, attack" if wanted else "hidden, harmless"] += 1
                if body and wanted and not hidden:
                    asked.append((family, name, wanted, True, ("GET", path, body, agent, referer)))
                continue
            asked.append((family, name, wanted, False, logged))
    shown = []
    for (family, name, wanted, moved, logged), classes in zip(asked, classify([logged for *_, logged in asked])):
        caught = bool(classes)
        kind = "moved" if moved else "attack" if wanted else "harmless"
        count[family][kind] += 1
        count[family][f"{kind} caught"] += caught
        if caught != wanted:
            shown.append(f"  {'missed' if wanted and not moved else 'not moved' if wanted else 'wrongly ' + classes} {name}: {' '.join(logged[:3])} | {logged[3][:60]} | {logged[4]}")
    total = collections.Counter()
    print(f"{'family':24} {'caught':>16} {'wrongly':>14} {'no log shows':>13} {'of these caught if in the query':>32}")
    for family in [*sorted(count), "all"]:
        n = count.get(family, total)
        share = lambda part, whole: f"{n[part]}/{n[whole]} {n[part] / max(n[whole], 1):.3f}"
        print(f"{family} {FAMILIES.get(family, ''):20} {share('attack caught', 'attack'):>16} {share('harmless caught', 'harmless'):>14} "
              f"{n['hidden, attack'] + n['hidden, harmless']:>13} {share('moved caught', 'moved'):>32}")
        total.update(n)
    if show:
        print("\n".join(shown))


def libinjection(folder, show):
    """Each entry as the value of a parameter; an entry that is escaped already stays as it is."""
    def value(line):
        return line if re.search(r"%[0-9a-fA-F]{2}", line) else urllib.parse.quote(line, safe="")

    shown = []
    for kind in ("sqli", "xss", "false"):
        total, caught = 0, 0
        for file in sorted(folder.glob(f"{kind}*.txt")):
            text = file.read_bytes().decode("utf-8", "surrogateescape")
            lines = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
            answers = classify([("GET", "/record", "q=" + value(line.rstrip("\r")), "Mozilla/5.0 (X11)", "") for line in lines])
            hits = sum(map(bool, answers))
            total, caught = total + len(lines), caught + hits
            print(f"{file.name:48} {hits:>6} of {len(lines):>6}  {hits / max(len(lines), 1):.3f}")
            shown += [f"  {file.name}: {classes or 'missed'}: {line}" for line, classes in zip(lines, answers)
                      if bool(classes) == (kind == "false")]
        print(f"{kind + ', all':48} {caught:>6} of {total:>6}  {caught / max(total, 1):.3f}")
    if show:
        print("\n".join(line.encode("utf-8", "replace").decode() for line in shown))


LINE = re.compile(r'^\S+ \S+ .*?\[[^\]]+\] "((?:[^"\\]|\\.)*)" \S+ \S+(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?')


def ordinary(paths):
    for path in paths:
        requests, unfit = [], 0
        for line in Path(path).read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            found = LINE.match(line)
            words = found and found.group(1).split(" ")
            if not found or len(words) < 2:
                unfit += 1
                continue
            target, _, query = " ".join(words[1:-1] or words[1:]).partition("?")
            requests.append((words[0], target, query, found.group(3) or "", found.group(2) or ""))
        alarms = [(classes, request) for classes, request in zip(classify(requests), requests) if classes]
        count = collections.Counter(classes for classes, _ in alarms)
        print(f"{path}: {len(requests)} requests ({unfit} lines unfit), {len(alarms)} alarms, "
              f"{1e6 * len(alarms) / max(len(requests), 1):.0f} a million: {dict(count)}")
        for classes, request in alarms:
            print(f"  {classes}: {' '.join(request)}")


PROGRAM = None


def main():
    global PROGRAM
    arguments = [argument for argument in sys.argv[1:] if argument != "--show"]
    show = "--show" in sys.argv
    if arguments[:1] == ["--program"]:
        PROGRAM, arguments = arguments[1], arguments[2:]
    if len(arguments) < 2 or arguments[0] not in ("crs", "libinjection", "ordinary"):
        raise SystemExit(__doc__)
    if arguments[0] == "crs":
        crs(arguments[1:], show)
    elif arguments[0] == "libinjection":
        libinjection(Path(arguments[1]), show)
    else:
        ordinary(arguments[1:])


main()

#!/usr/bin/env python3
"""Runs published suites of SPF, DKIM and ARC through the checks of mail, and lists every difference.

    python3 benches/peer_auth.py spf SUITE.yml...      suites of RFC 7208 and 4408 (openspf.org)
    python3 benches/peer_auth.py dkimpy FOLDER         an unpacked source package of dkimpy
    python3 benches/peer_auth.py case FOLDER...        evidence with mail and dns.json: against Authentication-Results

Needs PyYAML for the suites. The example `peer_suites` is built first.
"""

import collections
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def ask(questions):
    build = ["cargo", "run", "--release", "-q", "-p", "authentication", "--example", "peer_suites"]
    asked = "\n".join(json.dumps(question) for question in questions) + "\n"
    answered = subprocess.run(build, input=asked, stdout=subprocess.PIPE, check=True, text=True, cwd=ROOT)
    return [json.loads(line) for line in answered.stdout.splitlines()]


def zone_of(zonedata):
    """Records as (name, type, data). In RFC 4408 suites SPF stands for TXT where there is no TXT."""
    zone, failed = [], []
    for name, records in (zonedata or {}).items():
        has_text = any(isinstance(record, dict) and "TXT" in record for record in records)
        zone.append([name, "", ""])
        for record in records:
            if record == "TIMEOUT" or (isinstance(record, dict) and "TIMEOUT" in record):
                failed.append(name)
                continue
            if not isinstance(record, dict):
                continue
            for kind, data in record.items():
                if kind == "SPF":
                    if has_text:
                        continue
                    kind = "TXT"
                if data == "NONE":
                    continue
                if kind == "MX":
                    data = f"{data[0]} {data[1]}"
                if isinstance(data, list):
                    data = "".join(data)
                zone.append([name, kind, str(data)])
    return zone, failed


def spf(paths):
    import yaml

    for path in paths:
        passed, total, differ = 0, 0, []
        scenarios = [one for one in yaml.safe_load_all(Path(path).read_text(encoding="latin-1")) if one]
        questions = []
        for scenario in scenarios:
            zone, failed = zone_of(scenario.get("zonedata"))
            tests = [[t["host"], t.get("helo", ""), t.get("mailfrom", "")] for t in scenario["tests"].values()]
            questions.append({"zone": zone, "failed": failed, "tests": tests})
        for scenario, answers in zip(scenarios, ask(questions)):
            for (name, test), (result, explanation, why) in zip(scenario["tests"].items(), answers):
                wanted = test["result"] if isinstance(test["result"], list) else [test["result"]]
                total += 1
                fits = result in wanted
                said = test.get("explanation")
                if fits and said is not None and result == "fail":
                    fits = explanation == said or (said == "DEFAULT" and explanation is None)
                passed += fits
                if not fits:
                    differ.append(f"  {name}: {result} ({why}; says {explanation!r}), suite {wanted} {said!r}")
        print(f"{Path(path).name}: {passed} of {total}")
        print("\n".join(differ))


def dkimpy(folder):
    """Mails of its tests with the keys that the tests themselves publish."""
    data = folder / "dkim" / "tests" / "data"
    if not data.is_dir():
        data = next(folder.rglob("tests/data"))
    zone = []
    for source in sorted(data.parent.glob("test_*.py")):
        text = source.read_text()
        for found in re.finditer(r"""['"]([\w.-]+_domainkey[\w.-]*)['"]\s*:\s*(?:read_test_data\("([^"]+)"\)|(?:b?\"{3}|\(?\s*b?['"]{1})(.*?)(?:\"{3}|['"]\)?,))""", text, re.S):
            name, file, inline = found.groups()
            value = (data / file).read_text() if file else re.sub(r"\\\s*\n", "", inline)
            zone.append([name, "TXT", " ".join(value.split())])
    mails = sorted(file for file in data.iterdir() if re.search(rb"(?im)^(dkim-signature|arc-seal):", file.read_bytes()))
    questions = [{"zone": zone, "message": file.read_bytes().decode("latin-1")} for file in mails]
    for file, answer in zip(mails, ask(questions)):
        print(file.name, *(f"\n    {purpose} {instance or ''} {domain}: {result} ({why})" for purpose, instance, domain, result, why in answer))


def case(folder):
    import mailbox

    records = json.loads(next(folder.rglob("dns.json")).read_text())["records"]
    zone = [[name, kind, data] for name, kinds in records.items() for kind, values in kinds.items() for data in values]
    boxes = [mailbox.mbox(path) for path in sorted(folder.rglob("*.mbox"))]
    raws = [box.get_bytes(key) for box in boxes for key in box.keys()]
    raws += [path.read_bytes() for path in sorted(folder.rglob("cur/*"))]
    raws = [raw for raw in raws if re.search(rb"(?im)^dkim-signature:", raw)]
    counts = collections.Counter()
    for raw, answer in zip(raws, ask([{"zone": zone, "message": raw.decode("latin-1")} for raw in raws])):
        top = re.search(rb"(?ims)^authentication-results:(.*?)^\S", raw)
        declared = re.findall(rb"dkim=(\w+)", top.group(1)) if top else []
        ours = sorted({result for purpose, _, _, result, _ in answer if purpose == "dkim"})
        said = sorted({word.decode() for word in declared}) or ["-"]
        why = "; ".join(sorted({why for *_, result, why in answer if result != "pass"}))
        counts[("same" if ours == said else "differ", "/".join(ours), "/".join(said), why if ours != said else "")] += 1
    for key, count in sorted(counts.items()):
        print(f"{folder.name}: {count}", *key)


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("spf", "dkimpy", "case"):
        raise SystemExit(__doc__)
    if sys.argv[1] == "spf":
        spf(sys.argv[2:])
    elif sys.argv[1] == "dkimpy":
        dkimpy(Path(sys.argv[2]))
    else:
        for folder in sys.argv[2:]:
            case(Path(folder))


main()

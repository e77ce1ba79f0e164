#!/usr/bin/env python3
"""Runs published suites of SPF, DKIM and ARC through the checks of mail, and lists every difference.

    python3 benches/peer_auth.py spf SUITE.yml...      suites of RFC 7208 and 4408 (openspf.org)
    python3 benches/peer_auth.py dkimpy FOLDER         an unpacked source package of dkimpy
    python3 benches/peer_auth.py live FOLDER           its mails signed and sealed anew, and altered; both must agree
    python3 benches/peer_auth.py case PROGRAM CASE...  investigated cases: against the hosts' Authentication-Results

Needs PyYAML for the suites, and dkimpy with PyNaCl and authres for `live`. The example `peer_suites` is built first.
"""

import base64
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


COMPARED = """
SELECT d.method, d.result AS declared, s.result AS ours, s.why, count(*) AS n
FROM mail_checks d
JOIN mail_checks s ON s.evidence = d.evidence AND s.message = d.message AND s.method = d.method
    AND s.source = 'snapshot' AND (d.method <> 'dkim' OR s.domain = d.domain)
WHERE d.source = 'declared'
GROUP BY d.method, d.result, s.result, s.why
"""


def case(program, folder):
    """An investigated case: what the receiving host declared, beside our own checks."""
    answer = subprocess.run([program, "sql", folder, COMPARED, "--format", "json"], stdout=subprocess.PIPE, check=True)
    rows = json.loads(answer.stdout)
    for method in sorted({row["method"] for row in rows}):
        of = [row for row in rows if row["method"] == method]
        count = lambda fits: sum(row["n"] for row in of if fits(row))
        would = lambda row: row["ours"] == "none" and f"it would {row['declared']}" in row["why"]
        equal, policy = count(lambda row: row["declared"] == row["ours"]), count(would)
        unknown = count(lambda row: row["ours"] == "unknown")
        print(f"{folder} {method}: {equal} equal, {policy} equal but for a policy that the snapshot does not hold, "
              f"{unknown} not in the snapshot, {count(lambda row: True) - equal - policy - unknown} differ")
        for row in of:
            if row["ours"] not in (row["declared"], "unknown") and not would(row):
                print(f"    {row['n']} declared {row['declared']}, ours {row['ours']}: {row['why']}")


def live(folder):
    """Mails of the package's tests, signed and sealed by it in many ways, some altered afterwards: both must agree."""
    import dkim

    data = next(folder.rglob("dkim/tests/data"))
    read = lambda name: (data / name).read_bytes()
    keys = {b"rsa-sha256": (b"test", read("2048_testkey.key")), b"ed25519-sha256": (b"brisbane", read("ed25519test.key"))}
    derive = ["openssl", "rsa", "-in", data / "2048_testkey.key", "-pubout", "-outform", "DER"]
    public = base64.b64encode(subprocess.run(derive, capture_output=True, check=True).stdout).decode()
    zone = {"test._domainkey.example.com": "v=DKIM1; k=rsa; p=" + public,
            "brisbane._domainkey.example.com": read("ed25519test.dns").decode().strip()}
    crlf = lambda mail: re.sub(rb"\r?\n", b"\r\n", mail)
    mails = {name: crlf(read(name)) for name in ("test.message", "test2.message", "rfc6376.msg", "rfc6376.w1258.msg", "test_extra.message")}
    changes = {
        "as signed": lambda m: m, "bare LF": lambda m: m.replace(b"\r\n", b"\n"), "footer": lambda m: m + b"-- \r\nlist\r\n",
        "blank lines": lambda m: m + b"\r\n\r\n", "word changed": lambda m: m.replace(b"the", b"teh"),
        "spaces doubled": lambda m: m.replace(b" ", b"  "), "subject changed": lambda m: m.replace(b"Subject: ", b"Subject: Re: "),
        "header above": lambda m: b"X-Added: yes\r\n" + m, "second From": lambda m: b"From: other@example.com\r\n" + m,
    }
    signed = []
    for name, mail in mails.items():
        for algorithm, (selector, key) in keys.items():
            for head in (b"simple", b"relaxed"):
                for body in (b"simple", b"relaxed"):
                    for length in (False, True):
                        header = dkim.sign(mail, selector, b"example.com", key, canonicalize=(head, body),
                                           signature_algorithm=algorithm, length=length)
                        signed += [("dkim", f"{name} {algorithm.decode()} {head.decode()}/{body.decode()} l={length}, {change}",
                                    alter(header + mail)) for change, alter in changes.items()]
        sealed = mail
        for sets in (1, 2, 3):
            # What the package seals is the one verdict on top; an older one would contradict it.
            sealed = re.sub(rb"(?im)^authentication-results:.*\r\n(?:[ \t].*\r\n)*", b"", sealed)
            before = b"none" if sets == 1 else b"pass"
            verdict = b"Authentication-Results: lists.example.org; arc=%b; dkim=pass header.d=example.com\r\n" % before
            sealed = verdict + sealed
            header = dkim.arc_sign(sealed, b"test", b"example.com", keys[b"rsa-sha256"][1], b"lists.example.org")
            sealed = b"".join(header) + sealed
            signed += [("arc", f"{name} {sets} sets, {change}", alter(sealed)) for change, alter in changes.items()]
    records = [[name, "TXT", text] for name, text in zone.items()]
    answers = ask([{"zone": records, "message": mail.decode("latin-1")} for _, _, mail in signed])
    find = lambda name, timeout=5: zone.get(name.decode().rstrip(".")) and zone[name.decode().rstrip(".")].encode()
    agreed, differ = collections.Counter(), []
    for (kind, name, mail), answer in zip(signed, answers):
        if kind == "dkim":
            theirs = dkim.verify(mail, dnsfunc=find)
            ours = bool(answer) and answer[0][3] == "pass"
        else:
            theirs = dkim.arc_verify(mail, dnsfunc=find)[0] == b"pass"
            newest = max((instance for _, instance, *_ in answer), default=0)
            ours = newest > 0 and all(result == "pass" for purpose, instance, _, result, _ in answer
                                      if purpose == "arc-seal" or (purpose == "arc-message" and instance == newest))
        agreed[(kind, ours == theirs, theirs)] += 1
        if ours != theirs:
            differ.append(f"  {kind} {name}: dkimpy {theirs}, ours {answer}")
    for (kind, same, theirs), count in sorted(agreed.items()):
        print(f"{kind}: {count} {'agree' if same else 'DIFFER'} that it {'holds' if theirs else 'does not hold'}")
    print("\n".join(differ))


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("spf", "dkimpy", "live", "case"):
        raise SystemExit(__doc__)
    if sys.argv[1] == "spf":
        spf(sys.argv[2:])
    elif sys.argv[1] == "dkimpy":
        dkimpy(Path(sys.argv[2]))
    elif sys.argv[1] == "live":
        live(Path(sys.argv[2]))
    else:
        for folder in sys.argv[3:]:
            case(sys.argv[2], folder)


main()

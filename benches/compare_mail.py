#!/usr/bin/env python3
"""Compares what Handprint and Python's `email` package read in the same mails.

    cargo run --release -p evidence --example mail_json -- FOLDER > ours.jsonl
    python3 benches/compare_mail.py FOLDER ours.jsonl

Compared are the address of From, the instant of Date, and the text that a
reader is shown. An address without a domain is none. Only line ends and white
space at the ends of lines are made alike. Each difference is printed; mails are hostile, so nothing in them is
followed.
"""

import email
import email.policy
import email.utils
import json
import pathlib
import re
import sys
from datetime import timezone


def parsed(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def theirs(raw):
    message = parsed(raw)
    return {"from": attempt(from_address, message), "date": attempt(date_micros, message), "body": attempt(body, message)}


def attempt(read, message):
    try:
        return read(message)
    except Exception as error:  # the package raises many kinds on broken mail
        return f"<{type(error).__name__}: {error}>"


def from_address(message):
    header = message["From"]
    if header is None:
        return None
    # An entry without a domain is a display name that lost its address.
    first = next((entry.addr_spec for entry in header.addresses if entry.domain), None)
    return first and first.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def date_micros(message):
    header = message["Date"]
    if header is None or header.datetime is None:
        return None
    when = header.datetime
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return int(when.timestamp()) * 1_000_000


def body(message):
    part = message.get_body(preferencelist=("plain", "html"))
    return None if part is None else part.get_content()


def body_as_utf8(message):
    part = message.get_body(preferencelist=("plain", "html"))
    return None if part is None else part.get_payload(decode=True).decode("utf-8")


def same_lines(text):
    if text is None:
        return ""
    lines = re.split(r"\r\n|\r|\n", text)
    return "\n".join(line.rstrip() for line in lines).rstrip()


def same_address(address):
    if not address or "@" not in address:
        return address or None
    local, domain = address.rsplit("@", 1)
    return f"{local}@{domain.lower()}"


def compare(raw, tables):
    rows = tables.get("messages", [])
    if not rows:
        return ["lost"]
    own, other = rows[0], theirs(raw)
    bodies = {same_lines(row.get("text")) for row in tables.get("bodies", [])} | {""}
    sender = own.get("from_address") or next(
        (row["value"] for row in tables.get("envelopes", []) if row["field"] == "from"), None
    )
    found = []
    if same_address(sender) != same_address(other["from"]):
        found.append(f"from: {sender!r} | {other['from']!r}")
    if own.get("date") != other["date"]:
        found.append(f"date: {own.get('date')} {own.get('date_raw')!r} | {other['date']}")
    if same_lines(other["body"]) not in bodies and "\ufffd" in (other["body"] or ""):
        # The package replaces 8-bit text that declares no charset; read its bytes.
        found.append("undeclared 8-bit" if same_lines(attempt(body_as_utf8, parsed(raw))) in bodies else "body: 8-bit")
    elif same_lines(other["body"]) not in bodies:
        found.append(f"body: {nearest(bodies, same_lines(other['body']))}")
    return found


def nearest(bodies, wanted):
    """Where the body that agrees longest stops agreeing."""

    def agreeing(text):
        return next((at for at, pair in enumerate(zip(text, wanted)) if pair[0] != pair[1]), min(len(text), len(wanted)))

    best = max(bodies, key=agreeing)
    at = agreeing(best)
    return f"at {at} of {len(best)}/{len(wanted)}: {best[at - 20 if at > 20 else 0:at + 40]!r} | {wanted[at - 20 if at > 20 else 0:at + 40]!r}"


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: compare_mail.py FOLDER OURS.jsonl (see the top of this file)")
    folder, lines = pathlib.Path(sys.argv[1]), open(sys.argv[2], encoding="utf-8")
    equal = nearly = total = 0
    for line in lines:
        ours = json.loads(line)
        found = compare((folder / ours["file"]).read_bytes(), ours["tables"])
        total += 1
        equal += not found
        nearly += found == ["undeclared 8-bit"]
        for difference in found:
            print(ours["file"], difference)
    print(f"{equal} of {total} equal; {nearly} more once 8-bit text without a charset is read as UTF-8")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Compares what Handprint and Python's `email` package read in the same mails.

    cargo run --release -p evidence --example mail_json -- FOLDER > ours.jsonl
    python3 benches/compare_mail.py FOLDER ours.jsonl

Compared are the address of From, the instant of Date, and the text that a
reader is shown. An address without a domain is none. Only line ends and white
space at the ends of lines are made alike. Each difference is printed; mails
are hostile, so nothing in them is followed.

Two counts come last. The first is strict: text for text. Where a body holds
8-bit bytes and declares no charset, the package gives the bytes as they are
(`get_payload(decode=True)`) and, as text, U+FFFD for each (`get_content()`); we
read UTF-8. The second count takes those bodies for equal whose bytes are the
same, and no others: a mail that differs in anything else stays different.
"""

import email
import email.policy
import email.utils
import json
import pathlib
import re
import sys
from datetime import timezone


UNDECLARED = "body: 8-bit without a charset; text differs, bytes are equal"


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


def undeclared_bytes(message):
    """The bytes of a body without a charset, before anybody reads them as text."""
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None or part.get_param("charset") is not None:
        return None
    return part.get_payload(decode=True)


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
    if same_lines(other["body"]) not in bodies:
        payload = attempt(undeclared_bytes, parsed(raw))
        if is_same_bytes(payload, tables.get("bodies", [])):
            found.append(UNDECLARED)
        else:
            found.append(f"body: {nearest(bodies, same_lines(other['body']))}")
    return found


def is_same_bytes(payload, bodies):
    """Our text holds the same bytes if it was read as UTF-8 and nothing was lost in that."""
    if not isinstance(payload, bytes):
        return False
    ours = (row.get("text") or "" for row in bodies)
    return any(same_line_bytes(text.encode("utf-8")) == same_line_bytes(payload) for text in ours)


def same_line_bytes(payload):
    return b"\n".join(line.rstrip() for line in re.split(rb"\r\n|\r|\n", payload)).rstrip()


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
        nearly += found == [UNDECLARED]
        for difference in found:
            print(ours["file"], difference)
    print(f"{equal} of {total} equal, text for text")
    print(f"{equal + nearly} of {total} equal, where 8-bit bodies without a charset are compared as bytes")


if __name__ == "__main__":
    main()

"""Mails: the gateway's mbox, a Maildir, and two complaints that carry the mail complained about."""

import base64
import quopri
from datetime import timedelta
from email.utils import format_datetime

from .story import (
    GATEWAY, OPERATOR_ZONE, PERSONA, PERSONA_ADDRESS, RELAYS, SERVER, TOWN_DOMAIN, TOWN_ZONE, Dice, person, sentence,
    utc,
)


def stamp(when, zone=TOWN_ZONE):
    return format_datetime(when.astimezone(zone))


def arrival(dice, host, address, recipient, when, envelope, spf, dkim, dmarc, from_domain):
    """The lines that the gateway itself adds, topmost first."""
    return [
        f"Return-Path: <{envelope}>",
        f"Delivered-To: {recipient}",
        f"Authentication-Results: {GATEWAY};",
        f"\tspf={spf} smtp.mailfrom={envelope};",
        f"\tdkim={dkim};",
        f"\tdmarc={dmarc} header.from={from_domain}",
        f"Received: from {host} ({host} [{address}])",
        f"\tby {GATEWAY} (Postfix) with ESMTPS id {dice.hex(10).upper()}",
        f"\tfor <{recipient}>; {stamp(when)}",
    ]


def campaign_mail(number):
    """One mail of the campaign: two relays, one server behind both of them."""
    dice = Dice(1000 + number)
    host, address, account, script = RELAYS[number % 2]
    site = "www." + host.split(".", 1)[1]
    given, surname, recipient = person(number * 5 + 1)
    when = utc(5, 18 + number // 6, 6, 10) + timedelta(minutes=number * 7 % 50, seconds=number * 13 % 60)
    head = arrival(dice, host, address, recipient, when, account, "pass", "none", "fail (p=none)", "lanternsociety.example")
    head += [f"Received: by {host} (Postfix, from userid 33)", f"\tid {dice.hex(10).upper()}; {stamp(when - timedelta(seconds=3))}"]
    head += [f"X-PHP-Originating-Script: 33:{script}"]
    if number % 3 != 2:
        head += [f"X-PHP-Script: {site}/media/{script} for {SERVER}"]
    head += [
        "X-Mailer: LeafSender 2.8",
        f'From: "{PERSONA}" <{PERSONA_ADDRESS}>',
        f"To: {recipient}",
        "Subject: The harbour and your entry",
        f"Date: {stamp(when - timedelta(seconds=5), OPERATOR_ZONE)}",
        f"Message-ID: <{dice.hex(12)}@{host}>",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: 8bit",
    ]
    body = [
        f"Dear {given} {surname},", "",
        "we have looked at the register of the town and found your entry in it.",
        f"Reference: OM{4100 + number * 17:06d}", "",
        "The direction for you is ALPHA.", "",
        sentence(dice), "", PERSONA,
    ]
    return when, head, body


def ordinary_mail(number):
    """Somebody of the town writes to somebody else, from a provider that signs."""
    dice = Dice(2000 + number)
    given, surname, _ = person(number * 3)
    sender = f"{given}.{surname}{number}@postbox.example".lower()
    recipient = person(number * 11 + 4)[2]
    when = utc(5, 11 + number % 15, 7 + number % 9, number * 17 % 60)
    host, address = "out2.postbox.example", "198.51.100.18"
    head = arrival(dice, host, address, recipient, when, sender, "pass", "pass header.d=postbox.example", "pass", "postbox.example")
    head += [
        f"Received: from [10.0.0.{number + 2}] (unknown [192.0.2.{20 + number}])",
        f"\tby {host} with ESMTPSA id {dice.hex(8).upper()}; {stamp(when - timedelta(seconds=2))}",
        f"From: {given} {surname} <{sender}>", f"To: <{recipient}>",
    ]
    text = [sentence(dice), "", sentence(dice, 17), "", given]
    kind = number % 4
    if kind == 0:
        head += ["Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_vom_Hafen?=", f"Date: {stamp(when - timedelta(seconds=9))}"]
        head += ['Content-Type: text/plain; charset="iso-8859-1"', "Content-Transfer-Encoding: quoted-printable"]
        text = quopri.encodestring("\n".join(["Schöne Grüße vom Hafen.", *text]).encode("iso-8859-1")).decode("ascii").split("\n")
    elif kind == 1:
        head += ["Subject: Opening hours", f"Date: {stamp(when - timedelta(seconds=9))}"]
        head += ['Content-Type: text/plain; charset="utf-8"', "Content-Transfer-Encoding: base64"]
        text = base64.encodebytes("\n".join(text).encode()).decode("ascii").rstrip().split("\n")
    else:
        head += ["Subject: Saturday", f"Date: {stamp(when - timedelta(seconds=9))}", 'Content-Type: text/plain; charset="utf-8"']
    head += [f"Message-ID: <{dice.hex(14)}@postbox.example>", "MIME-Version: 1.0"]
    return when, head, text


def newsletter(number):
    """A shop's newsletter through a delivery service: the envelope differs from the sender, and that is fine."""
    dice = Dice(3000 + number)
    recipient = person(number * 13 + 2)[2]
    when = utc(5, 12 + number, 4, 30 + number)
    host, address, envelope = "o7.parcelmail.example", "203.0.113.60", f"bounce-{dice.hex(8)}@parcelmail.example"
    head = arrival(dice, host, address, recipient, when, envelope, "pass", "pass header.d=harbourshop.example", "pass", "harbourshop.example")
    head += [
        "From: Harbour Shop <news@harbourshop.example>", f"To: {recipient}", "Subject: This week at the harbour shop",
        f"Date: {stamp(when - timedelta(seconds=30))}", f"Message-ID: <{dice.hex(16)}@parcelmail.example>",
        "List-Unsubscribe: <https://harbourshop.example/leave>", "Precedence: bulk", "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="=_shop"',
    ]
    text = sentence(dice)
    body = [
        "--=_shop", "Content-Type: text/plain; charset=utf-8", "", text, "https://harbourshop.example/week/" + str(number),
        "--=_shop", "Content-Type: text/html; charset=utf-8", "",
        f'<html><body><p>{text}</p><a href="https://harbourshop.example/week/{number}">Look</a></body></html>', "--=_shop--",
    ]
    return when, head, body


def list_mail(number):
    """A mailing list breaks the writer's signature without anybody meaning harm."""
    dice = Dice(4000 + number)
    given, surname, sender = person(number * 2 + 5)
    recipient = person(number + 3)[2]
    when = utc(5, 14 + number * 2, 16, 5 + number)
    host, address = "lists.rowing-club.example", "198.51.100.90"
    head = arrival(
        dice, host, address, recipient, when, "crew-bounces@rowing-club.example", "pass",
        f"fail header.d={TOWN_DOMAIN}", "fail (p=none)", TOWN_DOMAIN,
    )
    head += [
        f"From: {given} {surname} <{sender}>", "To: crew@rowing-club.example", "Subject: [crew] Boat plan",
        f"Date: {stamp(when - timedelta(minutes=1))}", f"Message-ID: <{dice.hex(12)}@{TOWN_DOMAIN}>",
        "List-Id: <crew.rowing-club.example>", "List-Post: <mailto:crew@rowing-club.example>", "Precedence: list",
        "MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii",
    ]
    return when, head, [sentence(dice), "", "-- ", "crew mailing list"]


def mbox():
    """The gateway's export in mboxrd form, in order of arrival."""
    mails = [campaign_mail(n) for n in range(16)] + [ordinary_mail(n) for n in range(18)]
    mails += [newsletter(n) for n in range(8)] + [list_mail(n) for n in range(6)]
    mails.sort(key=lambda mail: (mail[0], mail[1]))
    lines = []
    for when, head, body in mails:
        envelope = head[0].removeprefix("Return-Path: <").removesuffix(">")
        lines += [f"From {envelope} {when.strftime('%a %b')} {when.day:2} {when.strftime('%H:%M:%S %Y')}", *head, ""]
        lines += [">" + line if line.lstrip(">").startswith("From ") else line for line in body] + [""]
    return "\n".join(lines).encode() + b"\n"


def complaint(number):
    """A recipient sends in the mail as an attachment."""
    given, surname, sender = person(number * 5 + 1)
    when, head, body = campaign_mail(number)
    sent = when + timedelta(hours=3)
    outer = [
        f"Received: from mail.{TOWN_DOMAIN} (mail.{TOWN_DOMAIN} [203.0.113.11])",
        f"\tby {GATEWAY} (Postfix) with ESMTPS id {Dice(number + 5).hex(10).upper()}; {stamp(sent)}",
        f"From: {given} {surname} <{sender}>", f"To: report@{TOWN_DOMAIN}", "Subject: FW: The harbour and your entry",
        f"Date: {stamp(sent - timedelta(seconds=4))}", f"Message-ID: <complaint-{number}@{TOWN_DOMAIN}>", "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="=_fw"', "", "--=_fw", "Content-Type: text/plain; charset=utf-8", "",
        "I got this today. Is it from the society?", "--=_fw", 'Content-Type: message/rfc822; name="original.eml"',
        "Content-Disposition: attachment", "", *head, "", *body, "--=_fw--", "",
    ]
    return "\r\n".join(outer).encode()


def files():
    made = {"evidence/mail/gateway.mbox": mbox()}
    for number in (3, 8):
        made[f"evidence/mail/complaints/{number:04}.eml"] = complaint(number)
    for number in range(20, 24):
        when, head, body = ordinary_mail(number)
        folder, flags = ("new", "") if number % 2 else ("cur", ":2,S")
        name = f"{int(when.timestamp())}.M{number}P77.mx1{flags}"
        made[f"evidence/mail/maildir/{folder}/{name}"] = "\n".join([*head, "", *body, ""]).encode()
    return made

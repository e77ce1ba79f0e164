"""What is neither mail nor log: answers of providers, registry data, the leak, posts and notes."""

import json
from datetime import timedelta

from .story import (
    GATEWAY, PERSONA, RELAYS, REGISTER, RIVAL_USER, SERVER, TOWN_DOMAIN, VPN_EXITS, Dice, person, sentence, utc,
)


def statement(sender, host, address, subject, date, body):
    lines = [
        f"Received: from {host} ({host} [{address}])", f"\tby {GATEWAY} (Postfix) with ESMTPS id 5D0C41AA07; {date}",
        f"From: {sender}", f"To: investigation@{TOWN_DOMAIN}", f"Subject: {subject}", f"Date: {date}",
        f"Message-ID: <reply-{address}@{host}>", "MIME-Version: 1.0", 'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: 7bit", "", *body, "",
    ]
    return "\n".join(lines).encode()


def statements():
    server = statement(
        "Abuse Desk <abuse@korhal-hosting.example>", "mail.korhal-hosting.example", "203.0.113.130",
        f"Re: request on {SERVER}", "Wed, 27 May 2026 11:20:00 +0200",
        [
            f"On your request about {SERVER}: the dedicated server with this address", "was commissioned on 20 April 2026 at 09:15 UTC for customer K-2207.",
            "Before that the address had been free since 2 November 2025; the earlier", "customer was another party.", "", "Korhal Hosting, abuse desk",
        ],
    )
    vpn = statement(
        "support@veilrun.example", "mail.veilrun.example", "192.0.2.195", f"Your question on {VPN_EXITS[2]}", "Thu, 28 May 2026 08:00:00 +0000",
        [f"{VPN_EXITS[2]} is a shared exit of our service. Some two thousand customers use", "it in a week, and we keep no record that could name one of them."],
    )
    return {"evidence/hosting/statement_server.eml": server, "evidence/hosting/statement_vpn.eml": vpn}


def pretty(document):
    return (json.dumps(document, indent=1) + "\n").encode()


def rdap_range(first, last, prefix, name, registered):
    organisation = name.replace("-", " ").title()
    vcard = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", organisation], ["kind", {}, "text", "org"]]]
    return pretty({
        "rdapConformance": ["rdap_level_0"], "objectClassName": "ip network", "handle": f"NET-{prefix.replace('/', '-')}",
        "startAddress": first, "endAddress": last, "ipVersion": "v4", "name": name, "type": "ASSIGNED", "country": "XA",
        "entities": [{"objectClassName": "entity", "handle": f"{name}-REG", "roles": ["registrant"], "vcardArray": vcard}],
        "events": [{"eventAction": "registration", "eventDate": registered}],
        "cidr0_cidrs": [{"v4prefix": prefix.split("/")[0], "length": int(prefix.split("/")[1])}], "status": ["active"],
    })


def rdap_domain(name, registered):
    return pretty({
        "rdapConformance": ["rdap_level_0"], "objectClassName": "domain", "handle": name.upper(), "ldhName": name,
        "events": [{"eventAction": "registration", "eventDate": registered}],
        "nameservers": [{"objectClassName": "nameserver", "ldhName": "ns1.namedock.example"}], "status": ["active"],
    })


def passive_dns():
    """Common output format, one JSON object a line; times in seconds since 1970."""
    rows = [
        ("cdn-lantern.example", SERVER, utc(4, 24), utc(5, 26), 61),
        ("old-bakery.example", SERVER, utc(1, 1) - timedelta(days=500), utc(1, 1) - timedelta(days=70), 912),
    ]
    rows += [(host, address, utc(1, 1) - timedelta(days=900), utc(5, 29), 4_000) for host, address, _, _ in RELAYS]
    dice = Dice(31)
    rows += [
        (f"www.{dice.hex(5)}.example", f"192.0.2.{120 + dice.below(60)}", utc(2, 1 + n), utc(5, 1 + n), 1 + dice.below(500))
        for n in range(14)
    ]
    lines = [
        json.dumps({
            "rrname": name, "rrtype": "A", "rdata": address, "time_first": int(first.timestamp()),
            "time_last": int(last.timestamp()), "count": count,
        })
        for name, address, first, last, count in rows
    ]
    return ("\n".join(lines) + "\n").encode()


def leak():
    """Entries as the walk saw them, below a comment line that was left in or put in."""
    lines = [f"# C:\\Users\\{RIVAL_USER}\\Desktop\\entries_part1.csv", "ref,surname,given,born,street,mail"]
    for number in range(40):
        given, surname, mail = person(number)
        lines.append(f"OM{4100 + number:06d},{surname},{given},19{50 + number}-0{1 + number % 9}-1{number % 9},{number + 2} Lamp Row,{mail}")
    post = (
        "Captured post, 2026-05-20T19:00:00Z, board 'open-shelf', user 'harbourmark61'\n\n"
        f"{PERSONA}: proof enclosed (entries_part1.csv). More to come.\nhttps://cdn-lantern.example/v/7c1e90\n"
    )
    return {
        "evidence/leak/entries_part1.csv": ("\n".join(lines) + "\n").encode(),
        "evidence/leak/post.txt": post.encode(),
        # No format knows this one; it has to show up among the losses.
        "evidence/leak/entries_part2.pak": b"PAKX\x00\x02" + bytes(n * 37 % 256 if n % 3 else 0 for n in range(250)),
    }


def posts():
    dice = Dice(55)
    rows = ["account,created_at,posted_at,text,url,shares"]
    for number in range(30):
        when = utc(5, 10 + number // 2, 8 + number % 10, dice.below(60))
        rows.append(f"walker{dice.below(400)},2021-0{1 + number % 9}-11T10:00:00Z,{when:%Y-%m-%dT%H:%M:%SZ},{sentence(dice)},,{dice.below(9)}")
    for number in range(6):
        when = utc(5, 20, 19, 4, number * 9)
        rows.append(f"lampside{40 + number},2026-05-0{2 + number % 3}T03:1{number}:00Z,{when:%Y-%m-%dT%H:%M:%SZ},See for yourself,https://cdn-lantern.example/v/7c1e90,{number}")
    return ("\n".join(rows) + "\n").encode()


def notes():
    collection = (
        "# Collection\n\n"
        f"Mail: exported from {GATEWAY} (trusted host; stamps Return-Path, Delivered-To, the top Received and its own Authentication-Results).\n"
        f"Local domains: {TOWN_DOMAIN}.\nComplaints: as sent in by recipients.\n"
        "Web logs: copied from the two sites; see SITE.md in each folder.\nElection day: 2026-06-14. Collected: 2026-05-30.\n"
    )
    claims = (
        "id,claimed_at,who,channel,claim,subject\n"
        f"C1,2026-05-20T19:00:00Z,{PERSONA},post,We took entries out of the register of Ostermoor.,register\n"
        "C2,2026-05-21T09:30:00Z,town clerk,press,Nothing was taken from the register.,register\n"
        "C3,2026-05-22T12:00:00Z,Lantern Society (the true one),press,We did not write these mails.,\n"
    )
    scanners = f"site,cidr,from,to,tool,ordered_by\n{REGISTER},198.51.100.240/28,2026-05-06T08:00:00Z,2026-05-06T09:00:00Z,web scanner,town IT\n"
    return {
        "evidence/notes/collection.md": collection.encode(),
        "evidence/notes/claims.csv": claims.encode(),
        "evidence/notes/authorised_scanners.csv": scanners.encode(),
    }


def files():
    return {
        **statements(), **leak(), **notes(),
        "evidence/hosting/passive_dns.jsonl": passive_dns(),
        f"evidence/hosting/rdap/ip_{SERVER}.json": rdap_range("203.0.113.128", "203.0.113.159", "203.0.113.128/27", "KORHAL-HOSTING", "2012-03-01T00:00:00Z"),
        f"evidence/hosting/rdap/ip_{VPN_EXITS[0]}.json": rdap_range("192.0.2.192", "192.0.2.223", "192.0.2.192/27", "VEILRUN", "2019-10-10T00:00:00Z"),
        "evidence/hosting/rdap/domain_cdn-lantern.example.json": rdap_domain("cdn-lantern.example", "2026-04-23T18:02:00Z"),
        "evidence/social/posts.csv": posts(),
    }

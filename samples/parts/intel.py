"""Intel: a STIX bundle with two actors, a list, and tables of prefixes, VPN exits and known-good ranges."""

import json
import uuid

from .story import ACTOR, RIVAL, RIVAL_USER, SERVER, VPN_EXITS

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "samples.handprint.example")


def stix_id(kind, name):
    return f"{kind}--{uuid.uuid5(NAMESPACE, kind + name)}"


def stix(kind, name, created, **fields):
    at = f"{created}T09:00:00.000Z"
    return {"type": kind, "spec_version": "2.1", "id": stix_id(kind, name), "created": at, "modified": at, "name": name, **fields}


def actor(name, aliases, description):
    return stix("intrusion-set", name, "2024-02-01", aliases=[name, *aliases], description=description)


def indicator(pattern, name, of, valid_from, valid_until=None, confidence=50):
    fields = {"pattern": pattern, "pattern_type": "stix", "valid_from": f"{valid_from}T00:00:00.000Z", "confidence": confidence}
    if valid_until:
        fields["valid_until"] = f"{valid_until}T00:00:00.000Z"
    made = stix("indicator", name, valid_from, indicator_types=["attribution"], **fields)
    link = stix("relationship", f"{name} indicates {of}", valid_from, relationship_type="indicates")
    link |= {"source_ref": made["id"], "target_ref": stix_id("intrusion-set", of)}
    del link["name"]
    return [made, link]


def bundle():
    objects = [
        stix("identity", "Quayside Threat Desk", "2024-01-15", identity_class="organization"),
        actor(ACTOR, ["QT-14"], "Sends letters in the name of invented or borrowed groups through taken-over web shops."),
        actor(RIVAL, ["QT-09", "Verdigris"], "Known for leaks; its people were often sloppy with path names."),
        *indicator(f"[ipv4-addr:value = '{SERVER}']", f"{ACTOR} server", ACTOR, "2026-04-22", "2026-07-01", 70),
        *indicator("[domain-name:value = 'cdn-lantern.example']", f"{ACTOR} domain", ACTOR, "2026-04-25", "2026-10-01", 60),
        *indicator(f"[ipv4-addr:value = '{SERVER}']", f"{RIVAL} server", RIVAL, "2025-01-10", "2025-09-30", 80),
        *indicator(f"[user-account:user_id = '{RIVAL_USER}']", f"{RIVAL} user name", RIVAL, "2025-03-01", None, 40),
        *indicator("[ipv4-addr:value = '192.0.2.250' OR ipv4-addr:value = '192.0.2.251']", f"{RIVAL} relays", RIVAL, "2025-06-01", "2026-12-31"),
    ]
    document = {"type": "bundle", "id": stix_id("bundle", "desk"), "objects": objects}
    return (json.dumps(document, indent=1) + "\n").encode()


def lines(*rows):
    return ("\n".join(rows) + "\n").encode()


def files():
    warninglist = {
        "name": "Invented delivery services and resolvers", "version": 20260501,
        "description": "Addresses that appear in much traffic and identify nobody", "type": "cidr",
        "matching_attributes": ["ip-src", "ip-dst"], "list": ["203.0.113.56/29", "198.51.100.16/30"],
    }
    return {
        "intel/desk.stix2.json": bundle(),
        "intel/list.csv": lines(
            "indicator,type,actor,first_seen,last_seen,source,confidence",
            f"{SERVER},ip,pale_heron,2026-04-24,2026-05-20,honeypot,high",
            f"{VPN_EXITS[0]},ip,copper_moth,2025-11-02,,shared list,low",
            "198.51.100.34,ip,,2026-05-02,,shared list,medium",
            "stale-feather.example,domain,pale_heron,2023-01-05,2023-04-01,shared list,low",
            "203.0.113.61,ip,,2026-01-01,,shared list,low",
        ),
        "intel/asn.csv": lines(
            "prefix,asn,name,country,first_seen",
            "192.0.2.0/24,64496,Sandbank Net,XA,2015-02-01",
            "192.0.2.192/27,64497,Veilrun Exits,XB,2019-10-10",
            "198.51.100.0/24,64498,Ostermoor Cable,XA,2011-06-30",
            "203.0.113.0/24,64499,Dockside Transit,XC,2010-01-20",
            "203.0.113.128/27,64500,Korhal Hosting,XC,2012-03-01",
        ),
        "intel/vpn_exits.txt": lines("# address  provider   (collected monthly; incomplete)", *[f"{address}  Veilrun" for address in VPN_EXITS]),
        "intel/warninglist.json": (json.dumps(warninglist, indent=1) + "\n").encode(),
    }

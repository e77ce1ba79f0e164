#!/usr/bin/env python3
"""Writes the targets and their first seeds. Seeds that are there already are left alone.

    python3 fuzz/seeds.py

A new format: add its name and a text or two to FORMATS below and run this.
"""

import gzip
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path

import mmdb
import outlook
import pdf

HERE = Path(__file__).parent
HASH = "sha256:" + "ab" * 32

MAIL = (
    b"Return-Path: <a@relay.example>\r\n"
    b"Received: from relay.example (relay.example [192.0.2.7])\r\n\tby mx.town.test (Postfix) with ESMTP id 1;"
    b" Mon, 11 May 2026 09:00:00 +0200\r\n"
    b"Authentication-Results: mx.town.test; spf=pass smtp.mailfrom=relay.example; dmarc=fail header.from=club.example\r\n"
    b"From: =?utf-8?q?Cl=C3=BCb?= <post@club.example>\r\nTo: b@town.test\r\nSubject: Seed\r\n"
    b"Date: Mon, 11 May 2026 15:45:00 +0845\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=windows-1251\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=CF=F0 hxxp://a[.]example/x\r\n--b\r\n"
    b"Content-Type: message/rfc822\r\n\r\nFrom: c@town.test\r\n\r\ninner\r\n--b--\r\n"
)
MBOX = b"From a@relay.example Mon May 11 07:00:00 2026\n" + MAIL.replace(b"\r\n", b"\n") + b"\n>From the start\n\n"
MBOX += b"From b@relay.example Mon May 11 08:00:00 2026\nFrom: b@relay.example\n\nshort\n"
COMBINED = b'192.0.2.1 - - [11/May/2026:09:00:00 +0200] "GET /a?b=\\"c HTTP/1.1" 200 12 "-" "Agent \\x27" "cookie"\n'
IIS = (
    b"#Fields: date time c-ip cs-method cs-uri-stem sc-status\r\n2026-05-11 07:00:00 192.0.2.1 GET /a 200\r\n"
    b"#Fields: date time cs-uri-stem c-ip\r\n2026-05-11 07:00:01 /b 192.0.2.2\r\n"
)
ALB = (
    b"https 2026-05-11T07:00:00.186641Z app/seed/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.000 0.001 0.000 200 200"
    b' 34 366 "GET https://www.example:443/a?b=c HTTP/1.1" "curl/7.46.0" - - arn:aws:x "Root=1-58337262" "-" "-" 0'
    b' 2026-05-11T07:00:00.000000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"\n'
)
NGINX = b'{"time_iso8601":"2026-05-11T09:00:00+02:00","remote_addr":"192.0.2.1","request":"GET /a\\u0020b HTTP/1.1","status":200,"body_bytes_sent":12}\n'
STIX = json.dumps({"type": "bundle", "id": "bundle--1", "objects": [
    {"type": "intrusion-set", "id": "intrusion-set--1", "name": "Pale Heron", "aliases": ["QT-14"]},
    {"type": "indicator", "id": "indicator--1", "pattern_type": "stix", "valid_from": "2026-04-22T00:00:00Z",
     "pattern": "[ipv4-addr:value = '192.0.2.7' OR domain-name:value = 'a\\'b.example']"},
    {"type": "relationship", "id": "relationship--1", "relationship_type": "indicates", "source_ref": "indicator--1",
     "target_ref": "intrusion-set--1"},
]}).encode()
RDAP = json.dumps({"objectClassName": "ip network", "handle": "NET-1", "startAddress": "192.0.2.0",
    "endAddress": "192.0.2.255", "events": [{"eventAction": "registration", "eventDate": "2020-01-01T00:00:00Z"}],
    "entities": [{"roles": ["registrant"], "vcardArray": ["vcard", [["fn", {}, "text", "Org"]]]}]}).encode()
CERTIFICATES = json.dumps({"certificates": [{"not_before": "2026-04-01T09:00:00Z", "serial": "0a", "names": ["*.a.example", 1],
    "spki_sha256": "AB:CD"}, {"not_before": 9e99, "serial_number": "", "name_value": "a\nb"}]}).encode()
POSTS = (b"account,created_at,posted_at,text,url,shares\n"
    b"wick,2026-05-01,1770000000.5,The ferry leaves at nine tomorrow,https://A.example/x?utm_a=1#t,2\n,,x,,,\n")
TOOTS = b'{"created_at":"2026-05-11T07:00:00Z","content":"x","account":{"acct":"gull","created_at":0},"media_attachments":[{"url":1}]}\n' * 2
COF = b'{"rrname":"a.example","rrtype":"A","rdata":["192.0.2.7"],"time_first":1770000000,"time_last":1780000000,"count":3}\n'
WARNING = json.dumps({"name": "w", "version": 1, "description": "d", "type": "cidr", "list": ["192.0.2.0/28"],
    "matching_attributes": ["ip-src"]}).encode()
MISP = json.dumps({"Event": {"info": "e", "date": "2026-05-01", "Attribute": [
    {"type": "ip-dst|port", "value": "192.0.2.7|443", "to_ids": True, "timestamp": "1770000000"}],
    "Galaxy": [{"GalaxyCluster": [{"value": "Pale Heron", "type": "threat-actor"}]}]}}).encode()
GALAXY = json.dumps({"type": "threat-actor", "name": "g", "values": [
    {"value": "Pale Heron", "meta": {"synonyms": ["QT-14"], "country": "XA"}}]}).encode()
TRACE = (
    b"Received,SenderAddress,RecipientAddress,Status,FromIP,MessageId\r\n"
    b"5/11/2026 7:00:05 PM,a@relay.example,b@town.test##Fail;c@town.test,Delivered,192.0.2.7,<1@club.example>\r\n,,\r\n"
)
CSV = b'ref,name,note\n1,"A ""B""","two\nlines"\n2,C\n3,D,e,f\n'


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("a/b.txt", b"192.0.2.7\n"), ("../c.csv", CSV)):
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def tarred():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo("a/mail.eml")
        member.size = len(MAIL)
        archive.addfile(member, io.BytesIO(MAIL))
    return buffer.getvalue().rstrip(b"\0") + b"\0" * 1024


HAPROXY = (
    b"<134>Feb 14 00:03:07 lb1 haproxy[1]: 192.0.2.7:33317 [14/Feb/2025:00:03:07.655] in~ votes/w1 10/0/30/69/+109 200 2750"
    b' - - ---- 1/1/1/1/0 0/0 {site.example|x/1|https://a.example/} {} "GET /lookup?id=7 HTTP/1.1"\n'
)
DECLARED = (
    b'LogFormat "%{%s}t.%{usec_frac}t|%v:%p|%a|%m %U%q|%>s|%B|%D|\\"%{Referer}i\\"|%{sid}C" a\n'
    b'1739667600.120000|a.example:443|192.0.2.7|GET /lookup?id=7|200|5|44120|"\\""|x\n'
)
CADDY = (
    b'{"ts":1739667600.5,"request":{"remote_ip":"192.0.2.7","method":"GET","uri":"/a","headers":{"User-Agent":["x"],'
    b'"Cookie":["REDACTED"]}},"status":200}\n'
)
AKAMAI = (
    b'{"reqTimeSec":"1739667600.1","cliIP":"192.0.2.7","reqMethod":"GET","reqPath":"/a","UA":"x%2F1+%28y","referer":"%"}\n'
)
KNOWLEDGE = (
    b'{"knowledge":1,"table":"indicators","kind":"ip","value":"192.0.2.7","actor":"x","valid_from":"2031-01-02"}\n'
    b'{"knowledge":1,"table":"shared_ranges","kind":"cidr","value":"192.0.2.0/24","description":"vpn-exit"}\n'
    b'{"knowledge":1,"table":"tenancies","kind":"domain","value":"a.example","valid_from":"2031-01-02T03:04:05Z"}\n'
    b'{"knowledge":1,"table":"media_fingerprints","prints":[[1000,"' + b"a5" * 32 + b'"],[7]]}\n'
)
SDN = (
    '<?xml version="1.0"?><sdnList xmlns="u"><publshInformation><Publish_Date>05/11/2026</Publish_Date></publshInformation>'
    "<sdnEntry><uid>1</uid><firstName>Вадим</firstName><lastName>M &amp; &x; N</lastName><sdnType>Individual</sdnType>"
    "<idList><id><idType>Email Address</idType><idNumber>a@a.example</idNumber></id><id><idType>Passport</idType>"
    "<idNumber>X 12-34</idNumber></id></idList><akaList><aka><category>weak</category><lastName><![CDATA[n]]></lastName></aka>"
    "</akaList></sdnEntry></sdnList>"
).encode()
ADVANCED = (
    b'<Sanctions xmlns="u"><DateOfIssue><Year>2031</Year><Month>3</Month><Day>5</Day></DateOfIssue><ReferenceValueSets><F>'
    b'<FeatureType ID="2">Website</FeatureType></F></ReferenceValueSets><DistinctParty FixedRef="1"><Profile PartySubTypeID="4">'
    b'<Alias Primary="true"><DocumentedName><NamePartValue>M</NamePartValue></DocumentedName></Alias><Feature FeatureTypeID="2">'
    b"<VersionDetail>http://a.example/x</VersionDetail></Feature></Profile></DistinctParty></Sanctions>"
)
FTM = (
    b'{"id":"a","schema":"Person","properties":{"name":["V. M"],"topics":["sanction"],"website":["a.example"],"phone":["+1 202"]}}\n'
    b'{"id":"b","schema":"CryptoWallet","properties":{"publicKey":["1BoatSLRHtKNngkdXEeobR76b53LETtpyT"],"holder":[{"id":"a"}]}}\n'
    b'{"id":"c","schema":"Ownership","properties":{"owner":["a"],"asset":[7]}}\n{"id":\n'
)
FORMATS = {
    "compressed": [gzip.compress(COMBINED, mtime=0), lzma.compress(CSV), gzip.compress(b"cut", mtime=0)[:-6]],
    "zip": [zipped(), zipped()[:90]],
    "tar": [tarred(), tarred()[:700]],
    "msg": [outlook.msg(outlook.draft()), outlook.msg(outlook.mail())[:2600]],
    "pst": [outlook.pst([outlook.draft(outlook.wide)]), outlook.pst([outlook.draft()], None, True)],
    "tnef": [outlook.tnef(outlook.draft()), outlook.tnef(outlook.mail(attachments=[outlook.item_attachment(outlook.draft())]))],
    "pdf": pdf.SEEDS,
    "message-trace": [TRACE, TRACE.decode().encode("utf-16"), TRACE.replace(b",", b";;")],
    "mail": [MAIL, MAIL[:400], b"From: a@b.example\n\n"],
    "mbox": [MBOX, b"From \n\nFrom \n"],
    "weblog-combined": [COMBINED + COMBINED[:40], b'- - - [99/Zzz/0000:99:99:99 +9999] "\\" 9 9\n'],
    "weblog-w3c": [IIS, b"#Fields:\n1 2 3\n"],
    "weblog-alb": [ALB, ALB[:120]],
    "weblog-haproxy": [HAPROXY, HAPROXY[:90]],
    "weblog-declared": [DECLARED, b'LogFormat "%t%r" x\nlog_format y \'${msec}$uri$is_args$args\nLogFormat "%{^%\\\n[]\n'],
    "weblog-json": [NGINX, CADDY, AKAMAI, b'{"time":9e999,"remote_addr":[]}\n'],
    "stix": [STIX, STIX[:200], b'{"type":"bundle","objects":[{"type":"indicator","pattern":"[[a:b = \'"}]}'],
    "rdap": [RDAP, RDAP.replace(b"192.0.2.255", b"::1")],
    "dns-snapshot": [
        b'{"collected":"2026-05-06","records":{"a.example":{"TXT":["v=spf1 -all",["v=DK","IM1"]],"MX":[]},"b":7}}',
        b'{"records":{"\\u0000":{"TXT":{"a":1},"A":"192.0.2.1."}}}',
    ],
    "zone-file": [
        b'$ORIGIN a.example.\n@ IN SOA ns root ( 2026051101 1 2 3 4 )\n\tNS ns\nx 1h TXT "v=spf1 " "-all" ; c\n',
        b'$TTL 1\n((("\\999\n) IN\n',
    ],
    "certificate-list": [CERTIFICATES, CERTIFICATES[:90]],
    "passive-dns": [COF, COF.replace(b"1770000000", b"-99999999999999")],
    "knowledge": [KNOWLEDGE, KNOWLEDGE.replace(b"192.0.2.0/24", b"::/999").replace(b"2031", b"-1")],
    "ofac-sdn": [SDN, ADVANCED, SDN[:300], b"<sdnList>" + b"<sdnEntry><a>" * 80],
    "followthemoney": [FTM, FTM[:90]],
    "mmdb": [mmdb.ASN, mmdb.ANONYMOUS, mmdb.COUNTRY, mmdb.ASN[:300] + mmdb.MARK + b"\xe0"],
    "warninglist": [WARNING],
    "media": [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\0\0\0\x20ftypisom", b"RIFF\x04\0\0\0AVI "],
    "misp-event": [MISP],
    "misp-galaxy": [GALAXY],
    "scanner-list": [b"site,cidr,from,to,tool\na.example,192.0.2.0/28,2026-05-06T08:00:00Z,x,y\n"],
    "indicator-table": [b"indicator,type,actor,first_seen\n192.0.2.7,ip,heron,2026-04-22\nx,,,\n"],
    "indicator-lines": [b"# list\na.example\n192.0.2.7\n\n"],
    "prefix-table": [b"prefix,asn,name,country\n192.0.2.0/24,64496,Net,XA\n2001:db8::/999,x,,\n"],
    "shared-ranges": [b"# address  provider  vpn exits\n192.0.2.1  Veil\n192.0.2.0/33  Veil\n"],
    "delimited": [CSV, CSV.decode().encode("utf-16"), b'"open\n', b"a;b;c\n1;2;3\n", POSTS],
    "json-lines": [b'{"a":"x","b":[1,{"c":null}]}\n{"a":\n\n', TOOTS],
    "json": [b'{"a":{"b/c":["hxxp://a[.]example",1e400]}}', b"[" * 200],
    "text": [b"user@host:~$ cat C:\\Users\\vesna\\a.txt\n", "v1.2.3.4 \u202e\u0660".encode(), b"\xff\xfea\0b\0"],
    "html": [b"<html><meta name=author content=vesna><a href='http://a.example/'>x</a><!--"],
    "note": [b"# Collection\n\nSite: https://a.example/\nClock: the server was ahead by 99999999999999999999 s.\n"],
}

OTHERS = {
    "traffic": [
        b"GET\t/record\tid=1%2527%20/*!50000UnIoN*/%23a%0aselect\tMozilla/5.0 (X11)\thttp://a.example/\n"
        b"POST\t/a/..;/%c0%ae%u002e\tx=$()c''at%20{a,b}%20${\t<x\t' or\n",
        b"".join(b"GET\t/record\tid=%d\tcurl/8.0\t-\t200\t192.0.2.7\n" % at for at in range(60)), b"\t\t\t\t\n", b"\xff%%%u\t/\t/*#--\n\tx",
    ],
    "locator": [
        f"{HASH}/gzip/line:4021".encode(), f"{HASH}/mbox:7/part:2/base64/bytes:120-145".encode(),
        f"{HASH}/zip:3=a%2Fb.txt/csv:row:18,col:e%2Cmail".encode(), b"sha256:/", f"{HASH}/frame:12.40s/box:1,2,3,4".encode(),
    ],
    "resolve": [
        b"gzip/bytes:3-9\n" + gzip.compress(COMBINED, mtime=0), b"mbox:1/header:From[0]\n" + MBOX,
        b"part:1/quoted-printable/charset:windows-1251\n" + MAIL, b"csv:row:2,col:note\n" + CSV,
        b"json:objects:1:pattern\n" + STIX, b"pst:2097188/part:0\n" + outlook.pst([outlook.draft()]),
        b"msg/header:From[0]\n" + outlook.msg(outlook.draft()), b"tnef/bytes:2-9\n" + outlook.tnef(outlook.draft()),
        b"cfb:__substg1.0_0037001E\n" + outlook.msg(outlook.draft()), b"line:2\na\nb", b"bytes:9-3\nabc", b"zip:1=x/line:2\n" + zipped(),
        b"pdf:5/bytes:0-9\n" + pdf.SEEDS[0], b"pdf:9\n" + pdf.SEEDS[1],
    ],
    "extract": [
        b"\x00hxxps://a[.]example/b(c) 192.0.2.7:443, x (at) y [dot] example v1.2.3.4 2001:db8::1/64 CVE-2026-1234",
        b"\x01Mon, 11 May 2026 15:45:00 +0845", b"\x02www.a.example/inc.php for 192.0.2.7", b"\x03" + COMBINED,
        b"\x06C:\\Users\\vesna\\Desktop\\out.csv \\\\srv\\share AS64496 T1059.001 1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        "\x00аpple.example ｈttp．example 👁‍🗨@b.example \u202e".encode(), b"\x00" + b"\xff\xfe\x80." * 9,
    ],
    "reissue": [b"\x24# list\nindicator,type,actor,tlp\n192.0.2.7,ip,Paper Gull,green\n", b"\x45# VPN exits\n192.0.2.0/24 Example Veil\n", b"\x20" + STIX, b"\x41" + MISP, b"\x32" + GALAXY, b"\x23" + WARNING, b"\x00" + STIX.replace(b"--1", b"--00000001-0000-4000-8000-000000000001")],
    "any_format": [MAIL, MBOX, COMBINED, CSV, STIX, gzip.compress(MBOX, mtime=0), b"", b"\0" * 64],
}

TARGET = """//! Fuzz target `{name}`; what it does stands in `fuzz/src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::run("{name}", input));
"""

# Apart from `fuzz::run`, so that the tests of `traffic` replay it without `evidence`.
TRAFFIC = """//! Fuzz target `traffic`; what it does stands in `fuzz/src/traffic.rs`.
#![no_main]

#[path = "../src/traffic.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|input: &[u8]| target::run(input));
"""

BIN = """
[[bin]]
name = "{name}"
path = "fuzz_targets/{name}.rs"
test = false
doc = false
bench = false
"""


def main():
    targets = {f"format_{name.replace('-', '_')}": seeds for name, seeds in FORMATS.items()} | OTHERS
    manifest = (HERE / "Cargo.toml").read_text().split("\n[[bin]]")[0].rstrip() + "\n"
    for name, seeds in sorted(targets.items()):
        (HERE / "fuzz_targets" / f"{name}.rs").write_text(TRAFFIC if name == "traffic" else TARGET.format(name=name))
        folder = HERE / "seeds" / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            path = folder / f"seed-{number}"
            if not path.exists():
                path.write_bytes(seed)
        manifest += BIN.format(name=name)
    (HERE / "Cargo.toml").write_text(manifest)


if __name__ == "__main__":
    main()

"""Writes small Outlook files of invented mails: .msg, winmail.dat, .pst.

A second hand: nothing here is shared with the readers. `fuzz/seeds.py` makes
seeds of these; run alone, it writes the corpus of `crates/evidence`:

    python3 fuzz/outlook.py            # the corpus
    python3 fuzz/outlook.py N FILE     # FILE.msg and FILE.pst with N mails, for benches
"""

import base64
import struct
import sys
from pathlib import Path

SUBJECT, SUBMIT, HEADERS, SENDER, SENDER_ADDRESS = 0x37, 0x39, 0x7D, 0x0C1A, 0x0C1F
KIND, TO, BODY, RTF, HTML, MESSAGE_ID = 0x0C15, 0x0E04, 0x1000, 0x1009, 0x1013, 0x1035
NAME, ADDRESS, DATA, SHORT, METHOD, LONG_NAME, MIME, CID = 0x3001, 0x3003, 0x3701, 0x3704, 0x3705, 0x3707, 0x370E, 0x3712
SMTP, CPID, PAGE = 0x39FE, 0x3FDE, 0x3FFD

HEAD = """Received: from relay.example (relay.example [192.0.2.7])\r
\tby mx.town.test (Postfix) with ESMTP id 1; Mon, 11 May 2026 09:00:00 +0200\r
Authentication-Results: mx.town.test; spf=pass smtp.mailfrom=relay.example; dmarc=fail header.from=club.example\r
Return-Path: <vhost7@relay.example>\r
From: "The Club" <post@club.example>\r
To: b@town.test\r
Subject: A notice\r
Date: Mon, 11 May 2026 15:45:00 +0845\r
Message-ID: <1@club.example>\r
X-Mailer: Invented 1.0\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary="----=_Next_1"\r
"""
PLAIN = "A neutral text – with a dash.\r\nhttps://club.example/a\r\n"
MARKUP = "<p>Ein neutraler Text: gr\u00fc\u00dfe</p>"


def narrow(text, charset="cp1252"):
    return (0x1E, text.encode(charset))


def wide(text):
    return (0x1F, text.encode("utf-16le"))


def binary(value):
    return (0x102, value)


def number(value):
    return (0x03, value)


def time(value):
    return (0x40, value)


def mail(**more):
    """Properties of a mail that arrived, its recipients and attachments."""
    return {"properties": {HEADERS: wide(HEAD), SUBJECT: wide("A notice"), BODY: wide(PLAIN),
        HTML: binary(MARKUP.encode("cp1252")), CPID: number(1252)}, "recipients": [], "attachments": [], **more}


def draft(text=narrow):
    """A mail that was never sent."""
    to = {KIND: number(1), NAME: text("Person C"), SMTP: text("c@town.test")}
    copy = {KIND: number(2), NAME: text("Person D"), ADDRESS: text("d@town.test")}
    properties = {SUBJECT: text("Re: plan"), SENDER: text("Operator \"O\""), SENDER_ADDRESS: text("o@club.example"),
        SUBMIT: time(134231400000000000), MESSAGE_ID: text("<2@club.example>"), BODY: text("Nur ein Satz.")}
    return {"properties": properties, "recipients": [to, copy], "attachments": []}


def file_attachment(name, value, mime="text/csv"):
    return {"properties": {METHOD: number(1), LONG_NAME: wide(name), MIME: wide(mime), DATA: binary(value)}}


def item_attachment(item):
    return {"properties": {METHOD: number(5), NAME: wide("Inner")}, "item": item}


def rtf(text):
    raw = text.encode("ascii")
    return binary(struct.pack("<IIII", len(raw) + 12, len(raw), 0x414C454D, 0) + raw)


# .msg: a compound file (MS-CFB, MS-OXMSG)


def storage(item, head):
    """A storage as a dictionary: bytes for streams, dictionaries for storages."""
    tree, fixed = {}, b"\0" * head
    for tag, (kind, value) in item["properties"].items():
        if kind in (0x1E, 0x1F, 0x102):
            tree[f"__substg1.0_{tag:04X}{kind:04X}"] = value
            fixed += struct.pack("<HHIQ", kind, tag, 6, len(value))
        else:
            fixed += struct.pack("<HHIQ", kind, tag, 6, value)
    for n, recipient in enumerate(item.get("recipients", [])):
        tree[f"__recip_version1.0_#{n:08X}"] = storage({"properties": recipient}, 8)
    for n, attachment in enumerate(item.get("attachments", [])):
        inner = storage({"properties": attachment["properties"]}, 8)
        if "item" in attachment:
            inner["__substg1.0_3701000D"] = storage(attachment["item"], 24)
        tree[f"__attach_version1.0_#{n:08X}"] = inner
    tree["__properties_version1.0"] = fixed
    return tree


def msg(item):
    return compound(storage(item, 32))


class Sectors:
    def __init__(self, size):
        self.size, self.table, self.bytes = size, [], b""

    def put(self, value):
        if not value:
            return 0xFFFFFFFE
        count, first = -(-len(value) // self.size), len(self.table)
        self.table += [first + n + 1 for n in range(count - 1)] + [0xFFFFFFFE]
        self.bytes += value.ljust(count * self.size, b"\0")
        return first


def compound(tree):
    sectors, small, entries = Sectors(512), Sectors(64), []

    def add(name, value):
        place = len(entries)
        entries.append(None)
        if isinstance(value, bytes):
            where = small.put(value) if len(value) < 4096 else sectors.put(value)
            entries[place] = [name, 2, 0xFFFFFFFF, where, len(value)]
        else:
            children = sorted(value.items(), key=lambda pair: (len(pair[0]), pair[0].upper()))
            entries[place] = [name, 5 if place == 0 else 1, 0, 0, 0]
            entries[place][2] = balance([(child, add(child, inner)) for child, inner in children])
        return place

    sides = {}

    def balance(children):
        if not children:
            return 0xFFFFFFFF
        middle = len(children) // 2
        place = children[middle][1]
        sides[place] = (balance(children[:middle]), balance(children[middle + 1:]))
        return place

    add("Root Entry", tree)
    entries[0][3], entries[0][4] = sectors.put(small.bytes), len(small.bytes)
    directory = b""
    for place, (name, kind, child, where, size) in enumerate(entries):
        left, right = sides.get(place, (0xFFFFFFFF, 0xFFFFFFFF))
        text = (name + "\0").encode("utf-16le")
        directory += text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, left, right, child)
        directory += b"\0" * 36 + struct.pack("<IQ", where, size)
    pad = len(directory) % 512
    directory += (b"\0" * 68 + b"\xff" * 12 + b"\0" * 48) * ((512 - pad) // 128 if pad else 0)
    directory_at = sectors.put(directory)
    small_table = b"".join(struct.pack("<I", entry) for entry in small.table)
    small_table = small_table.ljust(-(-len(small_table) // 512) * 512, b"\xff")
    small_at = sectors.put(small_table)
    count = 1
    while (len(sectors.table) + count) * 4 > count * 512:
        count += 1
    first = len(sectors.table)
    table = sectors.table + [0xFFFFFFFD] * count
    table = b"".join(struct.pack("<I", entry) for entry in table).ljust(count * 512, b"\xff")
    assert count <= 109
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, count, directory_at, 0, 4096, small_at, len(small_table) // 512, 0xFFFFFFFE, 0)
    head += b"".join(struct.pack("<I", first + n if n < count else 0xFFFFFFFF) for n in range(109))
    return head + sectors.bytes + table


# winmail.dat (MS-OXTNEF)


def tnef(item):
    out = struct.pack("<IH", 0x223E9F78, 1)
    out += attribute(1, 0x00089006, struct.pack("<I", 0x10000)) + attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    out += attribute(1, 0x00069003, property_set(item["properties"]))
    if item.get("recipients"):
        sets = b"".join(property_set(one) for one in item["recipients"])
        out += attribute(1, 0x00069004, struct.pack("<I", len(item["recipients"])) + sets)
    for one in item.get("attachments", []):
        properties = dict(one["properties"])
        kind, value = properties.pop(DATA, (0x102, b""))
        out += attribute(2, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 32, 32, 0))
        if "item" in one:
            properties[DATA] = (0x0D, b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46" + tnef(one["item"]))
        else:
            out += attribute(2, 0x0006800F, value)
        out += attribute(2, 0x00069005, property_set(properties))
    return out


def attribute(level, name, value):
    return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def property_set(properties):
    out = struct.pack("<I", len(properties) + 1)
    # A named one first, which a reader has to pass over.
    out += struct.pack("<HH", 0x1F, 0x8001) + b"\1" * 16 + struct.pack("<II", 1, 6) + b"a\0b\0c\0\0\0"
    out += struct.pack("<II", 1, 2) + b"x\0\0\0"
    for tag, (kind, value) in properties.items():
        out += struct.pack("<HH", kind, tag)
        if kind in (0x1E, 0x1F, 0x102, 0x0D):
            value += {0x1E: b"\0", 0x1F: b"\0\0"}.get(kind, b"")
            out += struct.pack("<II", 1, len(value)) + value.ljust(-(-len(value) // 4) * 4, b"\0")
        else:
            out += struct.pack("<Q" if kind == 0x40 else "<I", value)
    return out


# .pst (MS-PST)

CRC = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0xEDB88320 if byte & 1 else 0)
    CRC.append(byte)


def crc(value):
    total = 0
    for byte in value:
        total = CRC[(total ^ byte) & 0xFF] ^ total >> 8
    return total


def signature(where, name):
    mixed = where ^ name
    return (mixed >> 16 ^ mixed) & 0xFFFF


class Pst:
    """The wide form; `there` is the table of the permuting cipher, if it is used."""

    def __init__(self, there=None, narrow=False):
        self.there, self.narrow, self.out, self.blocks, self.nodes, self.next = there, narrow, bytearray(0x4600), [], [], 4
        self.width, self.word = (4, "<I") if narrow else (8, "<Q")

    def name(self, inner=False):
        self.next += 4
        return self.next | (2 if inner else 0)

    def block(self, value, inner=False):
        name, trailer = self.name(inner), 12 if self.narrow else 16
        where = len(self.out)
        if self.there and not inner:
            value = value.translate(self.there)
        end = struct.pack("<HH", len(value), signature(where, name))
        end += struct.pack("<II", name, crc(value)) if self.narrow else struct.pack("<IQ", crc(value), name)
        room = -(-(len(value) + trailer) // 64) * 64
        self.out += value.ljust(room - trailer, b"\0") + end
        self.blocks.append((name, where, len(value)))
        return name

    def data(self, value):
        room = 8180 if self.narrow else 8176
        if len(value) <= room:
            return self.block(value)
        names = [self.block(value[at:at + room]) for at in range(0, len(value), room)]
        table = struct.pack("<BBHI", 1, 1, len(names), len(value)) + b"".join(struct.pack(self.word, n) for n in names)
        return self.block(table, True)

    def inner(self, nodes):
        if not nodes:
            return 0
        head = struct.pack("<BBH", 2, 0, len(nodes)) + (b"" if self.narrow else b"\0" * 4)
        fields = "<III" if self.narrow else "<QQQ"
        return self.block(head + b"".join(struct.pack(fields, *node) for node in sorted(nodes)), True)

    def heap(self, kind, values, root):
        """Values get the numbers 0x20, 0x40 ... in order."""
        body, places = b"", []
        for value in values:
            places.append(12 + len(body))
            body += value
        places.append(12 + len(body))
        body += b"\0" * (len(body) % 2)
        head = struct.pack("<HBBII", 12 + len(body), 0xEC, kind, root, 0)
        return head + body + struct.pack("<HH", len(values), 0) + b"".join(struct.pack("<H", place) for place in places)

    def properties(self, properties, objects=()):
        """Data block and inner nodes of a set of properties."""
        values, nodes, records = [b"", b""], list(objects), b""
        for tag, (kind, value) in sorted(properties.items()):
            if kind in (0x03, 0x0B):
                reference = value
            else:
                value = struct.pack("<Q", value) if kind == 0x40 else value
                if len(value) > 3000:
                    reference = 0x1001F + 0x20 * len(nodes)
                    nodes.append((reference, self.data(value), 0))
                elif value:
                    values.append(value)
                    reference = 0x20 * len(values)
                else:
                    reference = 0
            records += struct.pack("<HHI", tag, kind, reference)
        values[0], values[1] = struct.pack("<BBBBI", 0xB5, 2, 6, 0, 0x40), records
        return self.block(self.heap(0xBC, values, 0x20)), nodes

    def table(self, rows):
        """A table of recipients: type, name, address."""
        kind = rows[0][NAME][0]
        columns = [(0x67F20003, 0, 4), (0x67F30003, 4, 4), (0x0C150003, 8, 4), (0x30010000 | kind, 12, 4), (0x39FE0000 | kind, 16, 4)]
        values, matrix, index = [b"", b"", b""], b"", b""
        for n, row in enumerate(rows):
            cells = []
            for tag in (NAME, SMTP):
                values.append(row.get(tag, row.get(ADDRESS, wide("")))[1])
                cells.append(0x20 * len(values))
            matrix += struct.pack("<IIIIIB", n, 0, row[KIND][1], *cells, 0xF8)
            index += struct.pack("<II", n, n)
        order = sorted(range(5), key=lambda n: columns[n][0])
        described = b"".join(struct.pack("<IHBB", *columns[n], n) for n in order)
        values[0] = struct.pack("<BBHHHHIII", 0x7C, 5, 20, 20, 20, 21, 0x40, 0x60, 0) + described
        values[1], values[2] = struct.pack("<BBBBI", 0xB5, 4, 4, 0, 0x20 * (len(values) + 1)), matrix
        values.append(index)
        return self.block(self.heap(0x7C, values, 0x20))

    def item(self, item):
        nodes = [(0x692, self.table(item["recipients"]), 0)] if item.get("recipients") else []
        for n, attachment in enumerate(item.get("attachments", [])):
            properties, objects = dict(attachment["properties"]), []
            if "item" in attachment:
                data, inner = self.item(attachment["item"])
                objects.append((0x200024, data, self.inner(inner)))
                properties[DATA] = (0x0D, struct.pack("<II", 0x200024, 0))
            data, inner = self.properties(properties, objects)
            nodes.append((0x8025 + 32 * n, data, self.inner(inner)))
        properties = {0x001A: wide("IPM.Note"), 0x0E07: number(1), **item["properties"]}
        data, nodes = self.properties(properties, nodes)
        return data, nodes

    def folder(self, node, name, parent):
        data, _ = self.properties({NAME: wide(name), 0x3602: number(0), 0x3603: number(0), 0x360A: (0x0B, 1)})
        self.nodes.append((node, data, 0, parent))

    def message(self, node, item, parent):
        data, nodes = self.item(item)
        self.nodes.append((node, data, self.inner(nodes), parent))

    def page(self, kind, level, size, entries):
        name, where = self.name(), -(-len(self.out) // 512) * 512
        room = 496 if self.narrow else 488
        body = b"".join(entries).ljust(room, b"\0")
        body += struct.pack("<BBBB", len(entries), room // size, size, level) + (b"" if self.narrow else b"\0" * 4)
        body += struct.pack("<BBH", kind, kind, signature(where, name))
        body += struct.pack("<II", name, crc(body[:500])) if self.narrow else struct.pack("<IQ", crc(body[:496]), name)
        self.out = self.out.ljust(where, b"\0") + body
        return name, where

    def tree(self, kind, entries, size):
        """Entries are pairs of a key and bytes."""
        level, room = 0, 496 if self.narrow else 488
        while True:
            groups = [entries[at:at + room // size] for at in range(0, len(entries), room // size)] or [[]]
            pages = [(group[0][0] if group else 0, self.page(kind, level, size, [one for _, one in group])) for group in groups]
            if len(pages) == 1:
                return pages[0][1]
            fields, size, level = "<III" if self.narrow else "<QQQ", 3 * self.width, level + 1
            entries = [(key, struct.pack(fields, key, *page)) for key, page in pages]

    def close(self):
        nodes = [(n, struct.pack("<IIII" if self.narrow else "<QQQII", n, d, s, p, *([] if self.narrow else [0])))
            for n, d, s, p in sorted(self.nodes)]
        node_root = self.tree(0x81, nodes, 16 if self.narrow else 32)
        blocks = [(name, struct.pack("<IIHH" if self.narrow else "<QQHHI", name, where, size, 2, *([] if self.narrow else [0])))
            for name, where, size in sorted(self.blocks)]
        block_root = self.tree(0x80, blocks, 12 if self.narrow else 24)
        crypt = 1 if self.there else 0
        raw = (self.narrow_head if self.narrow else self.wide_head)(node_root, block_root, crypt)
        whole = b"!BDN" + struct.pack("<I", crc(raw[:471])) + raw
        self.out[:len(whole)] = whole
        return bytes(self.out)

    def narrow_head(self, node_root, block_root, crypt):
        head = b"SM" + struct.pack("<HHBBII", 14, 19, 1, 1, 0, 0) + struct.pack("<III", self.next, self.next, 1)
        head += struct.pack("<32I", *[0x400] * 32) + struct.pack("<IIIII", 0, len(self.out), 0x4400, 0, 0)
        head += struct.pack("<IIII", *node_root, *block_root) + b"\2\0\0\0"
        return head + b"\xff" * 256 + bytes([0x80, crypt]) + b"\0" * 50

    def wide_head(self, node_root, block_root, crypt):
        """What follows the first two fields (MS-PST, 2.2.2.6)."""
        head = b"SM" + struct.pack("<HHBBII", 23, 19, 1, 1, 0, 0)
        head += struct.pack("<QQI", 0, self.next, 1) + struct.pack("<32I", *[0x400] * 32) + b"\0" * 8
        head += struct.pack("<IQQQQ", 0, len(self.out), 0x4400, 0, 0)
        head += struct.pack("<QQQQ", *node_root, *block_root) + b"\2\0\0\0"
        head += struct.pack("<I", 0) + b"\xff" * 256 + bytes([0x80, crypt, 0, 0]) + struct.pack("<Q", self.next)
        last = head[:516]
        return last + struct.pack("<I", crc(last)) + b"\0" * 40


def pst(items, there=None, narrow=False):
    store = Pst(there, narrow)
    store.folder(0x122, "", 0x122)
    store.folder(0x8022, "Top", 0x122)
    store.folder(0x8042, "Inbox", 0x8022)
    for n, item in enumerate(items):
        store.message(0x200024 + 32 * n, item, 0x8042)
    return store.close()


def corpus():
    html = r"{\rtf1\ansi\ansicpg1251\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 \'cf\'f0\'ee\'e2\'e5\'f0\'ea\'e0\htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}}"
    inside = item_attachment(draft(wide))
    table = file_attachment("list.csv", b"ref,ip\n1,192.0.2.9\n")
    with_all = mail(attachments=[table, inside])
    in_rtf = {"properties": {HEADERS: narrow(HEAD.replace('multipart/alternative; boundary="----=_Next_1"', "text/html")),
        RTF: rtf(html)}, "attachments": []}
    old = {**draft(), "properties": {**draft()["properties"], PAGE: number(1251), BODY: narrow("Нейтральный текст", "cp1251")}}
    whole = msg(with_all)
    loose = whole.replace("__properties_version1.0".encode("utf-16le"), "__properties_version9.9".encode("utf-16le"), 1)
    winmail = tnef({"properties": {SUBJECT: wide("A notice"), BODY: wide(PLAIN), RTF: rtf(html)}, "attachments": [table, inside]})
    carrier = HEAD.replace("multipart/alternative", "multipart/mixed").encode() + b"\r\n------=_Next_1\r\n\r\nshort\r\n"
    carrier += b'------=_Next_1\r\nContent-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    carrier += base64.encodebytes(winmail).replace(b"\n", b"\r\n") + b"------=_Next_1--\r\n"
    there = permutation()
    items = [with_all, draft(wide), mail(attachments=[file_attachment("long.txt", b"neutral line\n" * 2000, "text/plain")])]
    narrow_items = [draft(narrow), draft(narrow)]
    box = pst(items)
    return {
        "msg/standard/arrived.msg": whole, "msg/standard/draft.msg": msg(draft(wide)), "msg/standard/html_in_rtf.msg": msg(in_rtf),
        "msg/legacy/narrow.msg": msg(old), "msg/malformed/cut.msg": whole[:len(whole) // 2], "msg/malformed/no_item.msg": loose,
        "msg/thirdparty/headers_with_title.msg": msg({"properties": {HEADERS: narrow("Microsoft Mail Internet Headers Version 2.0\r\n" + HEAD + "\r\n\r\npart of a body\r\n"), BODY: narrow("short")}}),
        "tnef/standard/in_mail.eml": carrier, "tnef/standard/winmail.dat": winmail,
        "tnef/legacy/attributes.dat": struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00018004, b"Old\0") + attribute(1, 0x0002800C, b"Old text\0")
            + attribute(2, 0x00018010, b"A.TXT\0") + attribute(2, 0x0006800F, b"neutral 192.0.2.4\n"),
        "tnef/malformed/cut.dat": winmail[:300], "tnef/malformed/checksum.dat": winmail.replace(b"192.0.2.9", b"192.0.2.8"),
        "tnef/thirdparty/empty.dat": struct.pack("<IH", 0x223E9F78, 1),
        "pst/standard/plain.pst": box, "pst/standard/permuted.pst": pst(items[:2], there),
        "pst/legacy/narrow.pst": pst(narrow_items, None, True), "pst/malformed/cut.pst": box[:len(box) - 2048],
        "pst/malformed/block_gone.pst": gone(box), "pst/thirdparty/newer.pst": box[:10] + struct.pack("<H", 36) + box[12:],
    }


def gone(box):
    """The block with the texts of the first mail is zeros."""
    at = box.find("A notice".encode("utf-16le"))
    return box[:at - at % 64] + b"\0" * 64 + box[at - at % 64 + 64:]


def permutation():
    """The table of the permuting cipher, out of the reader's source."""
    source = (Path(__file__).parent.parent / "crates/evidence/src/ingest/pst/cipher.rs").read_text()
    numbers = source.split("const THERE: [u8; 256] = [")[1].split("]")[0]
    return bytes(int(n) for n in numbers.replace("\n", " ").split(",") if n.strip())


if __name__ == "__main__":
    if len(sys.argv) > 2:
        many = int(sys.argv[1])
        Path(sys.argv[2] + ".pst").write_bytes(pst([mail()] * many))
        Path(sys.argv[2] + ".msg").write_bytes(msg(mail()))
    else:
        root = Path(__file__).parent.parent / "crates/evidence/tests/corpus"
        for name, value in corpus().items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(value)

"""Writes small PDF files with invented pictures.

A second hand: nothing here is shared with the reader. `fuzz/seeds.py` makes
seeds of these; run alone, it writes the corpus of `crates/evidence`:

    python3 fuzz/pdf.py
    python3 fuzz/pdf.py FILE JPEG PNM     # FILE with these pictures, to try the whole way
"""

import base64
import struct
import sys
import zlib
from pathlib import Path

# A gray square of 64 x 16 pixels, baseline JPEG: one block of scan data says "flat" throughout.
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb\x00C\x00" + b"\x10" * 64
    + b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x40\x01\x01\x11\x00"
    + b"\xff\xc4\x00\x14\x00\x01" + b"\x00" * 15 + b"\x00\xff\xc4\x00\x14\x10\x01" + b"\x00" * 15 + b"\x00"
    + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x00" * 4 + b"\xff\xd9"
)
WIDTH, HEIGHT = 40, 16


def stream(entries, body):
    return b"<< " + entries + b" /Length %d >>\nstream\n" % len(body) + body + b"\nendstream"


def image(entries, body, width=WIDTH, height=HEIGHT):
    return stream(b"/Type /XObject /Subtype /Image /Width %d /Height %d %s" % (width, height, entries), body)


def gray():
    rows = bytes((x * 6 + y) % 256 for y in range(HEIGHT) for x in range(WIDTH))
    return image(b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode", zlib.compress(rows))


def rgb():
    """With the predictor of PNG, each row as the difference to the one above."""
    rows = [bytes((x * 3 + y) % 256 for x in range(WIDTH * 3)) for y in range(HEIGHT)]
    before = [bytes(WIDTH * 3)] + rows
    lines = b"".join(b"\x02" + bytes((a - b) % 256 for a, b in zip(row, up)) for row, up in zip(rows, before))
    parms = b"/DecodeParms << /Predictor 15 /Colors 3 /Columns %d >>" % WIDTH
    return image(b"/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode " + parms, zlib.compress(lines))


def indexed():
    rows = bytes((x + y) % 16 * 16 + x % 16 for y in range(HEIGHT) for x in range(WIDTH // 2))
    colours = b"<" + bytes(range(48)).hex().encode() + b">"
    return image(b"/ColorSpace [/Indexed /DeviceRGB 15 " + colours + b"] /BitsPerComponent 4 /Filter /FlateDecode", zlib.compress(rows))


def bits():
    rows = bytes(0xAA if y % 2 else 0x55 for y in range(HEIGHT) for _ in range(WIDTH // 8))
    return image(b"/ImageMask true /Filter /ASCIIHexDecode", rows.hex().encode() + b">")


def lzw():
    """Codes of nine bits throughout: the table is cleared before they grow."""
    pixels = bytes((x + y * 3) % 256 for y in range(HEIGHT) for x in range(WIDTH))
    codes = [code for at in range(0, len(pixels), 200) for code in (256, *pixels[at : at + 200])] + [257]
    digits = "".join(f"{code:09b}" for code in codes)
    body = bytes(int(digits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(digits), 8))
    return image(b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /LZWDecode", body)


def jpeg(more=b""):
    return image(b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode" + more, JPEG, 64, 16)


def packed_jpeg():
    return image(b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter [/FlateDecode /DCTDecode]", zlib.compress(JPEG), 64, 16)


def unread(name, more=b""):
    return image(b"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /" + name + more, b"\0" * 40)


def file(pictures, version=b"1.5", table=True, more=b"", crypt=None):
    """A document of one page; pictures are objects 4 and on."""
    names = b" ".join(b"/P%d %d 0 R" % (n, n) for n in range(4, 4 + len(pictures)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Resources << /XObject << " + names + b" >> >> >>",
        *pictures,
    ]
    text, places = b"%PDF-" + version + b"\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(text))
        text += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    if not table:
        return text + b"startxref\n9\n%%EOF\n"
    start = len(text)
    text += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return text + b"trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, more, start)


def in_mail(document):
    body = base64.encodebytes(document).replace(b"\n", b"\r\n")
    return (
        b"From: a@club.example\r\nTo: b@town.test\r\nSubject: A notice\r\nDate: Mon, 11 May 2026 15:45:00 +0845\r\n"
        b"Message-ID: <1@club.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: application/pdf; name=notice.pdf\r\nContent-Disposition: attachment; filename=notice.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + body + b"--b--\r\n"
    )


# The standard security handler of a password that nobody here knows.
LOCKED = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>] " % (b"11" * 32, b"22" * 32)

ALL = [jpeg(), gray(), rgb(), indexed(), bits(), packed_jpeg()]
CORPUS = {
    "standard/pictures.pdf": file(ALL),
    "standard/mask_and_icon.pdf": file([jpeg(b" /SMask 5 0 R"), gray(), image(b"/ColorSpace /DeviceGray /BitsPerComponent 8", b"\0" * 64, 8, 8)]),
    "standard/in_mail.eml": in_mail(file([jpeg(), gray()])),
    "legacy/fax_and_lzw.pdf": file([
        unread(b"CCITTFaxDecode", b" /DecodeParms << /K -1 >>"),
        lzw(),
    ], b"1.2"),
    "malformed/no_table.pdf": file([jpeg(), gray()], table=False),
    "malformed/cut.pdf": file(ALL)[:1500],
    "malformed/short_rows.pdf": file([image(b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode", zlib.compress(bytes(WIDTH * 3 + 5)))]),
    "malformed/not_deflated.pdf": file([image(b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode", b"what is this")]),
    "malformed/huge.pdf": file([image(b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode", zlib.compress(b"\0"), 4_000_000_000, 4_000_000_000)]),
    "malformed/password.pdf": file([jpeg()], more=LOCKED),
    "malformed/codings.pdf": file([
        unread(b"JBIG2Decode"), unread(b"JPXDecode"),
        image(b"/ColorSpace /DeviceCMYK /BitsPerComponent 8 /Filter /FlateDecode", zlib.compress(bytes(WIDTH * HEIGHT * 4))),
        image(b"/ColorSpace /DeviceGray /BitsPerComponent 16 /Filter /FlateDecode", zlib.compress(bytes(WIDTH * HEIGHT * 2))),
    ]),
    "malformed/nothing.pdf": b"%PDF-1.7\n",
}
SEEDS = [file(ALL), file(ALL, table=False), file([jpeg()], more=LOCKED), CORPUS["malformed/codings.pdf"], CORPUS["malformed/not_deflated.pdf"]]


def from_files(path, jpeg_path, pnm_path):
    size = struct.Struct(">HH")
    raw = Path(jpeg_path).read_bytes()
    at = next(at for at in range(len(raw)) if raw[at : at + 2] in (b"\xff\xc0", b"\xff\xc2"))
    height, width = size.unpack(raw[at + 5 : at + 9])
    one = image(b"/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode", raw, width, height)
    _, sides, _, pixels = Path(pnm_path).read_bytes().split(b"\n", 3)
    width, height = map(int, sides.split())
    two = image(b"/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode", zlib.compress(pixels), width, height)
    Path(path).write_bytes(file([one, two]))


def main():
    if len(sys.argv) > 1:
        from_files(*sys.argv[1:])
        return
    corpus = Path(__file__).parent.parent / "crates/evidence/tests/corpus/pdf"
    for name, body in CORPUS.items():
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


if __name__ == "__main__":
    main()

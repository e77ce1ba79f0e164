"""Web logs of two sites: ordinary readers, one scan, and one scripted walk through the register."""

import gzip
import io
from datetime import timedelta

from .story import FORMS, REGISTER, SCRIPT_AGENT, SERVER, TOWN_ZONE, VPN_EXITS, Dice, utc

AGENTS = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/605.1.15",
]
PAGES = ["/", "/news", "/harbour/plan", "/css/site.css", "/img/lamp.png", "/opening", "/lookup/", "/contact"]
PROBES = ["/.env", "/wp-login.php", "/admin/", "/lookup/entry.php?ref=1%27", "/backup.zip", "/.git/HEAD", "/phpinfo.php"]


def apache(address, when, request, status, size, agent, referer="-"):
    clock = when.astimezone(TOWN_ZONE).strftime("%d/%b/%Y:%H:%M:%S %z")
    return when, f'{address} - - [{clock}] "{request}" {status} {size} "{referer}" "{agent}"'


def readers(seed, first, count, seconds_between):
    """People reading pages; a third of the look-ups are somebody's own entry."""
    dice = Dice(seed)
    when = first
    for _ in range(count):
        when += timedelta(seconds=dice.below(seconds_between * 2))
        address = f"198.51.100.{100 + dice.below(90)}"
        page = dice.pick(PAGES)
        if page == "/lookup/" and dice.below(3) == 0:
            page = f"/lookup/entry.php?ref=OM{dice.below(9000):06d}"
        referer = "-" if dice.below(2) else f"https://{REGISTER}/"
        yield apache(address, when, f"GET {page} HTTP/1.1", 200, 300 + dice.below(20_000), dice.pick(AGENTS), referer)


def scan():
    """A quarter of an hour of probing from one VPN exit, a week before the walk."""
    for number in range(70):
        when = utc(5, 8, 1, 20) + timedelta(seconds=number * 13)
        yield apache(VPN_EXITS[0], when, f"GET {PROBES[number % len(PROBES)]} HTTP/1.1", 404, 196, "Mozilla/5.0 zgrab/0.x")


def walk():
    """Entries one after another through four exits; three requests forget the VPN."""
    for number in range(240):
        when = utc(5, 15, 0, 12) + timedelta(seconds=number * 11)
        address = SERVER if number in (117, 118, 119) else VPN_EXITS[number // 60]
        request = f"GET /lookup/entry.php?ref=OM{4100 + number:06d} HTTP/1.1"
        yield apache(address, when, request, 200, 1_204 + number % 9, SCRIPT_AGENT)


def joined(entries):
    lines = [line for _, line in sorted(entries, key=lambda entry: entry[0])]
    return ("\n".join(lines) + "\n").encode()


def iis(count=110):
    """The forms site: IIS with its field list repeated after a restart; the server runs 94 s ahead."""
    dice = Dice(77)
    fields = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"
    header = ["#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0", "#Date: 2026-05-15 00:00:00", fields]
    when, lines = utc(5, 15), list(header)
    for number in range(count):
        when += timedelta(seconds=200 + dice.below(700))
        address = VPN_EXITS[1] if number in range(40, 48) else f"198.51.100.{100 + dice.below(90)}"
        agent = dice.pick(AGENTS).replace(" ", "+")
        stem = "/Forms/Print.aspx" if number % 3 else "/Default.aspx"
        query = f"form={dice.below(40)}" if number % 3 else "-"
        if number == 60:
            lines += header
        lines.append(
            f"{when:%Y-%m-%d %H:%M:%S} 192.0.2.10 GET {stem} {query} 443 - {address} {agent} - 200 0 0 {5 + dice.below(90)}"
        )
    # The copy was taken while the server wrote: its last line is cut.
    return ("\r\n".join(lines) + f"\r\n{when:%Y-%m-%d %H:%M:%S} 192.0.2.10 GE").encode()


def gzipped(content):
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0) as packed:
        packed.write(content)
    return buffer.getvalue()


def files():
    older = [*readers(1, utc(5, 4), 700, 480), *scan()]
    newer = [*readers(2, utc(5, 12), 950, 760), *walk()]
    return {
        "evidence/weblogs/register/access.log": joined(newer),
        "evidence/weblogs/register/access.log.1.gz": gzipped(joined(older)),
        "evidence/weblogs/register/SITE.md": (
            f"Site: https://{REGISTER}/ (register of the town of Ostermoor)\n"
            "Log: Apache combined; local time with offset\n"
            "Look-up page: /lookup/entry.php parameter ref\n"
            "Clock: in step on collection.\n"
        ).encode(),
        "evidence/weblogs/forms/u_ex260515.log": iis(),
        "evidence/weblogs/forms/SITE.md": (
            f"Site: https://{FORMS}/ (forms of the town of Ostermoor)\n"
            "Log: IIS W3C extended, UTC, header repeated after a service restart\n"
            "Clock: a time check on collection showed the server ahead by 94 s.\n"
        ).encode(),
    }


def write_large(size, path):
    """Ordinary lines until the file has `size` bytes: a megabyte is made, then written over and over."""
    block = joined(readers(9, utc(5, 1), 7_000, 4))
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(block)

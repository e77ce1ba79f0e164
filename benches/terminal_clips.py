#!/usr/bin/env python3
"""Records a real terminal in which an invented session plays, and writes clips with their truth.

    terminal_clips.py FOLDER SEED... [--kinds clear vp9 social weak late lag second strong rescaled social-weak]

For the examples `screen_score` and `deblur_score` of the crate `screen`. Needs
Xvfb, xterm, xwininfo, ffmpeg, the fonts below and `pyte` (pip). Font, cell,
theme, frame rate and every string follow from the seed. One lossless recording
a seed, which is kept and taken again, is coded once for each kind, covered first
where the kind says so. A program in the terminal logs what it prints and when;
`pyte` tells from that what stood where. `exposed` of the truth says where and
when a covered string was clear all the same.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

from covered_clips import NAMES, STRONG, WORDS, account, address, mailbox, path

FONTS = ["DejaVu Sans Mono", "Liberation Mono", "Hack", "JetBrains Mono", "Noto Sans Mono"]
PALETTE = "000000 cd0000 00cd00 cdcd00 1e60ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff"
TANGO = "2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec"
SOLARIZED = "073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 586e75 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3"
# Ground, text, the sixteen colours, and whether bold takes the bright colour.
THEMES = [("#ffffff", "#000000", TANGO, False), ("#002b36", "#839496", SOLARIZED, False), ("#000000", "#e5e5e5", PALETTE, True),
          ("#00005f", "#d0d0d0", TANGO, True), ("#fdf6e3", "#657b83", SOLARIZED, False), ("#ffffff", "#202020", PALETTE, True),
          ("#300a24", "#eeeeec", TANGO, True)]
SCREENS = [((1280, 720), 30), ((1920, 1080), 30), ((1280, 720), 15)]
WEAK = [("gblur", 2), ("gblur", 3), ("gblur", 4), ("pixelize", 4), ("pixelize", 6), ("pixelize", 8)]
BORDER = 2
# A cover stays so many seconds longer: the picture follows the log by some frames.
HOLD = 0.15
# The terminal stands so many seconds after the last piece.
END = 1.9
CODED = {
    "x264": ["-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p"],
    "vp9": ["-c:v", "libvpx-vp9", "-crf", "32", "-b:v", "0", "-cpu-used", "4", "-row-mt", "1", "-pix_fmt", "yuv420p"],
    "social": ["-c:v", "libx264", "-preset", "medium", "-crf", "35", "-pix_fmt", "yuv420p"],
}


class Session:
    """What is typed and printed, piece by piece, with the pause after each."""

    def __init__(self, seed, columns, rows):
        self.dice, self.columns, self.rows = random.Random(seed), columns, rows
        self.user, self.host = self.dice.choice(NAMES), self.dice.choice(WORDS)
        self.folder = "~/" + self.dice.choice(WORDS)
        self.secrets, self.printed = [], []

    def words(self, count):
        return " ".join(self.dice.choice(WORDS) for _ in range(count))

    def secret(self, *kinds):
        """A string that stands nowhere else so far."""
        printed = "".join(text for text, _ in self.printed)
        secret = self.dice.choice(kinds or (address, path, mailbox, account))(self.dice)
        while secret in printed or any(secret in other for other in self.secrets):
            secret = self.dice.choice(kinds or (address, path, mailbox, account))(self.dice)
        self.secrets.append(secret)
        return secret

    def print(self, text, pause=0.02):
        self.printed.append((text, pause))

    def prompt(self):
        self.print(f"\x1b[1;32m{self.user}@{self.host}\x1b[0m:\x1b[1;34m{self.folder}\x1b[0m$ ", 0.3)

    def typed(self, command, *output, pause=None):
        """A command and what it prints: all at once, or line by line with a pause after each."""
        self.prompt()
        for letter in command:
            self.print(letter, self.dice.uniform(0.02, 0.06))
        self.print("\r\n", 0.2)
        for piece in output if pause else ["\r\n".join(output)] if output else []:
            self.print(piece + "\r\n", pause or 0.02)
        self.print("", 0.4)

    def listing(self, count, folder=None):
        names = [(self.words(1), self.dice.choice(["", ".tar.gz", ".sh", ".csv", ".png"])) for _ in range(count)]
        colour = {"": "1;34", ".tar.gz": "1;31", ".sh": "1;32", ".csv": "0", ".png": "1;35"}
        size = lambda: self.dice.randrange(100, 99999)
        line = lambda name, end: (f"{'drwxr-xr-x' if not end else '-rw-r--r--'} 2 {self.user} {self.user} {size():>6} "
                                  f"Jan {self.dice.randrange(10, 29)} 1{self.dice.randrange(10)}:{self.dice.randrange(10, 60)} "
                                  f"\x1b[{colour[end]}m{name}{end}\x1b[0m")
        return [line(*name) for name in names] + ([line(folder, "")] if folder else [])

    def log(self):
        return f"2024-01-{self.dice.randrange(10, 29)} {self.dice.randrange(10, 24)}:{self.dice.randrange(10, 60)} {address(self.dice)} {self.dice.choice(NAMES)} {self.words(2)} {self.dice.randrange(10**5)}"

    def opening(self):
        """Clear text only: a listing, a file, a fast scroll, and a view over the whole screen."""
        self.typed("ls -la --color", *self.listing(9))
        self.typed("cat config.ini", f"[{self.words(1)}]", *(f"{self.words(1)}_{self.words(1)} = {self.dice.choice([address, path, mailbox])(self.dice)}" for _ in range(6)))
        self.typed("tail -f access.log", *(self.log() for _ in range(160)), pause=0.01)
        self.print("", 1.0)
        self.print("\x1b[H\x1b[2J", 0.1)
        for row in range(self.rows - 2):
            self.print(f"\x1b[{row + 1};1H\x1b[33m{row + 1:>3} \x1b[0m{self.words(1)} = \x1b[32m\"{path(self.dice)}\"\x1b[0m  \x1b[34m# {self.words(3)}\x1b[0m", 0.0)
        bar = f" {self.words(1)}.conf [+]  {mailbox(self.dice)}"
        self.print(f"\x1b[{self.rows - 1};1H\x1b[7m{bar:<{self.columns - 20}}{'12,4  All':<20}\x1b[0m\x1b[{self.rows};1H:w {path(self.dice)}", 1.5)

    def covered(self):
        """One screen with strings to cover, in plain, bold and coloured text."""
        self.print("\x1b[H\x1b[2J", 0.2)
        red = lambda text: f"\x1b[1;31m{text}\x1b[0m"
        self.typed(f"ssh -p 22 {self.secret(address)}", "", f"Last login: {self.words(2)} on pts/{self.dice.randrange(9)}")
        self.typed("ls -la --color", *self.listing(2, self.secret(account)), "")
        self.typed(f"scp {self.words(1)}.csv {self.secret(mailbox)}:", f"{self.words(1)}.csv   100%  {self.dice.randrange(99)}KB")
        needle = self.secret(address)
        self.typed("grep --color -rn host .", *(f"\x1b[35m./{self.words(1)}.log\x1b[36m:\x1b[32m{self.dice.randrange(99)}\x1b[36m:\x1b[0m{self.words(2)} {red(needle)} {self.words(1)}" for _ in range(1)), "")
        self.typed("cat hosts.txt", f"{self.words(3)}", f"target = {self.secret(path)} ; {self.words(1)}", self.words(2), f"from: {self.secret()}", f"\x1b[33mwarning\x1b[0m: {self.words(3)}")
        self.typed(f"curl -s http://{self.secret(address)}/{self.words(1)}", f"\x1b[32m{self.secret(path)}\x1b[0m ({self.dice.randrange(999)} rows)", self.words(3), f"\x1b[1m{self.secret(account)}\x1b[0m signed in")
        self.print("", 5.0)

    def closing(self):
        """Fills the screen, scrolls on line by line, and shows two strings a second time."""
        left = self.rows - "".join(text for text, _ in self.printed).split("\x1b[2J")[-1].count("\n") - 2
        if left > 0:
            self.typed("cat notes.txt", *(self.words(3) for _ in range(left)))
        self.typed("history | tail", *(f"  {at} {self.words(3)}" for at in range(6)), pause=0.5)
        self.typed(f"echo {self.secrets[0]} {self.secrets[2]}", f"{self.secrets[0]} {self.secrets[2]}")
        self.print("", 1.5)


def play(seed, log):
    """Runs inside the terminal: prints the session and logs each piece."""
    size = os.get_terminal_size()
    session = Session(seed, size.columns, size.lines)
    time.sleep(1.0)
    for part in (session.opening, session.covered, session.closing):
        part()
    pieces = []
    for text, pause in session.printed:
        pieces.append((time.time(), text))
        sys.stdout.write(text)
        sys.stdout.flush()
        time.sleep(pause)
    Path(log).write_text(json.dumps({"columns": size.columns, "rows": size.lines, "secrets": session.secrets, "pieces": pieces}))
    time.sleep(0.5)


def recorded(seed, folder):
    """The lossless recording of one seed, and what is known of it; both are kept."""
    kept = folder / f"{seed}.json"
    if not kept.exists():
        kept.write_text(json.dumps(record(seed, folder)))
    return folder / f"{seed}.mkv", json.loads(kept.read_text())


def record(seed, folder):
    dice = random.Random(f"look {seed}")
    (width, height), fps = dice.choice(SCREENS)
    font, (ground, text, palette, bright) = FONTS[seed % len(FONTS)], THEMES[seed % len(THEMES)]
    # xterm would take another font in silence.
    if font not in subprocess.run(["fc-match", font, "family"], capture_output=True, text=True, check=True).stdout:
        raise SystemExit(f"terminal_clips: the font {font} is missing: install those named at the top of this script")
    points, corner = dice.choice([13, 14, 15, 16, 18]) * (0.75 if height == 720 else 0.9), (dice.randrange(10, 60), dice.randrange(10, 40))
    master, log, display = folder / f"{seed}.mkv", folder / f"{seed}.log", f":{90 + seed % 9}"
    server = subprocess.Popen(["Xvfb", display, "-screen", "0", f"{width}x{height}x24", "-br", "-dpi", "96"], stderr=subprocess.DEVNULL)
    time.sleep(1.0)
    shown = dict(os.environ, DISPLAY=display)
    colours = [option for at, colour in enumerate(palette.split()) for option in ("-xrm", f"XTerm*color{at}: #{colour}")]
    columns, rows = (int((width - 80) / (points * 0.85)), int((height - 80) / (points * 1.8)))
    terminal = subprocess.Popen(["xterm", "-fa", font, "-fs", f"{points:.1f}", "-bg", ground, "-fg", text, "-b", str(BORDER), "-bw", "0", *colours,
                                 "-xrm", f"XTerm*boldColors: {str(bright).lower()}", "-geometry", f"{columns}x{rows}+{corner[0]}+{corner[1]}",
                                 "-e", sys.executable, __file__, "--play", str(log), str(seed)], env=shown)
    time.sleep(0.6)
    grab = subprocess.Popen(["ffmpeg", "-nostdin", "-y", "-f", "x11grab", "-draw_mouse", "0", "-framerate", str(fps), "-video_size", f"{width}x{height}", "-i", display,
                             "-c:v", "libx264rgb", "-qp", "0", "-preset", "ultrafast", master], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    window = subprocess.run(["xwininfo", "-root", "-tree"], env=shown, capture_output=True, text=True, check=True).stdout
    terminal.wait()
    grab.terminate()
    started = float(re.search(rb"start: ([0-9.]+)", grab.communicate()[1]).group(1))
    server.terminate()
    server.wait()
    inner = [int(value) for value in re.search(r"(?i)xterm.*?(\d+)x(\d+)\+\d+\+\d+\s+\+(\d+)\+(\d+)", window).groups()]
    played = json.loads(log.read_text())
    if inner[2] + inner[0] > width or inner[3] + inner[1] > height:
        sys.exit(f"{seed}: the window {inner} reaches beyond the screen")
    log.unlink()
    cell = [(inner[0] - 2 * BORDER) / played["columns"], (inner[1] - 2 * BORDER) / played["rows"]]
    played.update(size=[width, height], fps=fps, font=font, cell=cell, text_origin=[inner[2] + BORDER, inner[3] + BORDER], theme=ground)
    played["pieces"] = [(at - started, text) for at, text in played["pieces"]]
    return played


def mirrored(played):
    """Every state of every row with its time."""
    import pyte
    screen = pyte.Screen(played["columns"], played["rows"])
    stream, standing, lines = pyte.Stream(screen), {}, []
    end = played["pieces"][-1][0] + END
    for at, text in played["pieces"] + [(end, "\x1b[H\x1b[2J")]:
        stream.feed(text)
        for row in screen.dirty | set(range(played["rows"])) if "\x1b[" in text or "\n" in text else screen.dirty:
            now = screen.display[row].rstrip()
            before = standing.get(row, (now, at) if not now else ("", at))
            if before[0] != now:
                if before[0]:
                    lines.append({"row": row, "text": before[0], "t0": round(before[1], 3), "t1": round(at, 3)})
                standing[row] = (now, at)
        screen.dirty.clear()
    return sorted(lines, key=lambda line: (line["t0"], line["row"]))


def places(lines, secret):
    """Where and when a string stood, from its first letter on if it was typed."""
    for line in lines:
        column = line["text"].find(secret)
        if column < 0 or line["t1"] - line["t0"] < 0.05:
            continue
        begun = line["t0"]
        for other in reversed(lines):
            part = other["text"][column:]
            if other["row"] == line["row"] and abs(other["t1"] - begun) < 0.01 and part and (secret.startswith(part) or part.startswith(secret)) and line["text"].startswith(other["text"]):
                begun = other["t0"]
        yield line, column, begun


def ops(played, lines, kind, dice):
    """The covers of one kind of clip, each with what it should hide."""
    kinds, found = (STRONG if kind == "strong" else WEAK) * 3, []
    dice.shuffle(kinds)
    end = max(line["t1"] for line in lines)
    (left, top), (wide, high) = played["text_origin"], played["cell"]
    for secret in played["secrets"]:
        cover, margin = kinds.pop(), [dice.randrange(0, 5) for _ in range(2)] + [dice.randrange(0, 3) for _ in range(2)]
        stood = list(places(lines, secret))
        if kind == "lag":
            stood = [(dict(stood[0][0], t1=max(line["t1"] for line, _, _ in stood)), *stood[0][1:])]
        if kind == "second":
            stood = [place for place in stood if not is_again(played, place[0]["text"])]
        for line, column, begun in stood:
            came = line["t0"] + 0.3 if kind == "late" else begun - 0.15
            if came + 0.1 < line["t1"]:
                rect = [int(left + column * wide) - margin[0], int(top + line["row"] * high) - margin[2],
                        round(len(secret) * wide) + margin[0] + margin[1], round(high) + margin[2] + margin[3]]
                found.append({"type": cover[0], "param": cover[1], "rect": rect, "t0": round(came, 3), "t1": round(line["t1"] + (HOLD if line["t1"] < end else 2.0), 3), "aim": secret, "row": line["row"]})
    return merged(found)


def is_again(played, text):
    """Whether a line is one of those that show strings a second time."""
    first = played["secrets"][0]
    return f"echo {first}" in text or text.startswith(f"{first} ")


def merged(covers):
    """One cover for all states of a line that was typed on below it."""
    kept = []
    for op in sorted(covers, key=lambda op: (op["rect"], op["t0"])):
        if kept and kept[-1]["rect"] == op["rect"] and op["t0"] <= kept[-1]["t1"] + 0.05:
            kept[-1]["t1"] = max(op["t1"], kept[-1]["t1"])
        else:
            kept.append(op)
    return sorted(kept, key=lambda op: op["t0"])


def occurrences(played, lines, covers):
    """Tokens of the clear text, and the times at which no cover lay on them."""
    kinds = {"ip": r"\b\d+\.\d+\.\d+\.\d+\b", "path": r"(?<!\S)/[\w./-]+", "mail": r"[\w.]+@[\w.]+\.example", "user": r"\b[a-z]+_[a-z]+\d+\b"}
    for line in lines:
        for kind, pattern in kinds.items():
            for token in re.finditer(pattern, line["text"]):
                shown = spans(played, line, token.start(), token[0], covers)
                yield {"token": token[0], "kind": kind, "where": "text", "row": line["row"], "col": token.start(), "t0": line["t0"], "t1": line["t1"], "shown": shown}


def spans(played, line, column, text, covers):
    """When a text of a line was clear, and when a cover lay on part of it."""
    (left, top), (wide, high) = played["text_origin"], played["cell"]
    start, end, middle = left + column * wide, left + (column + len(text)) * wide, top + (line["row"] + 0.5) * high

    def lies_on(op):
        x, y, width, height = op["rect"]
        return x + width > start + 0.2 * wide and x < end - 0.2 * wide and y - 0.3 * high < middle < y + height + 0.3 * high

    over = [op for op in covers if lies_on(op) and op["t0"] < line["t1"] and op["t1"] > line["t0"]]
    edges = {line["t0"], line["t1"], *(min(max(op[side], line["t0"]), line["t1"]) for op in over for side in ("t0", "t1"))}
    edges = sorted(edges)
    hidden = lambda at: any(op["t0"] <= at < op["t1"] for op in over)
    return [[one, other, "hidden" if hidden(one) else "clear"] for one, other in zip(edges, edges[1:])]


def exposed(played, lines, covers):
    """Where a string that is covered somewhere stood clear, and when: what a search for failures should find."""
    for aim in sorted({op["aim"] for op in covers}):
        for line in lines:
            column = line["text"].find(aim)
            for begin, end, state in spans(played, line, column, aim, covers) if column >= 0 else []:
                if state == "clear":
                    yield {"aim": aim, "row": line["row"], "t0": begin, "t1": end}


def lanes(covers):
    """Covers of one kind and size that follow each other; a filter for each takes less long than one for each cover."""
    found = []
    for op in sorted(covers, key=lambda op: op["t0"]):
        form = (op["type"], op["param"], op["rect"][2:])
        free = [lane for known, lane in found if known == form and lane[-1]["t1"] < op["t0"]]
        if free:
            free[0].append(op)
        else:
            found.append((form, [op]))
    return [lane for _, lane in found]


def code(master, target, covers, kind):
    """Codes the recording, covered first, in RGB as an editor would."""
    chain, last = ["[0:v]format=gbrp[in0]"], "in0"
    for at, lane in enumerate(lanes(covers)):
        x, y = ("".join(f"if(lte(t,{op['t1']}),{op['rect'][side]}," for op in lane) + "0" + ")" * len(lane) for side in (0, 1))
        shown = "+".join(f"between(t,{op['t0']},{op['t1']})" for op in lane)
        (_, _, width, height), kernel, param = lane[0]["rect"], lane[0]["type"], lane[0]["param"]
        effect = {"gblur": f"gblur=sigma={param}", "solid": f"drawbox=c={param}:t=fill"}.get(kernel, f"pixelize=w={param}:h={param}")
        chain.append(f"[{last}]split[a{at}][b{at}];[b{at}]crop={width}:{height}:'{x}':'{y}':exact=1,{effect}[c{at}];"
                     f"[a{at}][c{at}]overlay='{x}':'{y}':format=gbrp:enable='{shown}'[in{at + 1}]")
        last = f"in{at + 1}"
    scale = "scale=trunc(iw/3)*2:-2:flags=bicubic" if kind in ("social", "social-weak", "rescaled") else "null"
    chain.append(f"[{last}]{scale}[out]")
    coded = CODED["vp9" if kind == "vp9" else "social" if "social" in kind else "x264"]
    subprocess.run(["ffmpeg", "-nostdin", "-y", "-v", "error", "-i", master, "-filter_complex", ";".join(chain), "-map", "[out]", *coded, target], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--kinds", nargs="+", default="clear vp9 social weak late lag second strong rescaled social-weak".split())
    parser.add_argument("--play", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.play:
        return play(arguments.seeds[0], arguments.folder)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for seed in arguments.seeds:
        master, played = recorded(seed, arguments.folder)
        lines = mirrored(played)
        for kind in arguments.kinds:
            covers = [] if kind in ("clear", "vp9", "social") else ops(played, lines, kind, random.Random(f"{kind} {seed}"))
            scale = 2 * (played["size"][0] // 3) / played["size"][0] if kind in ("social", "social-weak", "rescaled") else 1
            target = arguments.folder / f"terminal{seed:03}_{kind}.{'webm' if kind == 'vp9' else 'mp4'}"
            code(master, target, covers, kind)
            truth = {key: value for key, value in played.items() if key != "pieces"}
            truth.update(scale=scale, lines=lines, ops=covers, titles=[], occurrences=list(occurrences(played, lines, covers)), exposed=list(exposed(played, lines, covers)))
            target.with_suffix(".truth.json").write_text(json.dumps(truth, indent=1), encoding="utf-8")
        print(f"{seed}: {played['font']}, cell {played['cell']}, {played['theme']}, {played['size']}, {played['fps']} fps, {len(lines)} lines")


if __name__ == "__main__":
    main()

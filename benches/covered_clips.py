#!/usr/bin/env python3
"""Writes terminal recordings with covered strings and their truth, from a seed.

    covered_clips.py FOLDER SEED... [--crf 23] [--twice] [--late] [--strong] [--moved]

For `cargo run --release -p screen --example deblur_score -- FOLDER`. Needs
ffmpeg with drawtext and the fonts below. Every string is made up; font, cell,
colours, covers, their strengths and margins vary with the seed. `--twice` codes
the recording before it is covered, as an editor does who opens a recording;
`--late` lets covers come after the text; `--strong` takes covers below which
nothing can be read, so that every claim is wrong; `--moved` takes pixelations
that are moved three times, so that there are four looks at each string.
"""

import argparse
import json
import random
import subprocess
import tempfile
from pathlib import Path

FONTS = {
    "DejaVu Sans Mono": ("dejavu/DejaVuSansMono.ttf", 0.602),
    "Liberation Mono": ("liberation/LiberationMono-Regular.ttf", 0.600),
    "Hack": ("hack/Hack-Regular.ttf", 0.602),
    "JetBrains Mono": ("jetbrains-mono/JetBrainsMono-Regular.ttf", 0.600),
}
# Ground, text, a second colour of text.
THEMES = [("#1e1e1e", "#d4d4d4", "#7fd07f"), ("#000000", "#c0c0c0", "#e0e070"), ("#ffffff", "#202020", "#205090"),
          ("#fdf6e3", "#3a4a50", "#a04020"), ("#002b36", "#a3b1b1", "#cb9b16"), ("#300a24", "#eeeeec", "#8ae234")]
# Kind, strength, and how often it is drawn.
COVERS = [("gblur", 2), ("gblur", 3), ("gblur", 4), ("pixelize", 4), ("pixelize", 6), ("pixelize", 8),
          ("boxblur", 2), ("boxblur", 3)]
STRONG = [("solid", "black"), ("solid", "white"), ("solid", "#808080"), ("gblur", 20), ("pixelize", 32)]
MOVED = [("pixelize", 8), ("pixelize", 12), ("pixelize", 12), ("pixelize", 16)]
WORDS = ("archive balance carrier draft evening folder garden harbour index journal kernel ledger market number "
         "office parcel quarter record summer ticket update voyage window yellow zipper queue export inbox batch "
         "mixer static public relay cache proxy mirror jobs token vector sample weekly backup").split()
NAMES = "amara jonas petrov quinn zelda kofi wanja bruno xenia lucia".split()
SIZE, FPS, SECONDS = (1280, 720), 30, 9


def address(dice):
    return f"{dice.choice(['203.0.113', '198.51.100', '192.0.2'])}.{dice.randrange(2, 254)}"


def path(dice):
    parts = [dice.choice(WORDS) + dice.choice(["", "", f"_{dice.randrange(99)}"]) for _ in range(dice.randrange(2, 4))]
    return dice.choice(["/home/", "/srv/", "/var/"]) + "/".join(parts) + dice.choice([".csv", ".txt", ".json", ""])


def mailbox(dice):
    return f"{dice.choice(NAMES)}.{dice.choice(WORDS)}@{dice.choice(WORDS)}.example"


def account(dice):
    return f"{dice.choice(NAMES)}_{dice.choice(WORDS)}{dice.randrange(10, 99)}"


def sentence(dice, secret):
    """A line of text around a secret, and the column where that begins."""
    host, user = dice.choice(WORDS), dice.choice(NAMES)
    before, after = dice.choice([
        (f"{user}@{host}:~$ ssh -p 22 ", ""), (f"{user}@{host}:~$ cat ", " | head -3"), ("Connecting to ", " ... done"),
        ("  written to ", f" ({dice.randrange(100, 9999)} rows)"), ("GET ", " HTTP/1.1 200"), ("from: ", ""),
        (f"[{dice.randrange(10, 24)}:{dice.randrange(10, 60)}] session opened for ", " by root"), ("target = ", ""),
    ])
    return before + secret + after, len(before)


def filler(dice):
    words = lambda count: " ".join(dice.choice(WORDS) for _ in range(count))
    return dice.choice([
        lambda: f"{dice.choice(NAMES)}@{dice.choice(WORDS)}:~$ grep -rn {words(1)} {path(dice)}",
        lambda: f"drwxr-xr-x 2 {dice.choice(NAMES)} users {dice.randrange(100, 99999)} Jan {dice.randrange(10, 29)} {words(1)}.{dice.choice(['py', 'csv', 'log', 'xz'])}",
        lambda: f"{dice.randrange(10, 24)}:{dice.randrange(10, 60)}:{dice.randrange(10, 60)} INFO {words(3)} id={dice.randrange(16**6):06x}",
        lambda: f"Fetching {address(dice)} ({words(2)}) {dice.randrange(2, 99)}%",
        lambda: f'"{words(1)}": ["{words(1)}", {dice.randrange(1000)}], # {words(3)}',
        lambda: f"WARN {words(2)}: {mailbox(dice)} <{words(1)}>",
        lambda: f"{words(1)}_{words(1)}: {account(dice)}, {words(1)}_{dice.randrange(99)}",
        lambda: f"{words(1)} = {words(1)}({words(1)}, {dice.random():.3f}) + {words(2)}",
    ])()


class Clip:
    def __init__(self, seed, late=False, strong=False, moved=False):
        self.dice = random.Random(seed)
        self.late, self.moved, self.kinds = late, moved, STRONG if strong else MOVED if moved else COVERS
        dice = self.dice
        self.font = dice.choice(sorted(FONTS))
        self.points = dice.choice([15, 16, 17, 18, 20])
        file, advance = FONTS[self.font]
        self.file = f"/usr/share/fonts/truetype/{file}"
        # ffmpeg would take another font in silence.
        if not Path(self.file).is_file():
            raise SystemExit(f"covered_clips: {self.file} is missing: install the fonts named at the top of this script")
        self.cell = (round(self.points * advance), round(self.points * dice.choice([1.17, 1.2, 1.3])) + 1)
        self.ground, self.colour, self.second = dice.choice(THEMES)
        self.origin = (dice.randrange(20, 60), dice.randrange(24, 60))
        self.rows = min((SIZE[1] - self.origin[1] - 10) // self.cell[1], 34)
        self.columns = min((SIZE[0] - self.origin[0] - 10) // self.cell[0], 110)
        self.lines, self.ops = [], []
        self.write()

    def write(self):
        """Text in every row; covered strings in every third, under one cover each."""
        dice = self.dice
        covered = [row for row in range(3, self.rows - 1, 3)]
        kinds = self.kinds * 3
        dice.shuffle(kinds)
        for row in range(self.rows):
            start = round(0.2 + row * 0.16, 3)
            text, colour = filler(dice), self.second if dice.random() < 0.1 else self.colour
            if row in covered:
                secret = dice.choice([address, path, mailbox, account])(dice)
                text, column = sentence(dice, secret)
                if column + len(secret) < self.columns - 2:
                    self.cover(row, column, secret, start, kinds.pop())
            text = text[:self.columns]
            self.lines.append({"row": row, "text": text, "t0": start, "t1": SECONDS, "colour": colour})

    def cover(self, row, column, secret, start, kind):
        """A rectangle about the string, a little larger or not, as a hand draws it."""
        dice = self.dice
        left, right = dice.randrange(0, 7), dice.randrange(0, 7)
        up, down = dice.randrange(0, 4), dice.randrange(0, 4)
        x, y = self.origin[0] + column * self.cell[0] - left, self.origin[1] + row * self.cell[1] - up
        size = [len(secret) * self.cell[0] + left + right, self.cell[1] + up + down]
        came = start + dice.choice([0.2, 0.4, 0.8]) if self.late else start - 0.1
        # Where the cover lies, and from when on.
        places = [(came, x, y)]
        if self.moved:
            size = [size[0] + kind[1], size[1] + kind[1] // 2]
            ends = [came, *(came + (SECONDS - came) * part / 4 for part in (1, 2, 3))]
            places = [(end, x - dice.randrange(kind[1]), y - dice.randrange(kind[1] // 2)) for end in ends]
        for at, (since, x, y) in enumerate(places):
            until = places[at + 1][0] if at + 1 < len(places) else SECONDS
            op = {"type": kind[0], "param": kind[1], "rect": [x, y, *size], "t0": since, "t1": until, "aim": secret}
            self.ops.append(op)

    def drawn(self, folder):
        """Filters that write the lines, each at its time, on one baseline a row."""
        filters = []
        for at, line in enumerate(self.lines):
            (folder / f"{at}.txt").write_text(line["text"], encoding="utf-8")
            base = self.origin[1] + line["row"] * self.cell[1] + round(self.points * 0.93) + (self.cell[1] - self.points) // 3 - 1
            filters.append(f"drawtext=fontfile={self.file}:textfile={folder}/{at}.txt:expansion=none:fontsize={self.points}"
                           f":fontcolor={line['colour']}:x={self.origin[0]}:y={base}-ascent:enable='gte(t,{line['t0']})'")
        return ",".join(filters)

    def covers(self):
        """Filters that cover, in RGB, each on what the one before left."""
        chain, last = [], "in0"
        for at, op in enumerate(self.ops):
            x, y, width, height = op["rect"]
            if op["type"] == "gblur":
                effect = f"gblur=sigma={op['param']}"
            elif op["type"] == "solid":
                effect = f"drawbox=c={op['param']}:t=fill"
            elif op["type"] == "boxblur":
                effect = f"boxblur={op['param']}:2"
            else:
                effect = f"pixelize=w={op['param']}:h={op['param']}"
            chain.append(f"[{last}]split[a{at}][b{at}];[b{at}]crop={width}:{height}:{x}:{y}:exact=1,{effect}[c{at}];"
                         f"[a{at}][c{at}]overlay={x}:{y}:format=gbrp:enable='between(t,{op['t0']},{op['t1']}-0.001)'[in{at + 1}]")
            last = f"in{at + 1}"
        return ";".join(chain), last

    def code(self, target, crf, twice):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            source = f"color=c={self.ground}:s={SIZE[0]}x{SIZE[1]}:r={FPS}:d={SECONDS},format=gbrp,{self.drawn(folder)}"
            covers, last = self.covers()
            quiet = ["ffmpeg", "-nostdin", "-y", "-v", "error"]
            coded = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "medium", "-crf", str(crf)]
            inputs = ["-f", "lavfi", "-i", source]
            if twice:
                subprocess.run([*quiet, *inputs, *coded, folder / "first.mp4"], check=True)
                inputs = ["-i", folder / "first.mp4"]
            (folder / "graph").write_text(f"[0:v]format=gbrp[in0];{covers}", encoding="utf-8")
            subprocess.run([*quiet, *inputs, "-filter_complex_script", folder / "graph", "-map", f"[{last}]", *coded, target], check=True)

    def truth(self):
        lines = [{key: line[key] for key in ("row", "text", "t0", "t1")} for line in self.lines]
        return {"size": SIZE, "fps": FPS, "scale": 1, "cell": self.cell, "text_origin": self.origin, "font": self.font,
                "rows": self.rows, "cols": self.columns, "lines": lines, "ops": self.ops}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--crf", type=int, default=23)
    for option in ("--twice", "--late", "--strong", "--moved"):
        parser.add_argument(option, action="store_true")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for seed in arguments.seeds:
        clip = Clip(seed, arguments.late, arguments.strong, arguments.moved)
        options = [option for option in ("twice", "late", "strong", "moved") if getattr(arguments, option)]
        name = "_".join([f"covered{seed:03}", *options])
        clip.code(arguments.folder / f"{name}.mp4", arguments.crf, arguments.twice)
        (arguments.folder / f"{name}.truth.json").write_text(json.dumps(clip.truth(), indent=1), encoding="utf-8")
        print(f"{name}: {clip.font} {clip.points} px, cell {clip.cell}, {clip.ground}, {len(clip.ops)} covers")


if __name__ == "__main__":
    main()

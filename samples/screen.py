#!/usr/bin/env python3
"""Films the invented screen of the sample case: evidence/video/screen.mp4.

    python3 samples/screen.py

Kept apart from make.py, since what an encoder writes differs between its
versions: it needs ffmpeg, Pillow and the font DejaVu Sans Mono (Debian
fonts-dejavu-core), and its file is committed as it is. The address in the last
command is covered with a blur that is too weak, as such covers often are; the
title of the window names user and machine throughout.
"""

import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))

from parts.story import SERVER  # noqa: E402

TARGET = Path(__file__).parent / "case/evidence/video/screen.mp4"
FONTS = Path("/usr/share/fonts/truetype/dejavu")
WIDTH, HEIGHT, RATE = 960, 540, 15
CELL = (9, 18)
ORIGIN = (24, 44)
GROUND, INK, BAR = 24, 214, 60
PROMPT = "ilko@desk-7:~/park$ "

# What is typed, and what the programs print.
SCENE = [
    ("ls", ["draft.txt  names_part1.csv  names_part2.csv  send.py"]),
    ("wc -l names_part1.csv names_part2.csv", ["  400 names_part1.csv", "  400 names_part2.csv", "  800 total"]),
    ("python3 send.py --dry-run /home/ilko/park/draft.txt", ["2 relays ready", "0 of 800 sent"]),
    ("cat notes/relays", ["web3.tidewater-cycles.example up", "shop.brackwater-books.example up"]),
    (f"ssh deploy@{SERVER}", ["Last login: Mon May 11 08:02:13 2026", "deploy@relay-3:~$ "]),
]


def states():
    """Rows of the terminal after each keystroke and line, with the frames that each lasts."""
    rows = []
    for command, output in SCENE:
        for end in range(len(command) + 1):
            yield rows + [PROMPT + command[:end]], 1 if end else 8
        yield rows + [PROMPT + command], 6
        rows.append(PROMPT + command)
        for line in output:
            rows.append(line)
            yield list(rows), 2
    yield list(rows), 30


def picture(rows, fonts):
    image = Image.new("L", (WIDTH, HEIGHT), GROUND)
    draw = ImageDraw.Draw(image)
    draw.rectangle([0, 0, WIDTH, 30], fill=BAR)
    draw.text((WIDTH // 2 - 90, 6), "ilko@desk-7: ~/park", font=fonts[1], fill=INK)
    for number, row in enumerate(rows):
        for column, character in enumerate(row):
            place = (ORIGIN[0] + column * CELL[0], ORIGIN[1] + number * CELL[1])
            draw.text(place, character, font=fonts[0], fill=INK)
    return image


def main():
    fonts = ImageFont.truetype(str(FONTS / "DejaVuSansMono.ttf"), 15), ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), 14)
    line = sum(1 + len(output) for _, output in SCENE[:-1])
    left = ORIGIN[0] + len(PROMPT + "ssh deploy@") * CELL[0]
    box = (left, ORIGIN[1] + line * CELL[1], len(SERVER) * CELL[0], CELL[1])
    x, y, width, height = box
    cover = f"[0:v]split[a][b];[b]crop={width}:{height}:{x}:{y},gblur=sigma=2[c];[a][c]overlay={x}:{y}:enable='gte(n,COVERED)'"
    frames, covered = [], None
    for rows, lasts in states():
        if covered is None and len(rows) > line and len(rows[line]) > len(PROMPT):
            covered = len(frames)
        frames += [picture(rows, fonts).tobytes()] * lasts
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    command = ["ffmpeg", "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-"]
    command += ["-filter_complex", cover.replace("COVERED", str(covered)), "-pix_fmt", "yuv420p", "-c:v", "libx264", "-crf", "20"]
    command += ["-bitexact", "-map_metadata", "-1", "-metadata", "creation_time=2026-05-11T08:05:00Z", str(TARGET)]
    subprocess.run(command, input=b"".join(frames), check=True)


if __name__ == "__main__":
    main()

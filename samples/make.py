#!/usr/bin/env python3
"""Writes the invented sample case, byte for byte the same on every machine.

    python3 samples/make.py                    writes samples/case
    python3 samples/make.py --check            says whether samples/case is current
    python3 samples/make.py --log BYTES FILE   writes ordinary access-log lines

Everything in it is invented: names, places, organisations, addresses. Hosts lie
below .test and .example, addresses in the documentation ranges. Only the Python
standard library is used, and no clock is read.
"""

import argparse
import gzip
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))

from parts import intel, logs, mails, papers  # noqa: E402

CASE = Path(__file__).parent / "case"
# Made by screen.py, and kept as it lies.
FILM = "evidence/video/screen.mp4"


def case_files():
    """All files of the case: path below the case folder -> bytes."""
    files = {}
    for part in (mails, logs, papers, intel):
        files.update(part.files())
    files[FILM] = (CASE / FILM).read_bytes()
    return files


def write(root, files):
    for path, content in sorted(files.items()):
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def unpacked(path, content):
    """Deflate output differs between versions of zlib; what it holds may not."""
    return gzip.decompress(content) if path.endswith(".gz") else content


def check(root, files):
    found = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    wrong = [
        path
        for path in sorted(found.keys() | files.keys())
        if path not in found or path not in files or unpacked(path, found[path]) != unpacked(path, files[path])
    ]
    for path in wrong:
        print(f"differs: {path}", file=sys.stderr)
    return not wrong


def main():
    parser = argparse.ArgumentParser(description="Writes the invented sample case.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--log", nargs=2, metavar=("BYTES", "FILE"), help="write a large ordinary access log")
    arguments = parser.parse_args()
    if arguments.log:
        logs.write_large(int(arguments.log[0]), Path(arguments.log[1]))
    elif arguments.check:
        sys.exit(0 if check(CASE, case_files()) else 1)
    else:
        write(CASE, case_files())


if __name__ == "__main__":
    main()

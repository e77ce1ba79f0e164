#!/usr/bin/env python3
"""Reads the mails of CPython's own test suite beside Python's `email`.

    python3 benches/cpython_mails.py

Takes the mails of the Python that runs it (`test/test_email/data/msg_*.txt`),
reads them with the example `mail_json` and compares as `compare_mail.py` does.
Each difference is listed with its reason; one that is not explained here ends
the run with 1.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))

import compare_mail

ROOT = Path(__file__).resolve().parent.parent

EXPLAINED = {
    "msg_19": "no mail: a text without a header, which the suite uses as a part",
    "msg_35": "a line that is no header stands where the blank line should: the package begins the body there, mail-parser "
    "reads on, and the line is lost with `part has no end`",
    "msg_47": "parts without a blank line before their text, as msg_35",
    "msg_38": "a text that holds the boundary of the part around it: the package ends the text there, mail-parser ends it "
    "at its own boundary only, so that ours is longer",
}


def main():
    spec = importlib.util.find_spec("test.test_email")
    if spec is None:
        sys.exit("this Python came without its tests (Debian: python3-full or a build of pyenv)")
    data = Path(spec.origin).parent / "data"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for path in data.glob("msg_*.txt"):
            (folder / f"{path.stem}.eml").write_bytes(path.read_bytes())
        command = ["cargo", "run", "--quiet", "-p", "evidence", "--example", "mail_json", "--", str(folder)]
        lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.splitlines()
        results = [(json.loads(line)["file"], json.loads(line)["tables"]) for line in lines]
        differences = {name: compare_mail.compare((folder / name).read_bytes(), tables) for name, tables in results}
    different = {name.removesuffix(".eml"): found for name, found in differences.items() if found}
    for name, found in different.items():
        print(f"{name}: {'; '.join(found)}\n    {EXPLAINED.get(name, 'NOT EXPLAINED')}")
    print(f"{len(differences) - len(different)} of {len(differences)} mails of Python {sys.version.split()[0]} equal")
    sys.exit(any(name not in EXPLAINED for name in different))


if __name__ == "__main__":
    main()

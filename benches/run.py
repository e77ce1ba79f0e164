#!/usr/bin/env python3
"""Measures Handprint beside named peers on the same input in the same run.

Run by `./x bench [NAME...]`; see benches/README.md. Prints a table and asserts
nothing: the ratio is the result, absolute figures are the machine's.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples/case"
PEERS = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "handprint/peers"
PEER_SECONDS = 300
MODELS = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "handprint/models"

PEER_SCRIPTS = {
    "iocextract": "import iocextract\nfound = list(iocextract.extract_iocs(text))",
    "ioc-finder": "from ioc_finder import find_iocs\nfound = find_iocs(text)",
}


def row(what, figure, beside="", ratio=""):
    print(f"{what:<44} {figure:>18}  {beside:<34} {ratio}", flush=True)


def seconds_of(command, **options):
    began = time.perf_counter()
    # Into a pipe: grep stops at the first match when its output goes to /dev/null.
    subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options)
    return time.perf_counter() - began


def handprint(arguments, *words, case=None):
    """Runs the program in a case of its own and gives its closing summary."""
    folder = case or Path(tempfile.mkdtemp(dir=arguments.work))
    # A configuration folder of its own keeps the user's signing key out of it.
    environment = os.environ | {"XDG_CONFIG_HOME": str(arguments.work / "config")}
    command = [arguments.bin / "handprint", *words, "--case", folder / "case", "--json"]
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)
    return json.loads(done.stdout)


def example(arguments, name, *words):
    """The output of an example program of `evidence`, or None where it was not built."""
    program = arguments.bin / "examples" / name
    if not program.exists():
        row(name, "left out", f"no {program}")
        return None
    return subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def bench_mail(arguments):
    output = example(arguments, "mail_rate", arguments.mails) or ""
    rates = {name: float(rate) for name, rate in re.findall(r"^(\S+) (\d+) mails/s", output, re.MULTILINE)}
    if not rates:
        return
    alone = rates.pop("mail-parser")
    for name, rate in rates.items():
        words = {"parse": "mails to rows", "extract": "mails to observables", "both": "mails, parse and extract"}
        row(words.get(name, name), f"{rate:,.0f} /s", f"mail-parser alone {alone:,.0f} /s", f"{rate / alone:.2f}")


def bench_logs(arguments):
    log = arguments.work / "access.log"
    subprocess.run([sys.executable, ROOT / "samples/make.py", "--log", str(arguments.log_bytes), log], check=True)
    megabytes = log.stat().st_size / 1e6
    peers = {"wc -l": ["wc", "-l", log], "grep -c": ["grep", "-c", "/opening", log]}
    # The first reading brings the file into the page cache for everybody.
    seconds_of(["wc", "-l", log])
    rates = {name: megabytes / seconds_of(command) for name, command in peers.items()}
    for threads in ("1", "2"):
        began = time.perf_counter()
        summary = handprint(arguments, "ingest", log, "--by-reference", "--threads", threads)
        rate = megabytes / (time.perf_counter() - began)
        what = f"log to tables, {megabytes:,.0f} MB, {threads} thread{'s' * (threads > '1')}"
        for name, peer in rates.items():
            row(what, f"{rate:,.0f} MB/s", f"{name} {peer:,.0f} MB/s", f"{rate / peer:.2f}")
        row("  its processor time", f"{ours['processor']:.1f} s", f"and that of its decoder {ours['decoder']:.1f} s")
    row("  its peak memory", peak(summary))
    log.unlink()


def sample_text():
    """Reports in prose with defanged values, the same on every machine.

    45 kB only: iocextract takes time with the square of the length (4 minutes for 370 kB).
    """
    lines = []
    for number in range(480):
        a, b = number % 250 + 1, number * 7 % 250 + 1
        lines.append(
            [
                f"On day {number} the server 198.51.100[.]{a} answered as hxxps://cdn{b}.example/v/{number:x}, version 1.2.{a}.",
                f"The note C:\\Users\\user{a}\\out{b}.csv was signed by desk{b}@harbour{a}.example and cost nothing.",
                f"Sample {number * 2654435761 % 2**128:032x} of CVE-2026-{1000 + a} came from 203.0.113.{b}:8080.",
                "Nothing of note happened on the following days, and the logs were rotated as always on Sunday.",
            ][number % 4]
        )
    return "\n".join(lines) + "\n"


def peers_python():
    """A Python that has the peers installed, or None where they cannot be had."""
    python = PEERS / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
    if not importable(python):
        # iocextract imports `requests` and `regex` without saying so in its metadata.
        packages = ["iocextract", "ioc-finder", "requests", "regex", "setuptools"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], stdout=sys.stderr)
    return python if importable(python) else None


def importable(python):
    command = [python, "-c", "import iocextract, ioc_finder"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def bench_extract(arguments):
    texts = arguments.texts or [arguments.work / "report.txt"]
    if not arguments.texts:
        texts[0].write_text(sample_text())
    python = None
    try:
        python = peers_python()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no peers: {error}", file=sys.stderr)
    for text in texts:
        output = example(arguments, "extract_rate", text) or ""
        # Of its figures the slowest honest one: a document, all kinds, rows made.
        found = re.search(r"document ([\d.]+) MB/s", output)
        if not found:
            return
        ours = float(found[1])
        what = f"observables out of text, {Path(text).stat().st_size / 1e3:,.0f} kB"
        if python is None:
            row(what, f"{ours:,.0f} MB/s", "Python peers cannot be installed here")
        for name, script in PEER_SCRIPTS.items() if python else ():
            try:
                rate = peer_rate(python, script, text)
                row(what, f"{ours:,.0f} MB/s", f"{name} {rate * 1e3:,.0f} kB/s", f"{ours / rate:,.0f}")
            except subprocess.TimeoutExpired:
                row(what, f"{ours:,.0f} MB/s", f"{name} not done in {PEER_SECONDS} s")


def peer_rate(python, script, text):
    """Megabytes per second of a peer; importing it and reading the file are not counted."""
    lines = script.split("\n")
    program = [lines[0], "import sys, time", "text = open(sys.argv[1], errors='replace').read()"]
    program += ["began = time.perf_counter()", lines[1], "print(time.perf_counter() - began)"]
    command = [python, "-c", "\n".join(program), text]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PEER_SECONDS)
    return Path(text).stat().st_size / 1e6 / float(done.stdout.split()[-1])


def peak(summary):
    own, worker = summary.get("peak_bytes") or 0, summary.get("worker_peak_bytes") or 0
    return f"{own / 2**20:,.0f} + {worker / 2**20:,.0f} MiB"


def tenfold(case, target):
    """The case with every file below a folder of web logs ten times over."""
    shutil.copytree(case, target)
    for path in (path for path in target.rglob("*") if path.is_file() and "weblogs" in path.parts and path.suffix != ".md"):
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        whole_lines = content if content.endswith(b"\n") else content + b"\n"
        again = whole_lines * 9 + content
        path.chmod(0o644)
        path.write_bytes(gzip.compress(again, 1, mtime=0) if path.suffix == ".gz" else again)


def investigate(arguments, case):
    began = time.perf_counter()
    summary = handprint(arguments, "investigate", case / "evidence", "--intel", case / "intel")
    return time.perf_counter() - began, summary


def bench_case(arguments):
    for _ in range(3):
        seconds, summary = investigate(arguments, arguments.case)
        row("the case, all six stages", f"{seconds:.2f} s", f"peak {peak(summary)}")


def bench_memory(arguments):
    _, once = investigate(arguments, arguments.case)
    grown = arguments.work / "tenfold"
    tenfold(arguments.case, grown)
    _, tenth = investigate(arguments, grown)
    total = lambda summary: (summary.get("peak_bytes") or 0) + (summary.get("worker_peak_bytes") or 0)
    row("peak (program + worker), logs tenfold", peak(tenth), f"logs once {peak(once)}", f"{total(tenth) / max(total(once), 1):.2f}")


def bench_screen(arguments):
    """A clip beside decoding alone, Tesseract on a picture a second, and PP-OCR on changed pictures."""
    clip = Path(arguments.clip)
    output = example(arguments, "screen_rate", clip, arguments.models)
    if output is None:
        return
    ours = {name: float(figure) for name, figure in re.findall(r"^(\S+) ([\d.]+)$", output, re.MULTILINE)}
    ffmpeg = ["ffmpeg", "-v", "error", "-threads", "2", "-i", clip]
    decoding = seconds_of([*ffmpeg, "-f", "null", "-"])
    what = f"clip of {ours['seconds']:.0f} s, text read"
    row(what, f"{ours['reading']:.1f} s", f"ffmpeg decoding alone {decoding:.1f} s", f"{ours['reading'] / decoding:.1f}")
    pictures = arguments.work / "pictures"
    pictures.mkdir(exist_ok=True)
    subprocess.run([*ffmpeg, "-vf", "fps=1", pictures / "%04d.png"], check=True)
    found = sorted(pictures.glob("*.png"))
    if shutil.which("tesseract"):
        spent = sum(seconds_of(["tesseract", picture, "-", "--psm", "6"]) for picture in found[:SAMPLED])
        spent *= len(found) / len(found[:SAMPLED])
        row(what, f"{ours['reading']:.1f} s", f"Tesseract, a picture a second {spent:.0f} s", f"{ours['reading'] / spent:.2f}")
    python = ocr_python()
    if python:
        command = [python, "-c", PP_OCR, *map(str, found[:: max(1, len(found) // SAMPLED)][:SAMPLED])]
        # It tells each file that it loads.
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        each = float(done.stdout.split()[-1])
        spent = each * ours["changed"]
        beside = f"PP-OCR, {ours['changed']:.0f} changed pictures {spent:.0f} s"
        row(what, f"{ours['reading']:.1f} s", beside, f"{ours['reading'] / spent:.3f}")
    shutil.rmtree(pictures)
    row("  its processor time", f"{ours['processor']:.1f} s", f"and that of its decoder {ours['decoder']:.1f} s")
    row("  its peak memory", f"{ours['peak'] / 2**20:,.0f} MiB")
    pace = ["cargo", "test", "--quiet", "--release", "--locked", "--target-dir", arguments.bin.parent, "-p", "screen", "--lib", "pace", "--", "--ignored", "--nocapture"]
    told = subprocess.run(pace, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=sys.stderr, text=True).stdout
    for cover, anew, known in re.findall(r"^(.*): ([\d.]+) ms a character .*, ([\d.]+) where", told, re.MULTILINE):
        row(f"a character below {cover}", f"{known} ms", f"with its model built anew {anew} ms")
    looped = arguments.work / "ten-minutes.mkv"
    loops = str(int(600 / max(ours["seconds"], 1)))
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-stream_loop", loops, "-i", clip, "-c", "copy", looped], check=True)
    long = example(arguments, "screen_rate", looped, arguments.models) or ""
    long = {name: float(figure) for name, figure in re.findall(r"^(\S+) ([\d.]+)$", long, re.MULTILINE)}
    beside = f"once {ours['peak'] / 2**20:,.0f} MiB"
    row(f"clip looped to {long['seconds']:.0f} s", f"{long['reading']:.1f} s, {long['peak'] / 2**20:,.0f} MiB", beside, f"{long['peak'] / ours['peak']:.2f}")
    looped.unlink()


# Pictures on which the slow peers are timed; their time for all is reckoned from these.
SAMPLED = 5

PP_OCR = """
import sys, time
from rapidocr import RapidOCR
engine = RapidOCR()
engine(sys.argv[1])
began = time.perf_counter()
for picture in sys.argv[1:]:
    engine(picture)
print((time.perf_counter() - began) / len(sys.argv[1:]))
"""


def ocr_python():
    """A Python with PP-OCR, or None where it cannot be had."""
    folder = PEERS.parent / "ocr-peer"
    python = folder / "bin/python"
    there = [python, "-c", "import rapidocr, onnxruntime"]
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        if subprocess.run(there, stderr=subprocess.DEVNULL).returncode:
            packages = ["rapidocr==3.10.0", "onnxruntime", "opencv-python-headless"]
            subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True, stdout=sys.stderr)
        return python if subprocess.run(there, stderr=subprocess.DEVNULL).returncode == 0 else None
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no PP-OCR: {error}", file=sys.stderr)
        return None


BENCHES = {"screen": bench_screen, "case": bench_case, "memory": bench_memory, "mail": bench_mail, "extract": bench_extract, "logs": bench_logs}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which, of {', '.join(BENCHES)}; all if left out")
    parser.add_argument("--bin", type=Path, default=ROOT / "target/release", help="folder of the release binary")
    parser.add_argument("--log-bytes", type=int, default=10**9, help="size of the log")
    parser.add_argument("--mails", type=Path, default=SAMPLE / "evidence/mail", help="folder of mails")
    parser.add_argument("--texts", type=Path, nargs="+", help="texts for extraction")
    parser.add_argument("--case", type=Path, default=SAMPLE, help="folder with evidence/ and intel/")
    parser.add_argument("--clip", type=Path, default=SAMPLE / "evidence/video/screen.mp4", help="a screen recording")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the networks that read text")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHES]
    if unknown:
        parser.error(f"no bench is called {unknown[0]}; there are {', '.join(BENCHES)}")
    arguments.bin = arguments.bin.resolve()
    with tempfile.TemporaryDirectory(prefix="handprint-bench-") as work:
        arguments.work = Path(work)
        print(f"{os.cpu_count()} cores; ratio = ours / peer")
        for name in arguments.names or BENCHES:
            BENCHES[name](arguments)


if __name__ == "__main__":
    main()

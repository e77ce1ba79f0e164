#!/usr/bin/env python3
"""Holds what goes out against the reference libraries, and counts it.

usage: exchange.py PYTHON PRODUCTS...

PYTHON is an interpreter with `stix2-validator==3.2.0 stix2 pymisp misp-stix`
(a virtual environment outside the checkout); PRODUCTS are folders that hold
case.stix.json and case.misp.json. Exits 1 if the validator finds an error, an
object does not parse, or an attribute is lost on the way through PyMISP.
"""

import subprocess
import sys

CHECK = r"""
import json, sys, warnings
warnings.simplefilter("ignore")
from collections import Counter
from pathlib import Path
import stix2
from stix2validator import ValidationOptions, validate_file
from pymisp import MISPEvent
from misp_stix_converter import ExternalSTIX2toMISPParser, MISPtoSTIX21Parser

failed = False
for folder in map(Path, sys.argv[1:]):
    path = folder / "case.stix.json"
    result = validate_file(str(path), ValidationOptions(version="2.1"))
    errors = sum(len(one.errors) for one in result.object_results) if hasattr(result, "object_results") else 0
    valid = result.is_valid
    held = json.loads(path.read_text())["objects"]
    parsed = stix2.parse(path.read_text(), allow_custom=False)
    # What the library would have called each observable.
    wrong = [o.id for o in parsed.objects if "created" not in o and o.id != type(o)(**{k: o[k] for k in o if k not in ("id", "object_marking_refs")}).id]
    event = MISPEvent()
    event.from_dict(**json.loads((folder / "case.misp.json").read_text())["Event"])
    attributes = json.loads((folder / "case.misp.json").read_text())["Event"]["Attribute"]
    converter = MISPtoSTIX21Parser()
    converter.parse_misp_event(event)
    back = ExternalSTIX2toMISPParser()
    back.load_stix_bundle(parsed)
    back.parse_stix_bundle()
    print(f"{folder}: valid {valid}, errors {errors}, objects {len(held)} parsed {len(parsed.objects)}, "
          f"observables under another id {len(wrong)}; MISP attributes {len(attributes)} loaded {len(event.attributes)}, "
          f"as STIX by misp-stix {len(converter.bundle.objects)} objects; our bundle read by misp-stix: "
          f"{len(back.misp_event.attributes)} attributes, {len(back.misp_event.objects)} objects, {sum(map(len, back.errors.values()))} errors")
    print("   ", dict(Counter(o["type"] for o in held)))
    failed |= not valid or errors or len(held) != len(parsed.objects) or wrong or len(attributes) != len(event.attributes)
sys.exit(1 if failed else 0)
"""

if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(subprocess.run([sys.argv[1], "-c", CHECK, *sys.argv[2:]]).returncode)

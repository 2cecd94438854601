"""Long campaigns against the real server; each prints what it found as one line of JSON.

python -m benchmarks.reliability CAMPAIGN [--rounds N] [--seconds S] [--clients N] [--examples N] [--factor F] [--write]

With --write what was found goes into docs/reliability.md too.
"""

import argparse
import json
import signal
import sys

from benchmarks.harness import ROOT
from benchmarks.reliability import contract, hostile, overload, record, slow, soak, stops, swaps, worst

CAMPAIGNS = {
    "hostile": hostile,
    "contract": contract,
    "stops": stops,
    "swaps": swaps,
    "slow": slow,
    "overload": overload,
    "soak": soak,
    "worst": worst,
}


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("campaign", choices=CAMPAIGNS)
    parser.add_argument("--write", action="store_true")
    for name, kind in {"rounds": int, "seconds": float, "clients": int, "examples": int, "factor": float}.items():
        parser.add_argument(f"--{name}", type=kind)
    given = parser.parse_args()
    campaign = CAMPAIGNS[given.campaign]
    # A campaign that is stopped stops its server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sizes = {name: size if (other := getattr(given, name)) is None else other for name, size in campaign.SIZES.items()}
    found = campaign.run(ROOT / "model.npz", **sizes)
    sys.stdout.write(json.dumps({"campaign": given.campaign, **found}) + "\n")
    if given.write:
        command = " ".join(["python -m benchmarks.reliability", *(a for a in sys.argv[1:] if a != "--write")])
        record.write(given.campaign, command, found, CAMPAIGNS)


if __name__ == "__main__":
    main()

"""Average networks of one shape, weight by weight: epochs of one training, each on other reports, together judge a little better.

usage: python -m training.average --run DIR --from NAME [NAME ...] --name NAME

The networks must stem from one another (`training.train --after`). Writes RUN/model-NAME.pt. After Wortsman and others 2022,
"Model soups".
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--from", dest="sources", nargs="+", required=True)
    parser.add_argument("--name", required=True)
    args = parser.parse_args()
    held = [torch.load(args.run / f"model-{name}.pt") for name in args.sources]
    mean = {
        key: torch.stack([weights[key] for weights in held]).mean(0) if value.is_floating_point() else value
        for key, value in held[0].items()
    }
    torch.save(mean, args.run / f"model-{args.name}.pt")


if __name__ == "__main__":
    main()

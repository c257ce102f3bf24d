"""The mean of the weights of two stops of one training: steadier than either.

usage: python -m training.average A.pt B.pt OUT.pt
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("a", "b", "out"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    a, b = torch.load(args.a), torch.load(args.b)
    torch.save({k: (a[k] + b[k]) / 2 if a[k].is_floating_point() else a[k] for k in a}, args.out)


if __name__ == "__main__":
    main()

"""Score event types on snippets: `python -m benchmarks.type --data DIR [--json]`.

DIR/type/case2021*.jsonl.gz holds a snippet a line: `text` and `label`, an ACLED sub-event type or one of five others. The
snippet's type is the likeliest the reader sees in it, among those that ACLED has. Weighted F1 and accuracy over the ACLED types.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.report import run
from mahdar.intake import make_report, report_sentences
from mahdar.model import Report
from mahdar.reading import rules
from mahdar.reading.assembly import choose, meant
from mahdar.reading.context import Context
from mahdar.reading.labels import TYPES
from mahdar.reading.reader import Reader

# The file's labels; the five that are no ACLED type (attribution, diplomacy, disasters, organised crime) are left out.
LABELS = {
    "ABDUCT_DISSAP": "abduction_forced_disappearance",
    "AGREEMENT": "agreement",
    "AIR_STRIKE": "air_drone_strike",
    "ARMED_CLASH": "armed_clash",
    "ARREST": "arrests",
    "ART_MISS_ATTACK": "shelling_artillery_missile",
    "ATTACK": "attack",
    "CHANGE_TO_GROUP_ACT": "change_to_group_activity",
    "CHEM_WEAP": "chemical_weapon",
    "DISR_WEAP": "disrupted_weapons_use",
    "FORCE_AGAINST_PROTEST": "excessive_force_against_protesters",
    "GOV_REGAINS_TERIT": "government_regains_territory",
    "GRENADE": "grenade",
    "HQ_ESTABLISHED": "headquarters_or_base_established",
    "MOB_VIOL": "mob_violence",
    "NON_STATE_ACTOR_OVERTAKES_TER": "non_state_actor_overtakes_territory",
    "NON_VIOL_TERRIT_TRANSFER": "non_violent_transfer_of_territory",
    "OTHER": "other",
    "PEACE_PROTEST": "peaceful_protest",
    "PROPERTY_DISTRUCT": "looting_property_destruction",
    "PROTEST_WITH_INTER": "protest_with_intervention",
    "REM_EXPLOS": "remote_explosive_landmine_ied",
    "SEX_VIOL": "sexual_violence",
    "SUIC_BOMB": "suicide_bomb",
    "VIOL_DEMONSTR": "violent_demonstration",
}
ACLED = sorted(set(LABELS.values()))


def likeliest(reader: Reader, text: str, types: Sequence[str] = TYPES) -> list[str]:
    """The types that the reader sees in a text, the likeliest first."""
    report = make_report(text, name="a snippet", any_language=True)
    if not isinstance(report, Report):
        return []
    context = Context(report, report_sentences(report), reader.register)
    sure: dict[str, float] = defaultdict(float)
    if reader.encoder is None:
        mentions = rules.find_mentions(context, reader.lexicon)
    else:
        look, mentions = reader.candidates(context)
        for sighting in look.sightings():
            for code, p in zip(TYPES, sighting.types, strict=True):
                sure[code] = max(sure[code], 0.5 * float(p))  # a mention says more: it has its trigger
    choose(mentions, reader.scores)
    for m in mentions:
        sure[m.type] = max(sure[m.type], m.score)
    return [code for code in sorted(sure, key=lambda c: -meant(c, sure[c])) if code in types]


def f1(right: int, predicted: int, gold: int) -> float:
    return 2 * right / (predicted + gold) if predicted + gold else 0.0


def score(path: Path, reader: Reader) -> dict[str, float]:
    """The figures of one file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [r for r in map(json.loads, lines) if r["label"] in LABELS]
    right: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    gold = Counter(LABELS[r["label"]] for r in rows)
    for row in rows:
        want = LABELS[row["label"]]
        got = next(iter(likeliest(reader, row["text"], ACLED)), None)
        if got is not None:
            predicted[got] += 1
        right[want] += got == want
    return {
        "weighted_f1_acled": round(sum(n * f1(right[t], predicted[t], n) for t, n in gold.items()) / len(rows), 4),
        "accuracy_acled": round(sum(right.values()) / len(rows), 4),
        "looting_recall": round(
            right["looting_property_destruction"] / max(1, gold["looting_property_destruction"]), 4
        ),
        "snippets": len(rows),
    }


def main() -> None:
    run(__doc__, "type/case2021*.jsonl.gz", partial(score, reader=Reader(gated=False)))


if __name__ == "__main__":
    main()

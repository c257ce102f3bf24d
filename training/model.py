"""The reader's network.

MiniLM's embeddings and first two layers, frozen; two layers that both tasks share; then two layers each for the **finder**
(which event types a sentence holds, which pieces are triggers) and for the **filler** (with one trigger marked: who, to whom,
where, when, how many, who says so; scope, status; whether the trigger is real; a vector for merging restatements).
The filler's own layers see only the trigger's neighbourhood, so a window is encoded once however many triggers it holds.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from transformers import AutoModel

from mahdar.reading.labels import ROLES, STATUSES, TYPES

FROZEN = 2
SHARED = 4  # layers before the two branches part
MERGE = 64


def attention_bias(mask: torch.Tensor) -> torch.Tensor:
    """(batch, length) of 0/1 -> additive (batch, 1, 1, length)."""
    return (1.0 - mask[:, None, None, :].float()) * -1e4


def _run(layers: Iterable[torch.nn.Module], h: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    for layer in layers:
        out = layer(h, bias)
        h = out[0] if isinstance(out, tuple) else out
    return h


class ReaderModel(torch.nn.Module):
    """`pieces`: new id -> id of the base model (the pruned vocabulary). Attention has no dropout: on a CPU it costs as much
    as a layer."""

    def __init__(self, directory: Path, pieces: Sequence[int]) -> None:
        super().__init__()
        base = AutoModel.from_pretrained(
            str(directory), attn_implementation="sdpa", add_pooling_layer=False, attention_probs_dropout_prob=0.0
        )
        table = base.embeddings.word_embeddings.weight.data[torch.tensor(list(pieces))]
        base.embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.embeddings = base.embeddings
        self.frozen = torch.nn.ModuleList(base.encoder.layer[:FROZEN])
        self.shared = torch.nn.ModuleList(base.encoder.layer[FROZEN:SHARED])
        self.find_layers = torch.nn.ModuleList(base.encoder.layer[SHARED:])
        self.fill_layers = copy.deepcopy(self.find_layers)
        self.embeddings.requires_grad_(False)
        self.frozen.requires_grad_(False)
        h = base.config.hidden_size
        self.drop = torch.nn.Dropout(0.15)
        self.token, self.sentence = torch.nn.Linear(h, len(TYPES)), torch.nn.Linear(2 * h, len(TYPES))
        self.marker = torch.nn.Embedding(len(TYPES), h)
        self.role, self.ends = torch.nn.Linear(2 * h, 2 * len(ROLES)), torch.nn.Linear(h, 2 + len(STATUSES))
        self.merge, self.same = torch.nn.Linear(h, MERGE), torch.nn.Linear(2 * MERGE, 1)
        torch.nn.init.normal_(self.marker.weight, std=0.1)
        torch.nn.init.constant_(self.token.bias, -3.0)
        torch.nn.init.constant_(self.sentence.bias, -3.0)
        torch.nn.init.constant_(self.role.bias, -2.5)

    def heads(self) -> list[torch.nn.Parameter]:
        modules = (self.token, self.sentence, self.marker, self.role, self.ends, self.merge, self.same)
        return [p for m in modules for p in m.parameters()]

    def body(self) -> list[torch.nn.Parameter]:
        return [p for m in (self.shared, self.find_layers, self.fill_layers) for p in m.parameters()]

    def train(self, mode: bool = True) -> ReaderModel:
        super().train(mode)
        self.embeddings.eval()
        self.frozen.eval()
        return self

    def encode(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(batch, length) -> hidden states after the shared layers."""
        bias = attention_bias(mask)
        with torch.no_grad():
            h = _run(self.frozen, self.embeddings(input_ids=ids), bias)
        return _run(self.shared, h, bias)

    def find(self, h: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.drop(_run(self.find_layers, h, attention_bias(mask)))

    def fill(
        self, h: torch.Tensor, mask: torch.Tensor, marked: torch.Tensor, types: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """h: neighbourhoods (mentions, length, hidden); marked: 1 on the trigger; types: type number of each mention.

        Returns role logits (mentions, length, 2 per role: begins, inside), end logits (real, scope, statuses), vectors.
        """
        h = h + marked.unsqueeze(-1) * self.marker(types).unsqueeze(1)
        h = self.drop(_run(self.fill_layers, h, attention_bias(mask)))
        share = marked / marked.sum(1, keepdim=True).clamp(min=1)
        trigger = (share.unsqueeze(1) @ h).squeeze(1)
        roles = self.role(torch.cat([h, h * trigger.unsqueeze(1)], 2))
        return roles, self.ends(trigger), self.merge(trigger)

    def same_event(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Logit that two mentions (vectors of `fill`) tell of one event."""
        return self.same(torch.cat([(a - b).abs(), a * b], -1)).squeeze(-1)

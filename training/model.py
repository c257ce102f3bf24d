"""The reader's network: MiniLM's lower layers, narrowed, with every task read from their top.

One pass over a window gives each piece a state. From the states: which event types a sentence holds, which pieces are triggers,
and, for one trigger at a time, which pieces around it say who, to whom, where, when, how many and who says so. That last question
is answered by comparing the trigger's state with every other piece's (`RoleHead`), so a window is encoded once however many
triggers it holds, and a trigger costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from transformers import AutoModel

from mahdar.reading.labels import FILLED, STATUSES, TRIGGERS, TYPES
from mahdar.reading.tokens import APART, STEPS

LAYERS = 5  # of MiniLM's six
WIDE = 768  # of the 1,536 units inside each layer, where training begins from MiniLM
HEAD = 32  # width of one of its twelve attention heads
KEYS, PRODUCTS = 256, 128  # width of the two comparisons of trigger and piece


def attention_bias(mask: torch.Tensor) -> torch.Tensor:
    """(batch, length) of 0/1 -> additive (batch, 1, 1, length)."""
    return (1.0 - mask[:, None, None, :].float()) * -1e4


def narrow(layer: torch.nn.Module, kept: torch.Tensor) -> None:
    """Keep only these inner units of a layer."""
    inner, outer = layer.intermediate.dense, layer.output.dense
    for old, weight, bias in (
        (inner, inner.weight[kept], inner.bias[kept]),
        (outer, outer.weight[:, kept], outer.bias),
    ):
        old.weight = torch.nn.Parameter(weight.detach().clone())
        old.bias = torch.nn.Parameter(bias.detach().clone())
        old.out_features, old.in_features = old.weight.shape


def behead(layer: torch.nn.Module, kept: torch.Tensor) -> None:
    """Keep only these attention heads of a layer."""
    own, outer = layer.attention.self, layer.attention.output.dense
    units = (kept[:, None] * HEAD + torch.arange(HEAD)).flatten()
    for linear in (own.query, own.key, own.value):
        linear.weight = torch.nn.Parameter(linear.weight[units].detach().clone())
        linear.bias = torch.nn.Parameter(linear.bias[units].detach().clone())
        linear.out_features = len(units)
    outer.weight = torch.nn.Parameter(outer.weight[:, units].detach().clone())
    outer.in_features = len(units)
    own.num_attention_heads, own.all_head_size = len(kept), len(units)


def heaviest(layer: torch.nn.Module, count: int) -> torch.Tensor:
    """The inner units of a layer that weigh most, by the norms of what comes in and goes out; in order."""
    weight = layer.intermediate.dense.weight.norm(dim=1) * layer.output.dense.weight.norm(dim=0)
    return weight.topk(count).indices.sort().values


class RoleHead(torch.nn.Module):
    """Role logits of a piece for a trigger: a sum and a product of what the two are, and how they stand to each other."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.key, self.query = torch.nn.Linear(hidden, KEYS), torch.nn.Linear(2 * hidden, KEYS)
        self.left, self.right = torch.nn.Linear(hidden, PRODUCTS), torch.nn.Linear(2 * hidden, PRODUCTS)
        self.step, self.apart = torch.nn.Embedding(STEPS, KEYS), torch.nn.Embedding(APART, KEYS)
        self.out = torch.nn.Linear(KEYS + PRODUCTS, 2 * len(FILLED))
        for table in (self.step, self.apart):
            torch.nn.init.normal_(table.weight, std=0.1)
        torch.nn.init.constant_(self.out.bias, -2.5)

    def forward(self, h: torch.Tensor, trigger: torch.Tensor, step: torch.Tensor, apart: torch.Tensor) -> torch.Tensor:
        """h (mentions, length, hidden), trigger (mentions, 2 hidden), step and apart (mentions, length) -> logits."""
        return self.compare(self.key(h), self.left(h), trigger, step, apart)

    def compare(
        self,
        keys: torch.Tensor,
        products: torch.Tensor,
        trigger: torch.Tensor,
        step: torch.Tensor,
        apart: torch.Tensor,
    ) -> torch.Tensor:
        """The same from what is made of each piece once a window: keys and products (mentions, length, …)."""
        total = keys + self.query(trigger).unsqueeze(1) + self.step(step) + self.apart(apart)
        product = products * self.right(trigger).unsqueeze(1)
        return self.out(torch.nn.functional.dropout(torch.cat([total.relu(), product], 2), 0.1, self.training))


class ReaderModel(torch.nn.Module):
    """`pieces`: new id -> id of the base model (the pruned vocabulary); the embeddings stay as they are. Attention has no
    dropout: on a CPU it costs as much as a layer."""

    def __init__(self, directory: Path, pieces: Sequence[int], layers: int = LAYERS, wide: int = WIDE) -> None:
        super().__init__()
        base = AutoModel.from_pretrained(
            str(directory), attn_implementation="sdpa", add_pooling_layer=False, attention_probs_dropout_prob=0.0
        )
        table = base.embeddings.word_embeddings.weight.data[torch.tensor(list(pieces))]
        base.embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.embeddings = base.embeddings
        self.embeddings.requires_grad_(False)
        self.layers = torch.nn.ModuleList(base.encoder.layer[:layers])
        for layer in self.layers:
            if wide < layer.intermediate.dense.out_features:
                narrow(layer, heaviest(layer, wide))
        h = base.config.hidden_size
        self.drop = torch.nn.Dropout(0.15)
        self.token, self.sentence = torch.nn.Linear(h, len(TRIGGERS)), torch.nn.Linear(2 * h, len(TYPES))
        self.kind = torch.nn.Embedding(len(TRIGGERS), h)
        self.roles = RoleHead(h)
        self.ends = torch.nn.Linear(2 * h, 1 + len(STATUSES))
        torch.nn.init.normal_(self.kind.weight, std=0.1)
        torch.nn.init.constant_(self.token.bias, -3.0)
        torch.nn.init.constant_(self.sentence.bias, -3.0)

    @staticmethod
    def load(directory: Path, pieces: Sequence[int], checkpoint: Path) -> ReaderModel:
        """The network of a checkpoint."""
        return ReaderModel.of(directory, pieces, torch.load(checkpoint))

    @staticmethod
    def of(directory: Path, pieces: Sequence[int], weights: Mapping[str, torch.Tensor]) -> ReaderModel:
        """The network with these weights (the embeddings may be left out), in the shape that they have."""
        layers = 1 + max(int(k.split(".")[1]) for k in weights if k.startswith("layers."))
        model = ReaderModel(directory, pieces, layers)
        for n, layer in enumerate(model.layers):
            heads = len(weights[f"layers.{n}.attention.self.query.bias"]) // HEAD
            behead(layer, torch.arange(heads))
            narrow(layer, torch.arange(len(weights[f"layers.{n}.intermediate.dense.bias"])))
        missing, unknown = model.load_state_dict(weights, strict=False)
        if unknown or [m for m in missing if not m.startswith("embeddings.")]:
            raise ValueError(f"not the weights of a reader: they lack {missing}, and have besides {unknown}")
        return model

    def heads(self) -> list[torch.nn.Parameter]:
        modules = (self.token, self.sentence, self.kind, self.roles, self.ends)
        return [p for m in modules for p in m.parameters()]

    def body(self) -> list[torch.nn.Parameter]:
        return list(self.layers.parameters())

    def train(self, mode: bool = True) -> ReaderModel:
        super().train(mode)
        self.embeddings.eval()
        return self

    def encode(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(batch, length) -> states (batch, length, hidden)."""
        bias = attention_bias(mask)
        h = self.embeddings(input_ids=ids)
        for layer in self.layers:
            out = layer(h, bias)
            h = out[0] if isinstance(out, tuple) else out
        return h

    def fill(
        self,
        h: torch.Tensor,
        marked: torch.Tensor,
        types: torch.Tensor,
        step: torch.Tensor,
        apart: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """h: neighbourhoods (mentions, length, hidden); marked: 1 on the trigger; types: type number of each mention.

        Returns role logits (mentions, length, 2 per role: begins, inside), end logits (scope, statuses).
        """
        share = marked / marked.sum(1, keepdim=True).clamp(min=1)
        trigger = torch.cat([(share.unsqueeze(1) @ h).squeeze(1), self.kind(types)], 1)
        return self.roles(h, trigger, step, apart), self.ends(trigger)

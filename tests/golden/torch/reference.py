"""A small PyTorch reference of the kit's model and losses, written from the papers' formulas.

ViT (Dosovitskiy et al., 2020) on patches of 12-lead ECGs, masked autoencoder (He et al., 2022), InfoNCE at sample and
at patient level, their sum (Eq. 1-3 of the reproduced paper). Parameter names are timm's and MAE's, so one state
dictionary serves both sides. `make_golden.py` writes golden values with it, `tests/bench/train_peer.py` times it.
"""

import torch
import torch.nn.functional as F
from torch import nn

LEADS, SAMPLES = 12, 2500


def sin_cos_positions(tokens, dim):
    half = dim // 2
    angles = torch.arange(tokens, dtype=torch.float64)[:, None] / 10000 ** (torch.arange(half, dtype=torch.float64) / half)
    rows = torch.cat([angles.sin(), angles.cos()], dim=1)
    return torch.cat([torch.zeros(1, dim, dtype=torch.float64), rows])[None]


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        batch, tokens, dim = x.shape
        q, k, v = self.qkv(x).reshape(batch, tokens, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        x = F.scaled_dot_product_attention(q, k, v)
        return self.proj(x.transpose(1, 2).reshape(batch, tokens, dim))


class Mlp(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim, heads, mlp_ratio):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim, mlp_ratio * dim)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, patch_size, dim):
        super().__init__()
        self.proj = nn.Conv1d(LEADS, dim, patch_size, stride=patch_size)


class Model(nn.Module):
    """Encoder, and where asked for, MAE decoder and projector."""

    def __init__(self, patch_size, depth, dim, head_dim=64, mlp_ratio=4, decoder=None, projector=False):
        super().__init__()
        self.patch_size = patch_size
        self.patches = -(-SAMPLES // patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.patch_embed = PatchEmbed(patch_size, dim)
        self.blocks = nn.ModuleList(Block(dim, dim // head_dim, mlp_ratio) for _ in range(depth))
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.register_buffer("positions", sin_cos_positions(self.patches, dim), persistent=False)
        if decoder is not None:
            width, decoder_depth, decoder_head_dim = decoder
            self.decoder_embed = nn.Linear(dim, width)
            self.mask_token = nn.Parameter(torch.zeros(1, 1, width))
            self.decoder_blocks = nn.ModuleList(
                Block(width, width // decoder_head_dim, mlp_ratio) for _ in range(decoder_depth)
            )
            self.decoder_norm = nn.LayerNorm(width, eps=1e-6)
            self.decoder_pred = nn.Linear(width, LEADS * patch_size)
            self.register_buffer("decoder_positions", sin_cos_positions(self.patches, width), persistent=False)
        if projector:
            self.projector = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 128))

    def pad(self, ecgs):
        return F.pad(ecgs, (0, self.patches * self.patch_size - SAMPLES))

    def patchify(self, ecgs):
        batch = ecgs.shape[0]
        cut = self.pad(ecgs).reshape(batch, LEADS, self.patches, self.patch_size)
        return cut.transpose(1, 2).reshape(batch, self.patches, LEADS * self.patch_size)

    def encode(self, ecgs, visible=None):
        x = self.patch_embed.proj(self.pad(ecgs)).transpose(1, 2) + self.positions[:, 1:].to(ecgs.dtype)
        if visible is not None:
            x = torch.gather(x, 1, visible[:, :, None].expand(-1, -1, x.shape[2]))
        cls = (self.cls_token + self.positions[:, :1].to(ecgs.dtype)).expand(x.shape[0], -1, -1)
        x = torch.cat([cls, x], dim=1)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

    def embed(self, ecgs):
        return self.encode(ecgs)[:, 1:].mean(dim=1)

    def reconstruct(self, ecgs, ids_shuffle, kept, ids=None):
        """Patches as MAE's decoder predicts them: all in their order, or those of `ids` alone."""
        tokens = self.decoder_embed(self.encode(ecgs, ids_shuffle[:, :kept]))
        batch, _, width = tokens.shape
        masked = self.mask_token.expand(batch, self.patches - kept, -1)
        ids_restore = ids_shuffle.argsort(dim=1)[:, :, None].expand(-1, -1, width)
        ordered = torch.gather(torch.cat([tokens[:, 1:], masked], dim=1), 1, ids_restore)
        x = torch.cat([tokens[:, :1], ordered], dim=1) + self.decoder_positions.to(ecgs.dtype)
        for block in self.decoder_blocks:
            x = block(x)
        x = x[:, 1:] if ids is None else pick(x[:, 1:], ids)
        return self.decoder_pred(self.decoder_norm(x))

    def reconstruction_loss(self, ecgs, ids_shuffle, kept, normalise=False):
        """Eq. 1: mean absolute error on the masked patches; samples that only pad do not count."""
        masked = ids_shuffle[:, kept:]
        predicted = self.reconstruct(ecgs, ids_shuffle, kept, masked)
        target = pick(self.patchify(ecgs), masked)
        if normalise:
            per_lead = target.reshape(*masked.shape, LEADS, self.patch_size)
            deviation = per_lead.std(dim=-1, keepdim=True, unbiased=False)
            target = ((per_lead - per_lead.mean(dim=-1, keepdim=True)) / (deviation + 0.02)).reshape(target.shape)
        real = pick(self.patchify(torch.ones_like(ecgs)), masked)  # 0 on padding
        return ((predicted - target).abs() * real).sum() / real.sum()

    def project(self, ecgs):
        return F.normalize(self.projector(self.embed(ecgs)), dim=1)


def pick(patches, ids):
    """The patches of `ids`, [batch, some], in their order."""
    return torch.gather(patches, 1, ids[:, :, None].expand(-1, -1, patches.shape[2]))


def info_nce_sample(z, temperature=0.1):
    """Eq. 2 between two views of an ECG (NT-Xent); z: first views, then second views."""
    n = z.shape[0]
    similarity = (z @ z.T / temperature).masked_fill(torch.eye(n, dtype=torch.bool), float("-inf"))
    return F.cross_entropy(similarity, (torch.arange(n) + n // 2) % n)


def info_nce_patient(z, patients, temperature=0.1):
    """Eq. 2 between ECGs of a patient: mean over positives, anchors without any left out."""
    n = z.shape[0]
    ecg = torch.arange(n) % (n // 2)
    patient = torch.as_tensor(patients)[ecg]
    same_ecg = ecg[:, None] == ecg[None, :]
    positive = (patient[:, None] == patient[None, :]) & ~same_ecg
    log_p = F.log_softmax((z @ z.T / temperature).masked_fill(same_ecg, float("-inf")), dim=1)
    anchors = positive.any(dim=1)
    if not anchors.any():
        return z.sum() * 0
    per_anchor = -(log_p.masked_fill(~positive, 0).sum(dim=1)[anchors] / positive.sum(dim=1)[anchors])
    return per_anchor.mean()

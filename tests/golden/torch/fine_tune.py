"""Writes the golden values of fine-tuning, computed in float64: fine-tune.safetensors beside this file.

    python tests/golden/torch/fine_tune.py        (torch 2.13.0, numpy 2, safetensors 0.6)

A Vision Transformer with a linear head on the mean of its patch tokens, and a narrow 1-D residual network, on four ECGs
and four tasks: losses, norms of gradients, the gradient at the start (the transformer's), weights and running statistics
at the end. The steps are those of a fine-tuning: linear warm-up and half a cosine, clipping at norm .1, AdamW (.9, .999)
with layer-wise decay .75 (the transformer's) and weight decay on all but vectors. Weights and ECGs follow from a formula
that the tests compute too.
"""

import math
import os
import re

import numpy as np
import torch
import torch.nn.functional as F
from reference import LEADS, SAMPLES, Model
from resnet import ResNet
from safetensors.numpy import save_file
from torch import nn

torch.set_default_dtype(torch.float64)
HERE = os.path.dirname(__file__)
PATCH, DEPTH, DIM, HEAD_DIM = 25, 2, 4, 2
LABELS = torch.tensor([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1.0]])
ECGS = len(LABELS)
PEAK, WARMUP, EPOCHS, CLIP = 1e-2, 0.25, 8, 0.1  # a step an epoch, of which the first few are made


def formula(count, phase, scale):
    i = np.arange(count, dtype=np.float64)
    wave = np.sin(phase + 12.9898 * (i + 1)) * 43758.5453
    return (scale * (2 * (wave - np.floor(wave)) - 1)).astype(np.float32).astype(np.float64)


def ecgs():
    return torch.tensor(formula(ECGS * LEADS * SAMPLES, 4.1, 0.5).reshape(ECGS, LEADS, SAMPLES))


def fill(model):
    """Weights by formula, around one for gains and variances; then rounded to float32."""
    tensors = {name: t for name, t in model.state_dict().items() if t.is_floating_point()}
    with torch.no_grad():
        for index, (name, tensor) in enumerate(sorted(tensors.items())):
            is_one = re.search(r"norm.*weight$|bn.*weight$|downsample\.1\.weight$|running_var$", name) is not None
            values = formula(tensor.numel(), index, 0.5) + float(is_one)
            tensor.copy_(torch.tensor(values.astype(np.float32).astype(np.float64)).reshape(tensor.shape))
    return model


class Vit(Model):
    def __init__(self):
        super().__init__(PATCH, DEPTH, DIM, head_dim=HEAD_DIM)
        self.head = nn.Linear(DIM, LABELS.shape[1])

    def logits(self, x):
        return self.head(self.embed(x))

    def factor(self, name):
        if name == "cls_token" or name.startswith("patch_embed."):
            layer = 0
        elif name.startswith("blocks."):
            layer = int(name.split(".")[1]) + 1
        else:
            layer = DEPTH + 1
        return 0.75 ** (DEPTH + 1 - layer)


class NarrowResNet(ResNet):
    def __init__(self):
        super().__init__(width=2, blocks=(1, 1, 1, 1), outputs=LABELS.shape[1])

    def factor(self, name):
        return 1.0


def balanced():
    positives = LABELS.sum(dim=0)
    return torch.where(LABELS == 1, ECGS / (2 * positives), ECGS / (2 * (ECGS - positives)))


def rate(step):
    steps, warmup = EPOCHS, round(WARMUP * EPOCHS)
    if step < warmup:
        return PEAK * (step + 1) / warmup
    return PEAK * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2


def case(name, model, weights, keeps, steps=5):
    model.train()
    x = ecgs()
    groups = [
        {"params": [p], "factor": model.factor(n), "weight_decay": 0.05 if p.ndim > 1 else 0.0}
        for n, p in model.named_parameters()
    ]
    optimiser = torch.optim.AdamW(groups, lr=PEAK, betas=(0.9, 0.999))
    losses, norms = [], []
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate(step) * group["factor"]
        optimiser.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model.logits(x), LABELS, weight=weights)
        loss.backward()
        if step == 0 and "gradient" in keeps:
            for weight, parameter in model.named_parameters():
                out[f"{name}.gradient.{weight}"] = parameter.grad.numpy().astype(np.float32)
        losses.append(loss.item())
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), CLIP).item())
        optimiser.step()
    out[f"{name}.losses"] = np.array(losses)
    out[f"{name}.norms"] = np.array(norms)
    for weight, tensor in model.state_dict().items():
        if tensor.is_floating_point() and "after" in keeps:
            out[f"{name}.after.{weight}"] = tensor.numpy().astype(np.float32)


out = {}
case("vit", fill(Vit()), None, keeps=("gradient", "after"))
case("balanced", fill(Vit()), balanced(), keeps=("gradient",))
case("resnet", fill(NarrowResNet()), None, keeps=("after",), steps=1)  # later ones turn on ReLU's kinks
save_file({name: np.ascontiguousarray(value) for name, value in out.items()}, os.path.join(HERE, "fine-tune.safetensors"))
print({name: value for name, value in out.items() if name.endswith(("losses", "norms"))})

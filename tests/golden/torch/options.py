"""Writes the golden values of the options: all-patch loss, CLS pooling, EMA target, statistics of all layers; computed
in float64.

    python tests/golden/torch/options.py        (torch 2.13.0, numpy 2, safetensors 0.6)

Weights, ECGs and masks are those of make_golden.py; the target network's weights follow from the same formula with
another phase. `options.safetensors` holds each loss, and its gradient as float32.
"""

import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from reference import LEADS, SAMPLES, Model, info_nce_patient, info_nce_sample
from safetensors.numpy import save_file

torch.set_default_dtype(torch.float64)
BATCH, PATCH, DIM = 4, 60, 8
PATIENTS = [7, 7, 3, 9]
HERE = os.path.dirname(__file__)


def formula(count, phase, scale):
    i = np.arange(count, dtype=np.float64)
    wave = np.sin(phase + 12.9898 * (i + 1)) * 43758.5453
    return (scale * (2 * (wave - np.floor(wave)) - 1)).astype(np.float32).astype(np.float64)


def ecgs(count, phase):
    return torch.tensor(formula(count * LEADS * SAMPLES, phase, 0.5).reshape(count, LEADS, SAMPLES))


def build(phase=0.0):
    model = Model(PATCH, 2, DIM, head_dim=4, decoder=(DIM, 1, 4), projector=True)
    with torch.no_grad():
        for index, (name, parameter) in enumerate(sorted(model.named_parameters())):
            offset = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            values = offset + formula(parameter.numel(), index + phase, 0.2)
            parameter.copy_(torch.tensor(values.astype(np.float32).astype(np.float64).reshape(parameter.shape)))
    return model


def all_patches():
    """The mean absolute error on every patch, visible or masked; samples that only pad do not count."""
    model = build()
    steps = (5, 11, 13, 17)
    ids_shuffle = torch.stack([(torch.arange(model.patches) * step + 1) % model.patches for step in steps])
    kept = model.patches - math.floor(model.patches * 0.75)
    signal = ecgs(BATCH, 0.0)
    real = model.patchify(torch.ones_like(signal))
    error = (model.reconstruct(signal, ids_shuffle, kept) - model.patchify(signal)).abs() * real
    return model, {"reconstruction": error.sum() / real.sum()}


def cls_pooling():
    model = build()
    z = F.normalize(model.projector(model.encode(ecgs(2 * BATCH, 0.3))[:, 0]), dim=1)
    return model, {"sample": info_nce_sample(z), "patient": info_nce_patient(z, PATIENTS)}


def ema_target(temperature=0.1):
    """First views through the trained network against second views through the target: CMAE's InfoNCE, both levels."""
    model, target = build(), build(phase=0.5)
    views = ecgs(2 * BATCH, 0.3)
    z = model.project(views[:BATCH])
    with torch.no_grad():
        keys = target.project(views[BATCH:])
    similarity = z @ keys.T / temperature
    sample = F.cross_entropy(similarity, torch.arange(BATCH))
    patient = torch.tensor(PATIENTS)
    itself = torch.eye(BATCH, dtype=torch.bool)
    positive = (patient[:, None] == patient[None, :]) & ~itself
    log_p = F.log_softmax(similarity.masked_fill(itself, float("-inf")), dim=1)
    anchors = positive.any(dim=1)
    per_anchor = -log_p.masked_fill(~positive, 0).sum(dim=1)[anchors] / positive.sum(dim=1)[anchors]
    return model, {"sample": sample, "patient": per_anchor.mean()}


def statistics():
    """Mean and deviation of the patch tokens as embedded, after the first block, and after the last and the norm; and the
    CLS token there: a row an ECG."""
    model, layers = build(), []
    hooks = [model.blocks[i].register_forward_pre_hook(lambda _, x: layers.append(x[0])) for i in (0, 1)]
    layers.append(model.encode(ecgs(BATCH, 0.0)))
    for hook in hooks:
        hook.remove()
    means = [tokens[:, 1:].mean(1) for tokens in layers]
    deviations = [tokens[:, 1:].std(1, correction=0) for tokens in layers]
    return torch.cat([*means, *deviations, layers[-1][:, 0]], dim=1)


out = {"statistics": statistics().detach().numpy().astype(np.float32)}
for case in (all_patches, cls_pooling, ema_target):
    model, terms = case()
    for name, term in terms.items():
        out[f"{case.__name__}.loss.{name}"] = term.detach().numpy().reshape(1)
    sum(terms.values()).backward()
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            out[f"{case.__name__}.gradient.{name}"] = parameter.grad.numpy().astype(np.float32)
save_file({name: np.ascontiguousarray(value) for name, value in out.items()}, os.path.join(HERE, "options.safetensors"))

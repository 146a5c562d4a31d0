"""PyTorch's side of `npm run bench -- train` and `backends`.

A line in, "METHOD PATCH DEPTH DIM DECODER_DIM DECODER_DEPTH BATCH THREADS PRECISION STEPS", or for 1D-ResNet50 on four
tasks "resnet WIDTH BATCH THREADS PRECISION STEPS"; a line out, the seconds that those training steps took. The first line
for a model also builds it and warms it up.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "golden", "torch"))
import torch
import torch.nn.functional as F
from reference import LEADS, SAMPLES, Model, info_nce_patient, info_nce_sample
from resnet import ResNet

steppers = {}
WARM_UP = 3


def make_resnet_stepper(_, width, batch, threads, precision):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = ResNet(width=width, outputs=4).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.05, fused=True)
    ecgs, labels = torch.randn(batch, LEADS, SAMPLES), torch.randint(0, 2, (batch, 4)).float()

    def step():
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss = F.binary_cross_entropy_with_logits(model.logits(ecgs), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return loss.item()

    return step


def make_stepper(method, patch, depth, dim, decoder_dim, decoder_depth, batch, threads, precision):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    decoder = None if method == "contrastive" else (decoder_dim, decoder_depth, 64)
    model = Model(patch, depth, dim, decoder=decoder, projector=method != "generative")
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.05, fused=True)
    ecgs = torch.randn(batch, LEADS, SAMPLES)
    views = torch.randn(2 * batch, LEADS, SAMPLES)
    patients = [i // 2 for i in range(batch)]
    kept = model.patches - int(model.patches * 0.75)
    ids_shuffle = torch.rand(batch, model.patches).argsort(dim=1)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = 0
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            if method != "contrastive":
                loss = loss + model.reconstruction_loss(ecgs, ids_shuffle, kept)
            if method != "generative":
                z = model.project(views)
                loss = loss + info_nce_sample(z) + info_nce_patient(z, patients)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return loss.item()

    return step


print("ready", flush=True)
for line in sys.stdin:
    method, *numbers, precision, steps = line.split()
    key = (method, *map(int, numbers), precision)
    if key not in steppers:
        steppers.clear()
        steppers[key] = (make_resnet_stepper if method == "resnet" else make_stepper)(*key)
        for _ in range(WARM_UP):
            steppers[key]()
    start = time.perf_counter()
    for _ in range(int(steps)):
        steppers[key]()
    print(time.perf_counter() - start, flush=True)

"""Times PyTorch's training step for `npm run bench -- train`: a JSON request a line in, a JSON answer a line out.

Request: {"method", "patch", "depth", "dim", "batch", "threads", "steps"}; answer: milliseconds of each step.
"""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "golden", "torch"))
import torch
from reference import LEADS, SAMPLES, Model, info_nce_patient, info_nce_sample

steppers = {}


def make_stepper(method, patch, depth, dim, batch, threads, **_):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    decoder = None if method == "contrastive" else (256, 4, 64)
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


for line in sys.stdin:
    request = json.loads(line)
    key = json.dumps({k: v for k, v in request.items() if k != "steps"})
    if key not in steppers:
        steppers.clear()
        steppers[key] = make_stepper(**request)
    times = []
    for _ in range(request["steps"]):
        start = time.perf_counter()
        steppers[key]()
        times.append(1e3 * (time.perf_counter() - start))
    print(json.dumps(times), flush=True)

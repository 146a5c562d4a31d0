"""Writes the golden values of the model, the losses, their gradients and AdamW, in float64.

    python tests/golden/torch/make_golden.py        (torch 2.13.0, numpy 2, safetensors 0.6)

Weights and ECGs follow from formulas that tests/golden-model.ts repeats, so only results are kept:
`hybrid-ecg.safetensors` holds embeddings, projections, the reconstruction, each loss, its slopes along some directions
by central differences, the gradient of each method's loss and the weights after ten AdamW steps, and of a narrow ResNet in both modes its features, logits, gradients and running
statistics; `schedule.json` the learning rates of a training.
"""

import json
import math
import os

import numpy as np
import torch
from reference import LEADS, SAMPLES, Model, info_nce_patient, info_nce_sample
from resnet import ResNet
from safetensors.numpy import save_file

torch.set_default_dtype(torch.float64)
BATCH, PATCH, DIM = 4, 60, 8
PATIENTS = [7, 7, 3, 9]
HERE = os.path.dirname(__file__)


def formula(count, phase, scale):
    """Noise that both sides can compute: scale (2 frac(43758.5453 sin(phase + 12.9898 (i + 1))) - 1), as float32."""
    i = np.arange(count, dtype=np.float64)
    wave = np.sin(phase + 12.9898 * (i + 1)) * 43758.5453
    return (scale * (2 * (wave - np.floor(wave)) - 1)).astype(np.float32).astype(np.float64)


def ecgs(count, phase):
    return torch.tensor(formula(count * LEADS * SAMPLES, phase, 0.5).reshape(count, LEADS, SAMPLES))


def build():
    model = Model(PATCH, 2, DIM, head_dim=4, decoder=(DIM, 1, 4), projector=True)
    with torch.no_grad():
        for index, (name, parameter) in enumerate(sorted(model.named_parameters())):
            offset = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            values = offset + formula(parameter.numel(), index, 0.2)
            parameter.copy_(torch.tensor(values.reshape(parameter.shape)))
    return model


def ids_shuffle(patches):
    """A permutation a sample: patch 41 (half padding) is visible in one and masked in the others."""
    return torch.stack([(torch.arange(patches) * step + 1) % patches for step in (5, 11, 13, 17)])


def losses(model, method):
    patches = model.patches
    kept = patches - math.floor(patches * 0.75)
    terms = {}
    if method in ("generative", "normalised", "hybrid"):
        normalise = method == "normalised"
        terms["reconstruction"] = model.reconstruction_loss(ecgs(BATCH, 0.0), ids_shuffle(patches), kept, normalise)
    if method in ("contrastive", "hybrid"):
        z = model.project(ecgs(2 * BATCH, 0.3))
        terms["sample"] = info_nce_sample(z)
        terms["patient"] = info_nce_patient(z, PATIENTS)
    return terms


out = {}
model = build()
with torch.no_grad():
    out["embedding"] = model.embed(ecgs(BATCH, 0.0)).numpy()
    out["projection"] = model.project(ecgs(2 * BATCH, 0.3)).numpy()
    kept = model.patches - math.floor(model.patches * 0.75)
    out["reconstruction"] = model.reconstruct(ecgs(BATCH, 0.0), ids_shuffle(model.patches), kept)[:, :, ::60].numpy()
for method in ("generative", "normalised", "contrastive", "hybrid"):
    model = build()
    terms = losses(model, method)
    for name, term in terms.items():
        out[f"{method}.loss.{name}"] = term.detach().numpy().reshape(1)
    sum(terms.values()).backward()
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            out[f"{method}.gradient.{name}"] = parameter.grad.numpy()

DIRECTIONS = 4


def slopes(method, term):
    """Slopes of a loss along directions in the space of all weights, without autograd: central differences at two
    distances, extrapolated (Richardson)."""
    model = build()
    weights = [parameter for _, parameter in sorted(model.named_parameters())]
    start = [weight.detach().clone() for weight in weights]

    def slope(direction, distance):
        values = []
        for sign in (1, -1):
            for weight, origin, along in zip(weights, start, direction):
                weight.copy_(origin + sign * distance * along)
            values.append(losses(model, method)[term].item())
        return (values[0] - values[1]) / (2 * distance)

    found = []
    with torch.no_grad():
        for k in range(DIRECTIONS):
            direction = [
                torch.tensor(formula(weight.numel(), index + (k + 1) / 8, 1.0).reshape(weight.shape))
                for index, weight in enumerate(weights)
            ]
            near, far = slope(direction, 1e-6), slope(direction, 2e-6)
            found.append((4 * near - far) / 3)
    return np.array(found)


for method, terms in (("generative", ["reconstruction"]), ("normalised", ["reconstruction"]), ("contrastive", ["sample", "patient"])):
    for term in terms:
        out[f"{method}.slopes.{term}"] = slopes(method, term)

CLIP = 0.1  # a third of the gradient's norm: each step is clipped
model = build()
decayed = [p for p in model.parameters() if p.ndim >= 2]
plain = [p for p in model.parameters() if p.ndim < 2]
groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
optimiser = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95), eps=1e-8)
for _ in range(10):
    optimiser.zero_grad()
    sum(losses(model, "hybrid").values()).backward()
    assert torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP) > CLIP
    optimiser.step()
for name, parameter in model.named_parameters():
    out[f"adamw.{name}"] = parameter.detach().numpy()



def build_resnet():
    """Bottlenecks with and without a shortcut, with and without a stride."""
    resnet = ResNet(width=2, blocks=(2, 2, 1, 1), outputs=4)
    tensors = {name: t for name, t in resnet.state_dict().items() if not name.endswith("num_batches_tracked")}
    with torch.no_grad():
        for index, (name, tensor) in enumerate(sorted(tensors.items())):
            is_one = tensor.ndim == 1 and name.endswith(("weight", "running_var"))
            values = formula(tensor.numel(), index, 0.5 if tensor.ndim == 3 else 0.2)
            tensor.copy_(torch.tensor(float(is_one) + values.reshape(tensor.shape)))
    return resnet


def kinks(resnet, x):
    """How near a decision is to turning: of ReLU's inputs to zero, of a window's two largest values to each other."""
    nearest = []
    relu, pool = torch.nn.functional.relu, torch.nn.functional.max_pool1d

    def watched_relu(z):
        nearest.append(z.abs().min().item())
        return relu(z)

    def watched_pool(z, *size, **options):
        first, second = torch.nn.functional.pad(z, (1, 0)).unfold(2, 3, 2).topk(2, dim=3).values.unbind(3)
        nearest.append((first - second)[first > 0].min().item())
        return pool(z, *size, **options)

    torch.nn.functional.relu, torch.nn.functional.max_pool1d = watched_relu, watched_pool
    with torch.no_grad():
        resnet.logits(x)
    torch.nn.functional.relu, torch.nn.functional.max_pool1d = relu, pool
    return min(nearest)


RESNET_BATCH = 2
RESNET_PHASE = 6.2  # of the ECGs: here float32 takes the same side of every ReLU and the same sample of every window
for mode, training in (("evaluation", False), ("training", True)):
    views = ecgs(RESNET_BATCH, RESNET_PHASE)
    assert kinks(build_resnet().train(training), views) > 1e-5
    resnet = build_resnet().train(training)
    features = resnet.features(views)
    logits = resnet.fc(features)
    (logits * torch.tensor(formula(logits.numel(), 0.7, 1.0).reshape(logits.shape))).sum().backward()
    out[f"resnet.{mode}.features"] = features.detach().numpy()
    out[f"resnet.{mode}.logits"] = logits.detach().numpy()
    for name, parameter in resnet.named_parameters():
        out[f"resnet.{mode}.gradient.{name}"] = parameter.grad.numpy()
    if training:
        for name, buffer in resnet.named_buffers():
            if not name.endswith("num_batches_tracked"):
                out[f"resnet.statistics.{name}"] = buffer.numpy()

save_file({name: np.ascontiguousarray(value) for name, value in out.items()}, os.path.join(HERE, "hybrid-ecg.safetensors"))

steps, warmup, peak = 50, 5, 1e-3
parameter = torch.nn.Parameter(torch.zeros(1))
sgd = torch.optim.SGD([parameter], lr=peak)
warm = torch.optim.lr_scheduler.LinearLR(sgd, start_factor=1 / warmup, end_factor=1.0, total_iters=warmup - 1)
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(sgd, T_max=steps - warmup)
schedule = torch.optim.lr_scheduler.SequentialLR(sgd, [warm, cosine], milestones=[warmup])
rates = []
for _ in range(steps):
    rates.append(sgd.param_groups[0]["lr"])
    sgd.step()
    schedule.step()
with open(os.path.join(HERE, "schedule.json"), "w") as file:
    json.dump({"peak": peak, "steps": steps, "warmup": warmup, "rates": rates}, file)

"""Writes timm's factors on the learning rate, layer by layer, for a Vision Transformer of depth 4 at decay .75.

    python tests/golden/torch/layer_decay.py        (timm 1.0.31, torch 2.13.0)
"""

import json
import os

import timm
from timm.optim import param_groups_layer_decay

model = timm.create_model("vit_tiny_patch16_224", depth=4, num_classes=4)
names = {id(parameter): name for name, parameter in model.named_parameters()}
groups = param_groups_layer_decay(model, layer_decay=0.75)
factors = {names[id(parameter)]: group["lr_scale"] for group in groups for parameter in group["params"]}
with open(os.path.join(os.path.dirname(__file__), "layer-decay.json"), "w") as file:
    json.dump({"depth": 4, "decay": 0.75, "factors": dict(sorted(factors.items()))}, file)

"""What PyTorch computes, in float64, with a residual network that the kit wrote, beside what the kit computed.

    python tests/model/resnet_peer.py WEIGHTS RESULTS

WEIGHTS is a file of `writeResNet`; RESULTS holds the ECGs and the weights of the logits' sum, and for both modes
features, gradients and, of training, the running statistics. Printed as JSON: of each the largest error, over the largest
value. In training mode the gradient of a batch norm's bias is the small rest of large terms, since the next batch norm
takes the mean out again: its error is over the largest value of bias and gain together.
"""

import json
import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../golden/torch"))
from resnet import ResNet
from safetensors.torch import load_file

torch.set_default_dtype(torch.float64)
weights, results = load_file(sys.argv[1]), load_file(sys.argv[2])
errors = {}


def compare(name, expected, *beside):
    difference = (results[name].double() - expected.detach()).abs().max()
    largest = max(value.detach().abs().max() for value in (expected, *beside))
    errors[name] = (difference / largest.clamp(min=1e-12)).item()


for mode, training in (("evaluation", False), ("training", True)):
    resnet = ResNet(outputs=weights["fc.weight"].shape[0]).train(training)
    resnet.load_state_dict(weights)
    features = resnet.features(results["ecgs"].double())
    (resnet.fc(features) * results["dy"].double()).sum().backward()
    compare(f"{mode}.features", features)
    for name, parameter in resnet.named_parameters():
        is_bias = training and name.endswith("bias") and name != "fc.bias"
        beside = [resnet.get_parameter(name[: -len("bias")] + "weight").grad] if is_bias else []
        compare(f"{mode}.gradient.{name}", parameter.grad, *beside)
    if training:
        for name, buffer in resnet.named_buffers():
            compare(f"training.statistics.{name}", buffer.double())
print(json.dumps(errors))

"""Tuned and weak linear probes by scikit-learn and PyTorch.

Made with Python 3, scikit-learn 1.9.1, NumPy 2.4.6, PyTorch 2.13.0 (CPU, float64):
    python tests/golden/probe.py                 writes probe.json beside this file
    python tests/golden/probe.py fit FEATURES    reads {"columns", "labels": [[...]], "C": [...]} from standard input and
                                                 float32 features from the file, and prints a fit a problem and C
"""

import json
import pathlib
import sys
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent


def fit(x, y, c):
    """The minimum of w'w / 2 + C sum log(1 + exp(-y z)), float64.

    By the Newton solver: on nearly collinear features "lbfgs" stops up to 1e-3 away, whatever the tolerance.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at such a tolerance it may stop at the rounding error and say so
        model = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(x, y)
    z = model.decision_function(x)
    loss = 0.5 * float((model.coef_**2).sum()) + c * float(np.logaddexp(0, np.where(y == 1, -z, z)).sum())
    return {"weights": model.coef_[0].tolist(), "intercept": float(model.intercept_[0]), "loss": loss}


def tuned(rng):
    """Three problems on 101 records; column 2 is constant, 3 nearly so beside its mean, 5 a multiple of 4 plus noise."""
    raw = rng.standard_normal((101, 7)) * [1, 20, 0, 1e-3, 1, 1, 0.1] + [0, -5, 0.3, 1000, 0, 0, 2]
    raw[:, 5] = 2 * raw[:, 4] + 0.01 * raw[:, 5]
    raw = raw.astype(np.float32).astype(np.float64)
    scaler = StandardScaler().fit(raw)
    x = scaler.transform(raw).astype(np.float32).astype(np.float64)
    labels = [(x @ rng.standard_normal(7) + rng.standard_normal(101) > cut).astype(int) for cut in [0, 0.5, 1.5]]
    return {
        "raw": raw.ravel().tolist(),
        "columns": 7,
        "means": scaler.mean_.tolist(),
        "scales": scaler.scale_.tolist(),
        "labels": [y.tolist() for y in labels],
        "C": [1e-3, 0.1, 1, 100],
        "fits": [[fit(x, y, c) for y in labels] for c in [1e-3, 0.1, 1, 100]],
    }


def weak(rng):
    """Five epochs of a linear layer in batches of 16 of 50 records, from a given start and in a given order."""
    import torch

    columns, epochs, batch = 5, 5, 16
    sets = {}
    direction = rng.standard_normal(columns)
    for name, rows in {"train": 50, "validation": 21}.items():
        x = np.round(3 * rng.standard_normal((rows, columns)), 2).astype(np.float32).astype(np.float64)
        sets[name] = (x, (x @ direction + rng.standard_normal(rows) > 0.5).astype(float))
    layer = torch.nn.Linear(columns, 1, dtype=torch.float64)
    start = {"weights": layer.weight[0].tolist(), "intercept": layer.bias.item()}
    orders = [rng.permutation(50).tolist() for _ in range(epochs)]
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.05)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    (x, y), (vx, vy) = [tuple(torch.tensor(part) for part in sets[name]) for name in ["train", "validation"]]
    states = []
    for order in orders:
        for first in range(0, 50, batch):
            rows = order[first : first + batch]
            loss = bce(layer(x[rows])[:, 0], y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        with torch.no_grad():
            validation_loss = bce(layer(vx)[:, 0], vy).item()
        states.append(
            {"weights": layer.weight[0].tolist(), "intercept": layer.bias.item(), "validationLoss": validation_loss}
        )
    return {
        "columns": columns,
        "batchSize": batch,
        "learningRate": 0.05,
        "train": {"x": sets["train"][0].ravel().tolist(), "y": sets["train"][1].tolist()},
        "validation": {"x": sets["validation"][0].ravel().tolist(), "y": sets["validation"][1].tolist()},
        "start": start,
        "orders": orders,
        "states": states,
    }


if sys.argv[1:2] == ["fit"]:
    given = json.load(sys.stdin)
    features = np.fromfile(sys.argv[2], np.float32).reshape(-1, given["columns"]).astype(np.float64)
    print(json.dumps([[fit(features, np.array(y), c) for y in given["labels"]] for c in given["C"]]))
else:
    import torch

    torch.manual_seed(0)
    rng = np.random.default_rng(20240614)
    (HERE / "probe.json").write_text(json.dumps({"tuned": tuned(rng), "weak": weak(rng)}) + "\n")

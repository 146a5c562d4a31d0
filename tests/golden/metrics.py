"""Every metric by scikit-learn, and bootstrap intervals by scikit-learn and NumPy.

Made with Python 3, scikit-learn 1.9.1, NumPy 2.4.6, SciPy 1.17.1:
    python tests/golden/metrics.py            writes metrics.json and metrics-bootstrap.json beside this file
    python tests/golden/metrics.py score      reads [{"labels": [...], "scores": [...], "second": [...],
                                              "probabilities": [...], "prevalence": ...}, ...] from standard input and
                                              prints a JSON line a case, as `every_metric` makes it
"""

import json
import pathlib
import sys

import numpy as np
from scipy.special import expit
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    auc,
    average_precision_score,
    brier_score_loss,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

import delong

HERE = pathlib.Path(__file__).parent
TASKS = ["MI", "STTC", "CD", "HYP"]


def both(labels, scores):
    return [float(roc_auc_score(labels, scores)), float(average_precision_score(labels, scores))]


def reliability(labels, probabilities, strategy, bins):
    """scikit-learn's curve; the counts, which it leaves out, by the same search in the same edges; and from them the ECE."""
    positive, predicted = calibration_curve(labels, probabilities, n_bins=bins, strategy=strategy)
    shares = np.linspace(0, 1, bins + 1)
    edges = shares if strategy == "uniform" else np.percentile(probabilities, shares * 100)
    counts = np.bincount(np.searchsorted(edges[1:-1], probabilities), minlength=bins)
    counts = counts[counts > 0]
    error = np.sum(counts * np.abs(positive - predicted)) / len(labels)
    return {"positive": positive.tolist(), "predicted": predicted.tolist(), "counts": counts.tolist(), "error": error}


def every_metric(case):
    labels, scores = np.array(case["labels"]), np.array(case["scores"], float)
    probabilities, prevalence = np.array(case["probabilities"], float), case["prevalence"]
    false_positives, true_positives, thresholds = roc_curve(labels, scores, drop_intermediate=False)
    precision, recall, pr_thresholds = precision_recall_curve(labels, scores)
    weights = np.where(labels == 1, prevalence / labels.sum(), (1 - prevalence) / (1 - labels).sum())
    return {
        "auroc": float(roc_auc_score(labels, scores)),
        "auprc": float(average_precision_score(labels, scores)),
        "trapezoid": float(auc(recall, precision)),
        "corrected": float(average_precision_score(labels, scores, sample_weight=weights)),
        "roc": [false_positives.tolist(), true_positives.tolist(), thresholds[1:].tolist()],  # the first is infinity
        "pr": [precision.tolist(), recall.tolist(), pr_thresholds.tolist()],
        "brier": float(brier_score_loss(labels, probabilities)),
        "uniform": reliability(labels, probabilities, "uniform", 10),
        "quantile": reliability(labels, probabilities, "quantile", 7),
        "interval": delong.interval(labels, scores),
        "test": delong.test(labels, scores, case["second"]),
    }


def random_cases(rng):
    """Cases of 2 to 120 records; the fewer decimals, the more ties. Curves of the first ten only, to keep it short."""
    for case in range(50):
        n = int(rng.integers(2, 120))
        labels = (rng.random(n) < rng.uniform(0.1, 0.9)).astype(int)
        labels[:2] = [0, 1]
        scores = np.round(labels * rng.uniform(-1, 2) + rng.standard_normal(n), case % 4)
        second = np.round(scores + np.random.default_rng(case).standard_normal(n), case % 4)
        inputs = {
            "labels": labels.tolist(),
            "scores": scores.tolist(),
            "second": second.tolist(),
            "probabilities": np.round(expit(scores), 1 + case % 4).tolist(),
            "prevalence": [0.01, 0.02, 0.05, 0.25, 0.7][case % 5],
        }
        expected = every_metric(inputs)
        if case >= 10:
            del expected["roc"], expected["pr"]
        yield {**inputs, "expected": expected}


def row(labels, scores):
    """The ten measures of a table's row."""
    pairs = [both(labels[task], scores[task]) for task in TASKS]
    measures = {f"auroc_{task.lower()}": pair[0] for task, pair in zip(TASKS, pairs)}
    measures |= {f"auprc_{task.lower()}": pair[1] for task, pair in zip(TASKS, pairs)}
    measures["mean_auroc"] = float(np.mean([pair[0] for pair in pairs]))
    measures["criteria"] = float(np.sum(pairs))
    return measures


def bootstrap(rng):
    """Two models on 80 records of 60 patients; each resample repeats the records of the patients that it drew."""
    records, patients, resamples = 80, 60, 100
    patient_of = np.concatenate([np.arange(patients), rng.integers(0, patients, records - patients)])
    labels = {task: (rng.random(records) < p).astype(int) for task, p in zip(TASKS, [0.4, 0.35, 0.3, 0.25])}
    models = [
        {task: np.round(labels[task] * gain + rng.standard_normal(records), 1) for task in TASKS} for gain in [1.2, 0.7]
    ]
    draws = rng.integers(0, patients, (resamples, patients))
    values = []
    for draw in draws:
        drawn = np.concatenate([np.flatnonzero(patient_of == patient) for patient in draw])
        resampled = {task: labels[task][drawn] for task in TASKS}
        values.append([row(resampled, {task: model[task][drawn] for task in TASKS}) for model in models])
    quantiles = lambda numbers: [float(q) for q in np.percentile(numbers, [2.5, 97.5])]
    measures = list(values[0][0])
    return {
        "patients": patient_of.tolist(),
        "labels": {task: labels[task].tolist() for task in TASKS},
        "models": [{task: model[task].tolist() for task in TASKS} for model in models],
        "draws": draws.tolist(),
        "values": [row(labels, model) for model in models],
        "intervals": [{m: quantiles([v[k][m] for v in values]) for m in measures} for k in range(2)],
        "differences": {m: quantiles([v[0][m] - v[1][m] for v in values]) for m in measures},
    }


if sys.argv[1:] == ["score"]:
    for case in json.load(sys.stdin):
        print(json.dumps(every_metric(case)))
else:
    rng = np.random.default_rng(20240614)
    (HERE / "metrics.json").write_text(json.dumps(list(random_cases(rng))) + "\n")
    (HERE / "metrics-bootstrap.json").write_text(json.dumps(bootstrap(rng)) + "\n")

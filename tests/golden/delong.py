"""DeLong's variance, interval and test as defined, over all pairs, by NumPy and SciPy.

Made with Python 3, NumPy 2.4.6, SciPy 1.17.1:
    python tests/golden/delong.py             writes delong.json beside this file

The example is that of DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988): three tests of patients with ovarian
cancer, of whom 12 profited from surgery (popind 0). Data of the 43 complete records as in the SAS/STAT user's guide,
"Comparing Receiver Operating Characteristic Curves" (LOGISTIC procedure), whose output the test holds us to.
"""

import json
import pathlib

import numpy as np
from scipy.stats import norm

EXAMPLE = """
3.0 5.8 10 0   3.2 6.3  5 1   3.9 6.8  3 1   2.8 4.8  6 0   3.2 5.8  3 1   0.9 4.0  5 0   2.5 5.7  8 0   1.6 5.6  5 1
3.8 5.7  5 1   3.7 6.7  6 1   3.2 5.4  4 1   3.8 6.6  6 1   4.1 6.6  5 1   3.6 5.7  5 1   4.3 7.0  4 1   3.6 6.7  4 0
2.3 4.4  6 1   4.2 7.6  4 0   4.0 6.6  6 0   3.5 5.8  6 1   3.8 6.8  7 1   3.0 4.7  8 0   4.5 7.4  5 1   3.7 7.4  5 1
3.1 6.6  6 1   4.1 8.2  6 1   4.3 7.0  5 1   4.3 6.5  4 1   3.2 5.1  5 1   2.6 4.7  6 1   3.3 6.8  6 0   1.7 4.0  7 0
3.7 6.1  5 1   3.3 6.3  7 1   4.2 7.7  6 1   3.5 6.2  5 1   2.9 5.7  9 0   2.1 4.8  7 1   2.8 6.2  8 0   4.0 7.0  7 1
3.3 5.7  6 1   3.7 6.9  5 1   3.6 6.6  5 1
"""


def components(labels, scores):
    """Structural components: for each positive the share of negatives below it, for each negative that of positives above."""
    labels, scores = np.asarray(labels), np.asarray(scores, float)
    x, y = scores[labels == 1], scores[labels == 0]
    kernel = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    return kernel.mean(), kernel.mean(axis=1), kernel.mean(axis=0)


def interval(labels, scores, level=0.95):
    """AUROC, standard error, and the interval cut at 0 and 1; None where a class has one record."""
    area, v10, v01 = components(labels, scores)
    if len(v10) < 2 or len(v01) < 2:
        return None
    error = np.sqrt(v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01))
    half = norm.isf((1 - level) / 2) * error
    return [float(area), float(error), float(max(0, area - half)), float(min(1, area + half))]


def test(labels, first, second, level=0.95):
    """Difference, its standard error and interval, z and two-sided p, from the covariance matrix of both areas.

    None where a class has one record, or the areas differ without variance; z is 0 where they neither differ nor vary.
    """
    (a, a10, a01), (b, b10, b01) = components(labels, first), components(labels, second)
    if len(a10) < 2 or len(a01) < 2:
        return None
    covariance = np.cov([a10, b10]) / len(a10) + np.cov([a01, b01]) / len(a01)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    if variance < 1e-15:
        return None if abs(a - b) > 1e-12 else [0, 0, 0, 0, 0, 1]
    error = np.sqrt(variance)
    half = norm.isf((1 - level) / 2) * error
    z = (a - b) / error
    return [float(v) for v in (a - b, error, a - b - half, a - b + half, z, 2 * norm.sf(abs(z)))]


if __name__ == "__main__":
    albumin, protein, kg, popind = np.array(EXAMPLE.split(), float).reshape(-1, 4).T
    labels = (popind == 0).astype(int)
    scores = {"albumin": -albumin, "kg": kg, "protein": -protein}  # the SAS example turns K-G round twice: 10 - score
    golden = {
        "labels": labels.tolist(),
        "scores": {name: values.tolist() for name, values in scores.items()},
        "intervals": {name: interval(labels, values) for name, values in scores.items()},
        "tests": {name: test(labels, scores[name], scores["kg"]) for name in ["albumin", "protein"]},
        "normal": [[z, float(norm.sf(z))] for z in [-8.0, -2.5, -1.0, 0.0, 0.1, 1.0, 1.96, 2.5, 2.999, 3.0, 3.5, 6.0, 12.0]],
        "quantiles": [[q, float(norm.isf(q))] for q in [0.5, 0.4, 0.25, 0.05, 0.025, 0.005, 1e-4, 1e-10]],
    }
    (pathlib.Path(__file__).parent / "delong.json").write_text(json.dumps(golden) + "\n")

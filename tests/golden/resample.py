"""scipy.signal.resample_poly, with padtype='line', at the ratios that ECG datasets need, and odd ones.

Made with Python 3, SciPy 1.17.1, NumPy 2.4.6:
    python tests/golden/resample.py       writes resample.json beside this file
"""

import json
import pathlib

import numpy as np
from scipy.signal import resample_poly

# 250 Hz from 500, 100, 400, 250, 1000, 360, 256, 257, 256.41 Hz, and odd ones
RATIOS = [
    *[(1, 2), (5, 2), (5, 8), (1, 1), (1, 4), (25, 36), (125, 128), (250, 257), (25000, 25641)],
    *[(2, 1), (1, 3), (3, 7), (7, 3), (10, 4)],
]
HERE = pathlib.Path(__file__).parent


def resampled(x, up, down):
    # through a single sample there is no line: SciPy divides by 0, and we take a level one
    return resample_poly(x, up, down, padtype="line" if len(x) > 1 else "edge")


def main():
    rng = np.random.default_rng(5)
    signals = {
        "ecg-like": np.cumsum(rng.standard_normal(67)) / 4,
        "step": np.where(np.arange(61) < 30, -3.0, 5.0),
        "level": np.full(50, 5.0),
        "one sample": np.array([2.5]),
        "three samples": np.array([1.0, -4.0, 9.0]),
    }
    cases = [
        {"name": name, "up": up, "down": down, "x": x.tolist(), "y": resampled(x, up, down).tolist()}
        for name, x in signals.items()
        for up, down in RATIOS
    ]
    (HERE / "resample.json").write_text(json.dumps(cases) + "\n")


main()

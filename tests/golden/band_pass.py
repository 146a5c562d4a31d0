"""scipy.signal.butter and sosfiltfilt at bands that ECGs are filtered with, and odd ones.

Each signal is extended by 250 samples at both ends along the line through its first and last sample.

Made with Python 3, SciPy 1.17.1, NumPy 2.4.6:
    python tests/golden/band_pass.py       writes band-pass.json beside this file
"""

import json
import pathlib

import numpy as np
from scipy.signal import butter, freqz_sos, sosfiltfilt

# order, low and high edge in Hz, rate in Hz; 80 to 110 of 250 Hz is wide enough for real poles at an odd order
BANDS = [
    (3, 0.5, 40, 250),
    (4, 0.5, 45, 250),
    (2, 0.05, 100, 250),
    (1, 1, 30, 250),
    (1, 0.05, 110, 250),
    (3, 0.05, 124, 250),
    (5, 5, 15, 500),
    (10, 1, 47, 400),
    (3, 0.67, 40, 100),
]
HERE = pathlib.Path(__file__).parent


def filtered(sos, x):
    slope = (x[-1] - x[0]) / (len(x) - 1)
    steps = slope * np.arange(1, 251)
    extended = np.concatenate([x[0] - steps[::-1], x, x[-1] + steps])
    return sosfiltfilt(sos, extended, padtype=None)[250:-250]


def main():
    rng = np.random.default_rng(11)
    n = np.arange(400)
    signals = {
        "ecg-like": np.cumsum(rng.standard_normal(400)) / 4,
        "step": np.where(n < 170, -3.0, 5.0),
        "wander": 2 + np.sin(n / 90) + 0.1 * rng.standard_normal(400),
        "short": rng.standard_normal(64),
    }
    cases = []
    for order, low, high, fs in BANDS:
        sos = butter(order, [low, high], "bandpass", fs=fs, output="sos")
        frequencies = [low, (low * high) ** 0.5, high, 0.9 * fs / 2]
        response = freqz_sos(sos, worN=frequencies, fs=fs)[1]
        outputs = {name: filtered(sos, x).tolist() for name, x in signals.items()}
        cases.append(
            {
                "order": order, "lowHz": low, "highHz": high, "fsHz": fs, "outputs": outputs,
                "response": [[hz, h.real, h.imag] for hz, h in zip(frequencies, response)],
            }
        )
    signals = {name: x.tolist() for name, x in signals.items()}
    (HERE / "band-pass.json").write_text(json.dumps({"signals": signals, "cases": cases}) + "\n")


main()

"""FLAC streams of libFLAC for the decoder: linear prediction, mid-side stereo, wasted bits, 8 to 24 bits.

Made with Python 3, soundfile 0.14.0 (libsndfile 1.2.2, libFLAC 1.4.3), NumPy 2.4.6:
    python tests/golden/flac.py     writes flac.json beside this file: {name: {bits, samples, flac (base64)}}
"""

import base64
import io
import json
import pathlib

import numpy as np
import soundfile

SUBTYPES = {8: "PCM_S8", 16: "PCM_16", 24: "PCM_24"}


def encode(samples, bits, level):
    """samples [channel, sample] as a FLAC stream; libsndfile takes them at the top of 16 or 32 bits."""
    wide = samples.T.astype(np.int64) << (32 - bits)
    out = io.BytesIO()
    soundfile.write(out, wide.astype(np.int32), 250, format="FLAC", subtype=SUBTYPES[bits], compression_level=level)
    return out.getvalue()


def main():
    rng = np.random.default_rng(516)
    t = np.arange(700)
    wave = np.sin(t / 9) + 0.4 * np.sin(t / 31)
    noise = rng.normal(size=(3, t.size))
    cases = {
        "wave, 16 bits": (16, np.stack([9000 * wave + 40 * noise[0]]), 0.8),
        "two alike, 16 bits": (16, np.stack([9000 * wave + 3 * noise[0], 9000 * wave + 3 * noise[1]]), 0.8),
        "two alike, 24 bits": (24, np.stack([2e6 * wave, 2e6 * wave + 90 * noise[1]]), 1.0),
        "three, 8 bits": (8, np.stack([50 * wave, 9 * noise[1], 9 * noise[2]]), 0.5),
        "noise of full scale, 24 bits": (24, rng.integers(-(2**23), 2**23, (1, 200)), 0.8),
        "steps of 16, 16 bits": (16, 16 * np.round(500 * wave)[None], 0.8),
        "extremes, 16 bits": (16, np.where(rng.random((2, 300)) < 0.5, -(2**15), 2**15 - 1), 0.0),
        "constant, 24 bits": (24, np.full((2, 500), -(2**23)), 0.5),
    }
    golden = {}
    for name, (bits, samples, level) in cases.items():
        samples = np.round(samples).astype(np.int64)
        flac = encode(samples, bits, level)
        golden[name] = {"bits": bits, "samples": samples.tolist(), "flac": base64.b64encode(flac).decode()}
    (pathlib.Path(__file__).parent / "flac.json").write_text(json.dumps(golden) + "\n")


main()

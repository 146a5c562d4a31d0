"""Small HDF5 files, and what h5py reads from them.

Made with Python 3, h5py 3.16.0 (HDF5 2.0.0), NumPy 2.4.6:
    python tests/golden/hdf5.py                 writes hdf5/*.h5 and hdf5.json beside this file
    python tests/golden/hdf5.py read FILE...    prints {FILE: {dataset: {shape, type, values}}} as JSON
"""

import json
import os
import pathlib
import sys

import h5py
import numpy as np

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "hdf5"
RANDOM = np.random.default_rng(2003)


def values_of(dataset):
    if dataset.dtype.kind == "S":
        return dataset.asstr()[:].tolist()
    return dataset[:].ravel().tolist()


def read(path):
    with h5py.File(path, "r") as file:
        return {
            name: {"shape": list(dataset.shape), "values": values_of(dataset)}
            for name, dataset in file.items()
            if isinstance(dataset, h5py.Dataset)
        }


def signal(*shape):
    return np.round(RANDOM.normal(0, 0.5, shape), 3)


def main():
    FOLDER.mkdir(exist_ok=True)
    plain = signal(3, 8, 2)
    for libver in ("earliest", "latest"):
        with h5py.File(FOLDER / f"{libver}.h5", "w", libver=libver) as file:
            file["tracings"] = plain.astype("<f4")
            file["exam_id"] = np.array([7, 2**40, 0], "<i8")
            file.create_dataset(
                "gzip", data=plain.astype("<f4"), chunks=(2, 8, 2), compression="gzip", shuffle=True, fletcher32=True
            )
            file.create_dataset("split", data=plain.astype("<f8"), chunks=(2, 3, 1), compression="gzip")
    with h5py.File(FOLDER / "types.h5", "w") as file:
        for kind in ("i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", ">i2", ">i4", ">f4", ">f8", "<f4", "<f8"):
            data = np.arange(-3, 3) if "u" not in kind else np.arange(6)
            file[kind.replace("<", "le-").replace(">", "be-")] = (data * 37).astype(kind)
        file["fixed"] = np.array([b"ab", b"", b"longer"], "S6")
        file.create_dataset("utf8", data=np.array(["a".encode(), b"", "žluť".encode()], h5py.string_dtype("utf-8", 8)))
        file.create_dataset("scaled", data=np.arange(40, dtype="<i4"), chunks=(10,), scaleoffset=0)
    with h5py.File(FOLDER / "refused.h5", "w") as file:
        file.create_dataset("lzf", data=np.zeros((3, 64, 2), "<f4"), chunks=(1, 64, 2), compression="lzf")
        file["compound"] = np.zeros(3, [("a", "<i4"), ("b", "<f4")])
        file["half"] = np.zeros(3, "<f2")
        file["big"] = np.array([2**53 + 2], "<i8")
        file["scalar"] = 5
        file["null"] = h5py.Empty("f4")
        file.create_dataset("vary", data=["a", "bc"], dtype=h5py.string_dtype())
        file.create_group("group")
        file["soft"] = h5py.SoftLink("/nothing")
        file["elsewhere"] = h5py.ExternalLink("latest.h5", "/tracings")
        layout = h5py.VirtualLayout((3, 8, 2), "<f4")
        layout[:] = h5py.VirtualSource("latest.h5", "tracings", (3, 8, 2))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("outside", shape=(4,), dtype="u1", external=[("/etc/passwd", 0, 4)])
        file.create_dataset("huge", shape=(10**9, 4096, 12), dtype="<f4", chunks=(1, 4096, 12), compression="gzip")
        file.create_dataset("hugechunk", shape=(9000, 4096, 12), dtype="i1", chunks=(9000, 4096, 12), compression="gzip")
    names = ("earliest", "latest", "types")
    (HERE / "hdf5.json").write_text(json.dumps({name: read(FOLDER / f"{name}.h5") for name in names}) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["read"]:
        print(json.dumps({path: read(path) for path in sys.argv[2:]}))
    else:
        os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")
        main()

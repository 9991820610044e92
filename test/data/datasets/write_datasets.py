"""Writes small data sets as other programs do, with what loadgen should read of them.

    write_datasets.py FOLDER

The vectors hold whole numbers beside halves, so that every format gives exactly the same values, and
many distances are equal; neighbours are found by brute force in doubles, the lower id first.
"""

import json
import pathlib
import struct
import sys

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS, QUERIES, DIMENSION, DEPTH = 3000, 40, 16, 20


def nearest(base, queries, metric, mask=None):
    x, q = base.astype(np.float64), queries.astype(np.float64)
    if metric == "l2":
        distances = ((q[:, None, :] - x[None, :, :]) ** 2).sum(axis=2)
    elif metric == "hamming":
        distances = (q[:, None, :] != x[None, :, :]).sum(axis=2).astype(np.float64)
    else:
        if metric == "cosine":
            x = x / np.linalg.norm(x, axis=1, keepdims=True)
            q = q / np.linalg.norm(q, axis=1, keepdims=True)
        distances = (1 if metric == "cosine" else 0) - q @ x.T
    if mask is not None:
        distances[:, ~mask] = np.inf
    ids = np.argsort(distances, axis=1, kind="stable")[:, :DEPTH]
    return ids, np.take_along_axis(distances, ids, axis=1)


def vecs(path, array):
    with open(path, "wb") as file:
        for row in array:
            file.write(struct.pack("<i", len(row)))
            file.write(row.tobytes())


def binary(path, *arrays):
    with open(path, "wb") as file:
        file.write(struct.pack("<II", *arrays[0].shape))
        for array in arrays:
            file.write(array.tobytes())


def vectordbbench(folder, base, queries, ids):
    folder.mkdir()
    order = np.random.default_rng(5).permutation(len(base))
    parts = np.array_split(order, 3)
    for number, part in enumerate(parts):
        table = pa.table({"id": part, "emb": pa.array(list(base[part]), pa.list_(pa.float32()))})
        # Pages so small that rows go on in the next one, and several row groups.
        pq.write_table(
            table, folder / f"train-{number:02}-of-03.parquet", row_group_size=450, data_page_size=3000,
            compression=["snappy", "zstd", "none"][number], use_dictionary=number == 1, write_batch_size=7,
            data_page_version=["1.0", "1.0", "2.0"][number],
        )
    test = {"id": np.arange(len(queries)), "emb": pa.array(list(queries), pa.list_(pa.float32()))}
    pq.write_table(pa.table(test), folder / "test.parquet")
    truth = {"id": np.arange(len(queries)), "neighbors_id": pa.array(list(ids), pa.list_(pa.int64()))}
    pq.write_table(pa.table(truth), folder / "neighbors.parquet")
    return order


def qdrant(folder, base, queries, ids, distances):
    folder.mkdir()
    np.save(folder / "vectors.npy", base)
    with open(folder / "payloads.jsonl", "w") as file:
        for row in range(len(base)):
            file.write(json.dumps({"tenant": row % 7}) + "\n")
    with open(folder / "tests.jsonl", "w") as file:
        for query, closest, scores in zip(queries, ids, distances):
            test = {"query": query.tolist(), "conditions": None,
                    "closest_ids": closest.tolist(), "closest_scores": scores.tolist()}
            file.write(json.dumps(test) + "\n")


def main(folder):
    random = np.random.default_rng(1)
    base = (random.integers(0, 12, (ROWS, DIMENSION)) / 2).astype(np.float32)
    queries = (random.integers(0, 12, (QUERIES, DIMENSION)) / 2).astype(np.float32)
    # Every third row twice, so that ties stand at the last place too.
    base[1::3] = base[0::3]
    ids, distances = nearest(base, queries, "l2")
    whole = (base * 2).astype(np.uint8)

    with h5py.File(folder / "set.hdf5", "w") as file:
        file.attrs["distance"], file.attrs["dimension"] = "euclidean", DIMENSION
        file.create_dataset("train", data=base)
        file.create_dataset("test", data=queries, chunks=(7, DIMENSION), compression="gzip", shuffle=True)
        file.create_dataset("neighbors", data=ids.astype(np.int32))
        file.create_dataset("distances", data=np.sqrt(distances).astype(np.float32))
        file.create_dataset("wide", data=ids.astype(np.int64))
        file.create_dataset("bits", data=(base > 2))
        file.create_dataset("flat", data=np.arange(5))
    vecs(folder / "base.fvecs", base)
    vecs(folder / "base.bvecs", whole)
    vecs(folder / "truth.ivecs", ids.astype(np.int32))
    binary(folder / "base.fbin", base)
    binary(folder / "base.u8bin", whole)
    binary(folder / "base.i8bin", (whole.astype(np.int16) - 5).astype(np.int8))
    binary(folder / "base.ibin", whole.astype(np.int32))
    binary(folder / "queries.fbin", queries)
    binary(folder / "truth.gt20", ids.astype(np.int32), distances.astype(np.float32))
    binary(folder / "truth.ibin", ids.astype(np.int32))
    for kind in ["f2", "f4", "f8", "u1", "i2", "i8"]:
        np.save(folder / f"base-{kind}.npy", (whole if kind[0] in "ui" else base).astype(kind))
    np.save(folder / "queries.npy", queries)
    np.save(folder / "fortran.npy", np.asfortranarray(base))
    np.save(folder / "texts.npy", np.array([["a"]]))
    np.save(folder / "distances.npy", distances)
    order = vectordbbench(folder / "vdbb", base, queries, ids)
    qdrant(folder / "qdrant", base, queries, ids, distances)

    expected = {
        "rows": ROWS, "dimension": DIMENSION, "order": order.tolist(),
        "base": base.tolist(), "queries": queries.tolist(), "nearest": {},
    }
    for metric in ["l2", "cosine", "ip", "hamming"]:
        found, far = nearest(base, queries, metric)
        expected["nearest"][metric] = {"ids": found.tolist(), "distances": far.tolist()}
    found, far = nearest(base, queries, "l2", np.arange(ROWS) >= 2500)
    expected["nearest"]["filtered"] = {"ids": found.tolist(), "distances": far.tolist()}
    (folder / "expected.json").write_text(json.dumps(expected))


main(pathlib.Path(sys.argv[1]))

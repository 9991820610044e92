"""Writes a data set as VectorDBBench reads it: train.parquet, test.parquet and neighbors.parquet,
with the exact neighbours by numpy, in 64 bits.

    write_dataset.py FOLDER ROWS QUERIES DIMENSION NEIGHBORS
"""

import sys

import numpy
import pyarrow
import pyarrow.parquet

folder, *sizes = sys.argv[1:]
rows, queries, dimension, neighbors = map(int, sizes)
random = numpy.random.default_rng(7)
train = random.standard_normal((rows, dimension), dtype=numpy.float32)
test = random.standard_normal((queries, dimension), dtype=numpy.float32)


def write(name, **columns):
    pyarrow.parquet.write_table(pyarrow.table(columns), f"{folder}/{name}.parquet")


def ids(count):
    return pyarrow.array(range(count), pyarrow.int64())


def nearest(query):
    far = ((train.astype(numpy.float64) - query) ** 2).sum(axis=1)
    return numpy.argsort(far, kind="stable")[:neighbors]


write("train", id=ids(rows), emb=list(train))
write("test", id=ids(queries), emb=list(test))
write("neighbors", id=ids(queries), neighbors_id=[nearest(query) for query in test])

"""The exact nearest rows of each query by faiss-cpu, as big-ann-benchmarks write lists of ids.

    nearest_by_faiss.py BASE.fbin QUERIES.fbin NEIGHBORS OUTPUT.ibin
"""

import sys

import faiss
import numpy

base_file, queries_file, neighbors, output = sys.argv[1:]


def floats(file):
    rows, dimension = numpy.fromfile(file, numpy.uint32, 2)
    return numpy.fromfile(file, numpy.float32, offset=8).reshape(rows, dimension)


base = floats(base_file)
index = faiss.IndexFlatL2(base.shape[1])
index.add(base)
_, ids = index.search(floats(queries_file), int(neighbors))
with open(output, "wb") as file:
    file.write(numpy.array(ids.shape, numpy.uint32).tobytes())
    file.write(ids.astype(numpy.int32).tobytes())

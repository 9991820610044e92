"""A FAISS index with ids, fields, deletions and filters, which FAISS alone has not."""

import faiss
import numpy as np

METRICS = {"l2": faiss.METRIC_L2, "ip": faiss.METRIC_INNER_PRODUCT, "cosine": faiss.METRIC_INNER_PRODUCT}
OPERATORS = {
    "eq": np.equal,
    "ne": np.not_equal,
    "gt": np.greater,
    "gte": np.greater_equal,
    "lt": np.less,
    "lte": np.less_equal,
    "in": np.isin,
}
KINDS = {
    faiss.IndexFlat: "flat",
    faiss.IndexHNSWFlat: "hnsw",
    faiss.IndexIVFFlat: "ivf-flat",
    faiss.IndexIVFScalarQuantizer: "ivf-sq8",
    faiss.IndexIVFPQ: "ivf-pq",
    faiss.IndexPQ: "pq",
}
# k-means wants 39 points a list at least; below that FAISS warns and the lists are poor.
TRAINING_ROWS_PER_LIST = 64
TRAINING_ROWS_PER_CODE = 64


class BadRequest(Exception):
    """What the client asked for cannot be; the text goes into the answer."""


class Collection:
    """Rows at positions 0, 1, 2, ... in the order in which they came; an update takes a new position."""

    def __init__(self, dimension: int, metric: str, settings: dict):
        if metric not in METRICS:
            raise BadRequest(f"no such metric: {metric}")
        self.dimension = dimension
        self.metric = metric
        self.settings = settings
        self.index = make_index(dimension, METRICS[metric], settings)
        # Vectors that wait until there are enough to train with; searched one by one meanwhile.
        self.waiting = faiss.IndexFlat(dimension, METRICS[metric])
        self.training_rows = training_rows(settings)
        self.ids = np.empty(0, np.int64)
        self.alive = np.empty(0, bool)
        self.fields: dict[str, np.ndarray] = {}
        self.position_of: dict[int, int] = {}
        self.dead = 0

    @property
    def rows(self) -> int:
        return len(self.ids) - self.dead

    @property
    def is_indexed(self) -> bool:
        return self.index.is_trained

    def add(self, ids: np.ndarray, vectors: np.ndarray, fields: dict[str, np.ndarray], replaces: bool):
        if vectors.shape[1] != self.dimension:
            raise BadRequest(f"vectors of {vectors.shape[1]} numbers, the collection has {self.dimension}")
        if not np.isfinite(vectors).all():
            raise BadRequest("a vector holds NaN or an infinity")
        if len(np.unique(ids)) != len(ids):
            raise BadRequest("one id is there twice in the batch")
        known = [row for row in ids.tolist() if row in self.position_of]
        if known and not replaces:
            raise BadRequest(f"the id {known[0]} is there already")
        self.remove(known)
        first = len(self.ids)
        self.position_of.update(zip(ids.tolist(), range(first, first + len(ids))))
        self.ids = np.concatenate([self.ids, ids])
        self.alive = np.concatenate([self.alive, np.ones(len(ids), bool)])
        for name in self.fields.keys() | fields.keys():
            before = self.fields.get(name, np.full(first, np.nan))
            self.fields[name] = np.concatenate([before, fields.get(name, np.full(len(ids), np.nan))])
        self._insert(self._normal(vectors))

    def remove(self, ids: list[int]) -> None:
        for row in ids:
            position = self.position_of.pop(row, None)
            if position is not None:
                self.alive[position] = False
                self.dead += 1

    def remove_matching(self, conditions: list[dict]) -> None:
        self.remove(self.ids[self._mask(conditions)].tolist())

    def train(self) -> None:
        """Trains with what is there, and indexes it."""
        if self.index.is_trained:
            return
        vectors = self.waiting.reconstruct_n(0, self.waiting.ntotal)
        self.index.train(vectors)
        self.index.add(vectors)
        self.waiting.reset()

    def search(self, vector: np.ndarray, k: int, conditions: list[dict], settings: dict):
        """
        Ids and distances of the nearest rows, the nearest first, and the fields that `settings` asks
        for; fewer than k where there are fewer.
        """
        if len(vector) != self.dimension:
            raise BadRequest(f"a vector of {len(vector)} numbers, the collection has {self.dimension}")
        selector = None
        if conditions or self.dead:
            bits = np.packbits(self._mask(conditions), bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)
        index = self.index if self.index.is_trained else self.waiting
        parameters = search_parameters(self.settings if index is self.index else {}, settings, selector)
        distances, positions = index.search(self._normal(vector[None, :]), k, params=parameters)
        found = positions[0] >= 0
        rows = positions[0][found]
        columns = [self._field(name)[rows] for name in settings.get("return", [])]
        return self.ids[rows], self._distances(distances[0][found]), columns

    def _insert(self, vectors: np.ndarray) -> None:
        if self.index.is_trained:
            self.index.add(vectors)
            return
        self.waiting.add(vectors)
        if self.waiting.ntotal >= self.training_rows:
            self.train()

    def _mask(self, conditions: list[dict]) -> np.ndarray:
        mask = self.alive.copy()
        for condition in conditions:
            column = self._field(condition["field"])
            mask &= OPERATORS[condition["operator"]](column, condition["value"])
        return mask

    def _field(self, name: str) -> np.ndarray:
        if name not in self.fields:
            raise BadRequest(f"no such field: {name}")
        return self.fields[name]

    def _normal(self, vectors: np.ndarray) -> np.ndarray:
        if self.metric != "cosine":
            return np.ascontiguousarray(vectors, np.float32)
        vectors = np.array(vectors, np.float32)
        faiss.normalize_L2(vectors)
        return vectors

    def _distances(self, values: np.ndarray) -> np.ndarray:
        return 1 - values if self.metric == "cosine" else values


def make_index(dimension: int, metric: int, settings: dict):
    kind = settings.get("kind", "flat")
    subvectors, bits = settings.get("subvectors", 8), settings.get("bits", 8)
    if kind == "flat":
        return faiss.IndexFlat(dimension, metric)
    if kind == "hnsw":
        index = faiss.IndexHNSWFlat(dimension, settings.get("m", 16), metric)
        index.hnsw.efConstruction = settings.get("efConstruction", 100)
        return index
    if kind in ("pq", "ivf-pq") and dimension % subvectors:
        raise BadRequest(f"{dimension} numbers cannot be cut into {subvectors} parts")
    if kind == "pq":
        return faiss.IndexPQ(dimension, subvectors, bits, metric)
    quantizer = faiss.IndexFlat(dimension, metric)
    lists = settings.get("lists", 100)
    if kind == "ivf-flat":
        index = faiss.IndexIVFFlat(quantizer, dimension, lists, metric)
    elif kind == "ivf-sq8":
        index = faiss.IndexIVFScalarQuantizer(quantizer, dimension, lists, faiss.ScalarQuantizer.QT_8bit, metric)
    elif kind == "ivf-pq":
        index = faiss.IndexIVFPQ(quantizer, dimension, lists, subvectors, bits, metric)
    else:
        raise BadRequest(f"no such kind of index: {kind}")
    # The quantizer goes with this function unless the index owns it.
    quantizer.this.disown()
    index.own_fields = True
    return index


def kept_settings(index, settings: dict) -> dict:
    """What the index has, asked of FAISS itself; `ef` and `nprobe` are those of searches that say none."""
    kind = KINDS[type(index)]
    kept = {"kind": kind}
    if kind == "hnsw":
        # Level 0 has twice as many neighbours as the others.
        kept |= {"m": index.hnsw.nb_neighbors(1), "efConstruction": index.hnsw.efConstruction}
        kept["ef"] = search_parameters(settings, {}, None).efSearch
    if kind.startswith("ivf"):
        kept |= {"lists": index.nlist, "nprobe": search_parameters(settings, {}, None).nprobe}
    if kind.endswith("pq"):
        kept |= {"subvectors": index.pq.M, "bits": index.pq.nbits}
    return kept


def training_rows(settings: dict) -> int:
    """Rows after which an index that has to be trained is trained."""
    kind = settings.get("kind", "flat")
    lists = settings.get("lists", 100) if kind.startswith("ivf") else 0
    codes = 2 ** settings.get("bits", 8) if kind.endswith("pq") else 0
    return max(lists * TRAINING_ROWS_PER_LIST, codes * TRAINING_ROWS_PER_CODE)


def search_parameters(index: dict, search: dict, selector):
    """Those of this one search; None where there are none to set."""
    kind = index.get("kind", "flat")
    chosen = {} if selector is None else {"sel": selector}
    if kind == "hnsw":
        effort = search.get("ef", index.get("ef", 64))
        return faiss.SearchParametersHNSW(efSearch=effort, **chosen)
    if kind.startswith("ivf"):
        return faiss.SearchParametersIVF(nprobe=search.get("nprobe", index.get("nprobe", 8)), **chosen)
    if kind == "pq":
        return faiss.SearchParametersPQ(**chosen) if chosen else None
    return faiss.SearchParameters(**chosen) if chosen else None

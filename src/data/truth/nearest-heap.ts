/**
 * The nearest rows of many queries while rows are offered one by one: a heap a query, its farthest
 * row on top, all in two arrays. Of rows that are equally far the one with the lower id is nearer.
 */
export class NearestHeaps {
  readonly width: number;
  readonly sizes: Uint32Array;
  readonly distances: Float64Array;
  readonly ids: Float64Array;

  /** `width`: how many rows are kept for each query. */
  constructor(queries: number, width: number) {
    this.width = width;
    this.sizes = new Uint32Array(queries);
    this.distances = new Float64Array(queries * width);
    this.ids = new Float64Array(queries * width);
  }

  /** A row farther than this is not kept: Infinity until there are enough. */
  bound(query: number): number {
    return this.sizes[query] === this.width ? this.distances[query * this.width]! : Infinity;
  }

  offer(query: number, distance: number, id: number): void {
    const base = query * this.width;
    const size = this.sizes[query]!;
    if (size < this.width) {
      this.sizes[query] = size + 1;
      this.#rise(base, size, distance, id);
    } else if (isFarther(this.distances[base]!, this.ids[base]!, distance, id)) {
      this.#sink(base, distance, id);
    }
  }

  #rise(base: number, from: number, distance: number, id: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const place = base + parent;
      if (!isFarther(distance, id, this.distances[place]!, this.ids[place]!)) break;
      this.#put(base + at, this.distances[place]!, this.ids[place]!);
      at = parent;
    }
    this.#put(base + at, distance, id);
  }

  /** Takes the place of the farthest one. */
  #sink(base: number, distance: number, id: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.width) break;
      const other = child + 1;
      if (other < this.width && this.#isFartherAt(base + other, base + child)) child = other;
      const place = base + child;
      if (!isFarther(this.distances[place]!, this.ids[place]!, distance, id)) break;
      this.#put(base + at, this.distances[place]!, this.ids[place]!);
      at = child;
    }
    this.#put(base + at, distance, id);
  }

  #isFartherAt(one: number, other: number): boolean {
    const { distances, ids } = this;
    return isFarther(distances[one]!, ids[one]!, distances[other]!, ids[other]!);
  }

  #put(at: number, distance: number, id: number): void {
    this.distances[at] = distance;
    this.ids[at] = id;
  }
}

function isFarther(distance: number, id: number, thanDistance: number, thanId: number): boolean {
  return distance > thanDistance || (distance === thanDistance && id > thanId);
}

const LONGEST = 48;

/** Gives out names that the scenario language accepts, each once. */
export class UniqueNames {
  readonly #taken: Set<string>;
  readonly #isUsable: (name: string) => boolean;

  constructor(options: {
    readonly taken?: Iterable<string>;
    readonly isUsable: (name: string) => boolean;
  }) {
    this.#taken = new Set(options.taken);
    this.#isUsable = options.isUsable;
  }

  /** `wish` as a name; `fallback` where nothing usable is left of it. */
  take(wish: string, fallback: string): string {
    const words = wish.normalize('NFKD').replace(/[^A-Za-z0-9]+/g, '_');
    const trimmed = words.replace(/^[_0-9]+|_+$/g, '').slice(0, LONGEST);
    const base = this.#isUsable(trimmed) ? trimmed : fallback;
    let name = base;
    for (let number = 2; this.#taken.has(name); number++) name = `${base}_${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** What an importer has to say, each thing once, in the order in which it came up. */
export class Notes {
  readonly #texts = new Set<string>();

  add(text: string): void {
    this.#texts.add(text);
  }

  all(): readonly string[] {
    return [...this.#texts];
  }
}

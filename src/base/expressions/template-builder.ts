import type { Scope, Template } from './template.ts';

type Render = (scope: Scope) => string;

/** Collects the parts of a template; static parts that meet become one. */
export class TemplateBuilder {
  readonly #statics: string[] = [''];
  readonly #dynamics: Render[] = [];
  readonly #reads = new Set<string>();

  addStatic(text: string): void {
    this.#statics[this.#statics.length - 1] += text;
  }

  addDynamic(render: Render, reads: ReadonlySet<string>): void {
    this.#dynamics.push(render);
    this.#statics.push('');
    for (const path of reads) this.#reads.add(path);
  }

  build(): Template {
    const statics = this.#statics;
    const dynamics = this.#dynamics;
    return {
      statics,
      dynamics,
      constant: dynamics.length === 0 ? statics[0] : undefined,
      reads: this.#reads,
      render: renderer(statics, dynamics),
    };
  }
}

function renderer(statics: readonly string[], dynamics: readonly Render[]): Render {
  const first = statics[0]!;
  if (dynamics.length === 0) return () => first;
  if (dynamics.length === 1) {
    const [dynamic] = dynamics;
    const last = statics[1]!;
    return (scope) => first + dynamic!(scope) + last;
  }
  return (scope) => {
    let text = first;
    for (let i = 0; i < dynamics.length; i++) text += dynamics[i]!(scope) + statics[i + 1]!;
    return text;
  };
}

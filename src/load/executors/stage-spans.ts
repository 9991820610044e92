import type { Load } from './load-schema.ts';

/** A stage with a name, by the time since T0. */
export interface StageSpan {
  readonly name: string;
  readonly fromNs: number;
  readonly toNs: number;
}

/** The named stages of a load; none where it begins at a time that is not known before. */
export function stageSpans(load: Load): StageSpan[] {
  const { startAfter } = load;
  if (!('stages' in load) || (startAfter !== undefined && 'flow' in startAfter)) return [];
  let fromNs = startAfter?.ns ?? 0;
  return load.stages.flatMap(({ name, durationNs }) => {
    const span = { name: name ?? '', fromNs, toNs: fromNs + durationNs };
    fromNs = span.toNs;
    return name === undefined || durationNs === 0 ? [] : [span];
  });
}

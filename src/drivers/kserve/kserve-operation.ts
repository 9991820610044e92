import type { VerbUse } from '../driver.ts';
import type { InferSpec } from './kserve-config.ts';

/** What a step wants of its answers. */
export interface AnswerWish {
  /** `none`: the verb has no tensors. */
  readonly kind: 'unary' | 'stream' | 'none';
  /** Output tensors that have to be there; empty: whatever comes. */
  readonly outputs: readonly string[];
  /** An expression reads the single responses of a stream. */
  readonly keepsResponses: boolean;
}

export function wishOf({ fieldsRead }: VerbUse, { stream, outputs = [] }: InferSpec): AnswerWish {
  const keepsResponses = fieldsRead.has('responses');
  return { kind: stream ? 'stream' : 'unary', outputs, keepsResponses };
}

export const NO_TENSORS: AnswerWish = { kind: 'none', outputs: [], keepsResponses: false };

/** The parameters of a request, with templates, under the names of the protocol. */
export function requestParameters({
  parameters = {},
  sequence,
}: InferSpec): Readonly<Record<string, unknown>> {
  if (sequence === undefined) return parameters;
  const { id, start, end } = sequence;
  return { ...parameters, sequence_id: id, sequence_start: start, sequence_end: end };
}

import type { Distribution } from '../base/random/distribution.ts';

/**
 * What an iteration does where that is more than its operations one after the other: plain data.
 * `step` is an index among the operations of the flow, in the order in which they are written.
 */
export type ProgramNode =
  | { readonly kind: 'operation'; readonly step: number; readonly when?: string }
  | {
      readonly kind: 'think';
      /** Tells its draws from those of other nodes. */
      readonly id: number;
      /** In ns. */
      readonly time: Distribution;
      readonly when?: string;
    }
  | {
      readonly kind: 'group';
      readonly nodes: readonly ProgramNode[];
      readonly before: number;
      readonly when?: string;
    }
  | {
      readonly kind: 'oneOf';
      readonly id: number;
      readonly choices: readonly Choice[];
      readonly before: number;
      readonly when?: string;
    };

export interface Choice {
  readonly weight: number;
  readonly node: ProgramNode;
}

import type { Distribution } from '../base/random/distribution.ts';
import type { TakenTime } from './taken-time.ts';
import type { ThinkTime } from './think-time.ts';

/**
 * What an iteration does where that is more than its operations one after the other: plain data.
 * `step` is an index among the operations of the flow, in the order in which they are written.
 */
export type ProgramNode =
  | { readonly kind: 'operation'; readonly step: number; readonly when?: string }
  | (ThinkTime<Distribution | TakenTime> & { readonly kind: 'think'; readonly when?: string })
  | {
      readonly kind: 'group';
      readonly nodes: readonly ProgramNode[];
      readonly before: number;
      readonly when?: string;
    }
  | {
      readonly kind: 'oneOf';
      /** Among all steps of the flow, as written: tells its draws from those of others. */
      readonly position: number;
      readonly choices: readonly Choice[];
      readonly before: number;
      readonly when?: string;
    };

export interface Choice {
  readonly weight: number;
  readonly node: ProgramNode;
}

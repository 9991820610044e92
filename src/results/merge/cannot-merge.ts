import { LoadgenError } from '../../base/errors/loadgen-error.ts';

export function cannotMerge(reason: string): LoadgenError {
  return new LoadgenError('MERGE_NOT_POSSIBLE', { reason });
}

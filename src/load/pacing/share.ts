/** One worker among all that carry a plan: event i belongs to worker i mod count. */
export interface Share {
  /** From 0, over all workers of all shards. */
  readonly index: number;
  readonly count: number;
}

/** How many of `total` whole things fall to this share; the remainder goes to the first ones. */
export function shareOf(total: number, share: Share): number {
  return Math.floor(total / share.count) + (share.index < total % share.count ? 1 : 0);
}

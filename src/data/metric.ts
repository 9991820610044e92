/** How the distance between two vectors is told; `ip` is the inner product, larger is nearer. */
export const METRICS = ['l2', 'cosine', 'ip', 'hamming'] as const;
export type Metric = (typeof METRICS)[number];

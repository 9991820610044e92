/**
 * How many samples a percentile needs before it says anything. The early-stopping criterion of
 * MLPerf Inference (mlcommons/inference, loadgen/early_stopping.cc) with tolerance 0: when a share
 * p of all queries is within a bound, the chance of t or fewer beyond it among h + t is
 *
 *     I_p(h, t + 1), the regularised incomplete beta function,
 *
 * and h must be so large that this is at most 1 − confidence. With t = 1, the fewest that leave
 * an estimate (the largest sample is set aside), it is p^h · (1 + h · (1 − p)); the floor is h + 1.
 * Samples are taken to be independent. Infinity for the 0th and the 100th, which no number of
 * samples bounds.
 */
export function sampleFloor(percent: number, confidence = 0.99): number {
  // The lower tail needs what the upper tail of the same size needs.
  const share = Math.max(percent, 100 - percent) / 100;
  if (share >= 1) return Number.POSITIVE_INFINITY;
  const limit = Math.log(1 - confidence);
  const isEnough = (under: number): boolean =>
    under * Math.log(share) + Math.log1p(under * (1 - share)) <= limit;
  let enough = 1;
  while (!isEnough(enough)) enough *= 2;
  let tooFew = Math.floor(enough / 2);
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (isEnough(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough + 1;
}

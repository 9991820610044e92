/** Kolmogorov–Smirnov distance of a sample from a distribution function. */
export function distance(
  sample: readonly number[],
  distribution: (value: number) => number,
): number {
  const sorted = sample.toSorted((one, other) => one - other);
  let greatest = 0;
  for (const [rank, value] of sorted.entries()) {
    const expected = distribution(value);
    greatest = Math.max(
      greatest,
      expected - rank / sorted.length,
      (rank + 1) / sorted.length - expected,
    );
  }
  return greatest;
}

/** Distances above this occur once in 1,000 samples from the true distribution (asymptotically). */
export function criticalDistance(count: number): number {
  return 1.95 / Math.sqrt(count);
}

/**
 * The gamma distribution function with mean 1: the regularised lower incomplete gamma function by
 * its power series, which converges for every value; enough terms for the values of a test.
 */
export function gammaDistribution(cv: number): (value: number) => number {
  const shape = 1 / (cv * cv);
  return (value) => {
    const x = value * shape;
    if (x <= 0) return 0;
    let term = 1 / shape;
    let sum = term;
    for (let n = 1; n < 10_000 && term > sum * 1e-15; n++) {
      term *= x / (shape + n);
      sum += term;
    }
    return Math.min(1, sum * Math.exp(shape * Math.log(x) - x - logGamma(shape)));
  };
}

/** By Lanczos's approximation (Numerical Recipes, 6.1), to ten digits. */
function logGamma(value: number): number {
  const terms = [
    76.1800917294715, -86.5053203294168, 24.01409824083091, -1.231739572450155,
    0.1208650973866179e-2, -0.5395239384953e-5,
  ];
  const t = value + 5.5;
  const series = terms.reduce(
    (sum, term, index) => sum + term / (value + index + 1),
    1.000000000190015,
  );
  return (value + 0.5) * Math.log(t) - t + Math.log((2.506628274631 * series) / value);
}

/** The normal distribution function: Abramowitz and Stegun 7.1.26, to seven digits. */
export function normalDistribution(value: number): number {
  const x = Math.abs(value) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const half = (polynomial * Math.exp(-x * x)) / 2;
  return value < 0 ? half : 1 - half;
}

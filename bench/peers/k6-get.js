// One GET whose path varies, closed (VUS) or at a constant arrival rate (RATE).
import http from 'k6/http';

const { URL, VUS, RATE, SECONDS } = __ENV;

const closed = { executor: 'constant-vus', vus: Number(VUS), duration: `${SECONDS}s` };
const open = {
  executor: 'constant-arrival-rate',
  rate: Number(RATE),
  timeUnit: '1s',
  duration: `${SECONDS}s`,
  preAllocatedVUs: Number(VUS),
};

export const options = {
  scenarios: { get: RATE ? open : closed },
  // Servers of the bench sign their own certificates.
  insecureSkipTLSVerify: true,
  summaryTrendStats: ['med', 'p(90)', 'p(99)', 'max'],
};

export default function get() {
  // The tag keeps k6 from making a time series of every path.
  http.get(`${URL}/?${__ITER % 4}`, { tags: { name: 'get' } });
}

export function handleSummary(data) {
  return { stdout: JSON.stringify(data) };
}

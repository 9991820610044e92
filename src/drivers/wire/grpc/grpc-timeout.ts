/** At most eight digits stand before the unit. */
const LARGEST = 99_999_999;

/** The header `grpc-timeout`: milliseconds where they can say it, rounded up. */
export function grpcTimeout(timeoutMs: number): string {
  const microseconds = Math.max(Math.ceil(timeoutMs * 1000), 1);
  if (microseconds % 1000 !== 0 && microseconds <= LARGEST) return `${microseconds}u`;
  if (timeoutMs <= LARGEST) return `${Math.ceil(timeoutMs)}m`;
  return `${Math.min(Math.ceil(timeoutMs / 1000), LARGEST)}S`;
}

/** Status codes of gRPC; the place is the number. */
export const GRPC_CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type GrpcCode = (typeof GRPC_CODES)[number];

/** A code as the trailer `grpc-status` has it; undefined where that is no number. */
export function codeOfTrailer(value: string): GrpcCode | undefined {
  // The code of nearly every answer.
  if (value === '0') return 'OK';
  // Numbers that are not known are to be taken for UNKNOWN.
  return /^\d{1,10}$/.test(value) ? (GRPC_CODES[Number(value)] ?? 'UNKNOWN') : undefined;
}

/** For an answer that is no gRPC but HTTP (grpc.io, "HTTP to gRPC Status Code Mapping"). */
export function codeOfHttpStatus(status: string): GrpcCode {
  return CODES_OF_HTTP[status] ?? 'UNKNOWN';
}

const CODES_OF_HTTP: Readonly<Record<string, GrpcCode>> = {
  400: 'INTERNAL',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  429: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

/** The trailer `grpc-message`: UTF-8, percent-encoded; what is not is left as it is. */
export function decodeStatusMessage(text: string): string {
  if (!text.includes('%')) return text;
  const decoded = text.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1').toString('utf8');
}

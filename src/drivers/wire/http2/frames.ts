/** Types, flags and settings of RFC 9113 sections 6 and 6.5.2, as far as a client meets them. */

export const FRAME_HEAD_BYTES = 9;

export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const FLAG = {
  /** Of SETTINGS and PING. */
  ACK: 0x1,
  /** Of DATA and HEADERS. */
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

export const SETTING = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** Section 7: why a stream or a connection ended; the place is the code. */
const ERROR_NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;

export type Http2ErrorName = (typeof ERROR_NAMES)[number];

export const HTTP2_ERROR: Readonly<Record<Http2ErrorName, number>> = Object.fromEntries(
  ERROR_NAMES.map((name, code) => [name, code]),
) as Record<Http2ErrorName, number>;

/** Section 7: what is not known is to be taken for INTERNAL_ERROR. */
export function errorName(code: number): Http2ErrorName {
  return ERROR_NAMES[code] ?? 'INTERNAL_ERROR';
}

/** Of flow control (section 6.9.1) and of stream numbers (5.1.1). */
export const LARGEST_NUMBER: number = 2 ** 31 - 1;
/** What both windows begin with, before SETTINGS and WINDOW_UPDATE (section 6.9.2). */
export const FIRST_WINDOW_BYTES = 65_535;

/** Section 3.4. */
export const CLIENT_PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

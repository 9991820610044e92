/**
 * Codes of Node and OpenSSL → what they mean, in words for people. What is not here is shown with
 * its code.
 */
const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'certificate expired',
  CERT_NOT_YET_VALID: 'certificate not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate signed by an unknown authority',
  CERT_SIGNATURE_FAILURE: 'certificate signed by an unknown authority',
  CERT_REVOKED: 'certificate revoked',
  INVALID_PURPOSE: 'certificate not meant for servers',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS spoken there',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'no TLS spoken there',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'the server speaks nothing that was asked for',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'no TLS version in common',
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 'no TLS version in common',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'no TLS version in common',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'TLS handshake refused by the server',
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': 'TLS handshake refused by the server',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the server asks for a client certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'client certificate not accepted by the server',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'client certificate not accepted by the server',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'client certificate not accepted by the server',
};

/** Why a TLS connection broke. `expectedName` is what its certificate should have been for. */
export function tlsFailure(
  error: NodeJS.ErrnoException,
  { expectedName, isSecure }: { readonly expectedName: string; readonly isSecure: boolean },
): string {
  const { code } = error;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `certificate not for ${expectedName}`;
  if (code === 'ECONNRESET' && !isSecure) return 'closed during the TLS handshake';
  if (code === undefined) return error.message;
  return WORDS[code] ?? code;
}

import type { TargetUse, UseProblem } from '../driver.ts';
import { checkHttpConnection, schemeOf } from '../vocabulary/http/http-connection-checks.ts';
import type { HttpTargetOptions } from './http-config.ts';

/** What the raw client alone does. */
const NOT_WITH_SDK = ['redirects', 'cookies', 'dns', 'sourceAddresses', 'requestsPerConnection'];

/** What of an http target does not go together. */
export function checkHttpTarget(use: TargetUse): UseProblem[] {
  const { url, options, connections } = use;
  const { redirects, auth, client, http, proxy } = options as HttpTargetOptions;
  const scheme = schemeOf(url);
  const problems = checkHttpConnection(use);
  const refuse = (key: string, message: string): void =>
    void problems.push({ path: [key], message });
  if (redirects > 0 && auth?.sigv4 !== undefined) {
    refuse('redirects', 'a signed request is signed for one path: none can be followed');
  }
  if (connections !== undefined && (http === 1 || client === 'sdk')) {
    refuse('connections', 'over HTTP/1.1 and with client: sdk each has its own');
  }
  if (client === 'sdk') {
    for (const key of NOT_WITH_SDK) {
      if (options[key]) refuse(key, 'client: sdk does not do this');
    }
    if (auth?.sigv4 !== undefined) refuse('auth', 'client: sdk does not sign requests');
    if (http === 2 && scheme !== undefined && scheme !== 'https:') {
      refuse('http', 'HTTP/2 needs a url that begins with https://');
    }
    if (scheme === 'unix:' && proxy !== undefined) refuse('proxy', 'a unix socket has no proxy');
  } else {
    if (proxy !== undefined) refuse('proxy', 'a proxy needs client: sdk');
  }
  return problems;
}

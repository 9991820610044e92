import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../machine/free-port.ts';
import { startPinned, type PinnedServer } from '../machine/pinned.ts';
import { findProgram, versionOf } from '../peers/find-program.ts';

export interface Nginx extends PinnedServer {
  readonly url: string;
  readonly version: string;
}

/**
 * One nginx worker on the server's core that answers 200 and two bytes to everything. With
 * `http2` over TLS, since clients of HTTP/2 agree on it there; the certificate signs itself.
 */
export async function startNginx(options: { readonly http2?: boolean } = {}): Promise<Nginx> {
  const program = findProgram('nginx');
  if (program === undefined) {
    throw new Error(
      'The server of this comparison is nginx, which is not there: apt-get install nginx',
    );
  }
  const port = await freePort();
  const command = [program, '-c', writeConfiguration(port, options.http2 === true)];
  // Asked in the clear, a port for TLS answers 400: it is there.
  const server = await startPinned(command, `http://127.0.0.1:${port}`);
  const scheme = options.http2 === true ? 'https' : 'http';
  return { ...server, url: `${scheme}://127.0.0.1:${port}`, version: versionOf(program, '-v') };
}

function writeConfiguration(port: number, http2: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-bench-nginx-'));
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder};`)
    .join(' ');
  const tls = http2 ? certificate(folder) : '';
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
     events { worker_connections 8192; }
     http { access_log off; keepalive_requests 100000000; ${temporary} ${tls}
       server { listen 127.0.0.1:${port} backlog=8192${http2 ? ' ssl http2' : ''};
         location / { return 200 "ok"; } } }`,
  );
  return file;
}

function certificate(folder: string): string {
  const [key, signed] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const about = ['-subj', '/CN=localhost', '-days', '2'];
  const files = ['-keyout', key, '-out', signed];
  execFileSync('openssl', ['req', '-x509', ...curve, ...about, ...files], { stdio: 'ignore' });
  return `ssl_certificate ${signed}; ssl_certificate_key ${key};`;
}

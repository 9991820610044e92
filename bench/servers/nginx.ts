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

/** One nginx worker on the server's core that answers 200 and two bytes to everything. */
export async function startNginx(): Promise<Nginx> {
  const program = findProgram('nginx');
  if (program === undefined) {
    throw new Error(
      'The server of this comparison is nginx, which is not there: apt-get install nginx',
    );
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startPinned([program, '-c', writeConfiguration(port)], url);
  return { ...server, url, version: versionOf(program, '-v') };
}

function writeConfiguration(port: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-bench-nginx-'));
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder};`)
    .join(' ');
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
     events { worker_connections 8192; }
     http { access_log off; keepalive_requests 100000000; ${temporary}
       server { listen 127.0.0.1:${port} backlog=8192; location / { return 200 "ok"; } } }`,
  );
  return file;
}

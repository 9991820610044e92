/** What curl itself sends for a command line is what the scenario made of it sends. */
import assert from 'node:assert/strict';
import { spawnSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertEnded, startLoadgen, temporaryFolder } from '../../support/run-loadgen.ts';
import { loadgen } from '../imported-scenario.ts';

const skip = spawnSync('curl', ['--version']).error === undefined ? false : 'curl is not installed';

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const received: Received[] = [];
const server = createServer((request, response) => {
  void read(request).then((body) => {
    const { method = '', url = '', headers } = request;
    received.push({ method, url, headers: headers as Record<string, string>, body });
    response.end('{}');
  });
});

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server.close());

/** In curl's words; URL stands for the server. Each is one request. */
const COMMANDS = [
  `curl URL/plain`,
  `curl "URL/query?a=1&b=two%20words&c="`,
  `curl URL/repeated?x=1'&'x=2`,
  `curl -d 'a=1' -d b=2 URL/form`,
  `curl -XPUT -d'{"a": 1.50, "big": 12345678901234567890}' -H'Content-Type: application/json' URL/exact`,
  `curl URL/json --json '{"text": "naïve {{ x }} \${HOME} }}", "list": [1, true, null]}' --json ' '`,
  `curl -s -S -X DELETE URL/items/17`,
  `curl -G URL/get -d q=1 --data-urlencode 'text=a b&c/é' --data-urlencode '=x=y'`,
  `curl URL/raw --data-raw '@not-a-file'`,
  `curl --data-binary @body.txt URL/binary -H 'content-type: text/plain'`,
  `curl --data @body.txt URL/ascii`,
  `curl --data-urlencode name@body.txt URL/encoded`,
  `curl -F 'a=one; two' -F 'f=@body.txt;type=text/x-mine' -F 'g=<body.txt' -F 'h=<b.bin;type=x/y; charset=utf-8' URL/multi`,
  `curl --form-string 'a=@literal;type=x' -F 'b="quo;ted";filename=n.txt' URL/multi2`,
  `curl -I URL/head`,
  `curl -A 'my agent' -e http://from.example/ -r 0-99 URL/named`,
  `curl -H 'Accept:' -H 'X-Empty;' -H 'X-Spaces:   a  b  ' URL/headers`,
  `curl --url URL/by-option --url-query 'extra=a b' --url-query '+raw=%41'`,
  `curl -T body.txt URL/upload/`,
  `curl -u 'ada:pass word' URL/basic`,
  `curl $'URL/ansi' --data-raw $'it\\'s \\u00e9 \\x41\\n\\ttab'`,
  `curl -H "X-From: \${SHELL_VALUE}-$SHELL_VALUE" URL/shell`,
  `curl URL/first --next -d x=1 URL/second`,
  `curl -b 'theme=dark; size=4' URL/cookie`,
];

/** What differs between clients, and what an HTTP client computes. */
const OWN = ['host', 'user-agent', 'connection', 'content-length', 'accept', 'expect'];

function comparable({ method, url, headers, body }: Received): object {
  const boundary = /boundary=([^;]+)/.exec(headers['content-type'] ?? '')?.[1];
  const sorted = Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const kept = sorted.filter(([name, value]) => {
    // The driver names a type for every text, which `loadgen new` says.
    if (name === 'content-type' && url.startsWith('/upload')) return false;
    if (name === 'user-agent') return value.startsWith('my ');
    if (name === 'accept') return value !== '*/*';
    return !OWN.includes(name);
  });
  const text = JSON.stringify([Object.fromEntries(kept), body]);
  const open = boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY');
  // A body of JSON may have other blanks; a query may be encoded in another way.
  const isJson = headers['content-type'] === 'application/json' && isExact(body);
  const [path, query = ''] = url.split('?');
  return {
    method,
    path,
    query: [...new URLSearchParams(query)],
    rest: isJson ? JSON.stringify(JSON.parse(body)) : open,
  };
}

function isExact(body: string): boolean {
  return !/\d{17}|\.\d*0\b/.test(body);
}

test('a scenario of curl commands sends what curl sends', { skip, timeout: 120_000 }, async () => {
  const { port } = server.address() as AddressInfo;
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'body.txt'), 'first line\r\nsecond ünï line\n');
  writeFileSync(join(folder, 'b.bin'), 'b');
  const commands = COMMANDS.map((one) => one.replaceAll('URL', `http://127.0.0.1:${port}`));
  const script = commands.map((one) => `${one} --silent --output /dev/null`).join('\n');
  // In the C locale bash leaves \u escapes as they are written.
  const environment = { ...process.env, LC_ALL: 'C.UTF-8', SHELL_VALUE: 'of the shell' };
  const shell = spawn('bash', ['-c', script], { cwd: folder, stdio: 'inherit', env: environment });
  await once(shell, 'exit');
  const byCurl = received.splice(0).map(comparable);
  assert.equal(byCurl.length, COMMANDS.length + 1);

  const source = join(folder, 'commands.sh');
  writeFileSync(source, commands.join('\n'));
  const scenario = join(folder, 'scenario.yaml');
  const before = process.cwd();
  process.chdir(folder);
  const { errors } = await loadgen(['new', '--from', 'curl', source, '-o', scenario]);
  process.chdir(before);
  const variables = {
    API_BASIC: Buffer.from('ada:pass word').toString('base64'),
    API_COOKIE: 'theme=dark; size=4',
    SHELL_VALUE: 'of the shell',
  };
  for (const [name, value] of Object.entries(variables)) {
    assert.match(errors, new RegExp(`Set ${name} before`));
    process.env[name] = value;
  }
  const run = startLoadgen(['run', scenario, '--set', 'load.iterations=1', '--quiet'], { folder });
  const end = await run.ended;
  for (const name of Object.keys(variables)) delete process.env[name];
  assertEnded(end, 0);
  const byLoadgen = received.splice(0).map(comparable);
  for (const [index, one] of byCurl.entries()) assert.deepEqual(byLoadgen[index], one);
  assert.equal(byLoadgen.length, byCurl.length);
});

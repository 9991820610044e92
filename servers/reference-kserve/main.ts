import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { startGrpcServer } from './grpc.ts';
import { httpServer } from './http.ts';
import { Inference } from './inference.ts';
import { referenceModels } from './models.ts';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8096' },
    'grpc-port': { type: 'string', default: '0' },
    proto: { type: 'string', default: fileURLToPath(new URL('./kserve.proto', import.meta.url)) },
    'allow-die': { type: 'boolean', default: false },
    'any-model': { type: 'boolean', default: false },
  },
});
const inference = new Inference(referenceModels(), { anyModel: values['any-model'] });
const { host, 'allow-die': allowDie } = values;
const grpc = await startGrpcServer(inference, {
  host,
  port: Number(values['grpc-port']),
  proto: values.proto,
  allowDie,
});
const web = httpServer(inference, { allowDie, grpcConnectionsAccepted: grpc.connectionsAccepted });
await once(web.listen(Number(values.port), host), 'listening');
const { port } = web.address() as AddressInfo;
console.log(`reference-kserve listening on http://${host}:${port} and grpc://${host}:${grpc.port}`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    web.close();
    web.closeAllConnections();
    grpc.close();
  });
}

import type { DriverContext } from '../../driver.ts';
import { AwsSigner } from '../../wire/aws/sigv4.ts';
import { BodyDecoder } from '../../wire/body/body-decoder.ts';
import { BodyFiles } from '../../wire/body/body-files.ts';
import { requestUrl } from '../../vocabulary/http/http-connector.ts';
import { CONNECT_TIME, TLS_TIME } from '../../vocabulary/http/http-phases.ts';
import type { HttpTarget } from '../../vocabulary/http/http-request.ts';
import { StreamClient } from '../../vocabulary/http2/stream-client.ts';
import type { HttpTargetOptions } from '../http-config.ts';
import { Http2Session } from './http2-session.ts';

/** What the sessions of one target in one worker share, over HTTP/2. */
export class Http2Client extends StreamClient<Http2Session> {
  readonly target: HttpTarget;
  /** Where answers may be compressed. */
  readonly decoder: BodyDecoder | undefined;

  constructor(context: DriverContext, { readsHeads }: { readonly readsHeads: boolean }) {
    const options = context.options as Partial<HttpTargetOptions>;
    const { headers = {}, auth, decompress = false, requestsPerConnection } = options;
    const phases = { connectTime: CONNECT_TIME, tlsTime: TLS_TIME };
    super(context, { phases, requestsPerConnection });
    if (decompress) this.decoder = new BodyDecoder((reason) => this.reasons.count(reason));
    this.target = {
      name: context.name,
      url: requestUrl(context.url),
      headers,
      // Connections of HTTP/2 are closed without a word in the request.
      closeEach: false,
      files: new BodyFiles(context.baseFolder),
      auth,
      signer: auth?.sigv4 && new AwsSigner(auth.sigv4),
      readsHeads,
      decompress,
      nowMs: () => context.clock.wallMs(),
    };
  }

  open(slot: number): Http2Session {
    return this.add(slot, (place) => new Http2Session(this, place));
  }

  override close(): void {
    super.close();
    this.target.files.close();
  }
}

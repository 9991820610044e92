import type { FileUse, TargetUse, UseProblem } from '../driver.ts';
import { schemeOf } from '../vocabulary/http/http-connection-checks.ts';
import { httpConnectionFiles } from '../vocabulary/http/http-connection-checks.ts';
import type { GrpcTargetOptions } from './grpc-config.ts';

/** What the raw client alone does. */
const NOT_WITH_SDK = ['dns', 'sourceAddresses', 'streamsPerConnection'];

/** What of a grpc target does not go together. */
export function checkGrpcTarget({ url, options }: TargetUse): UseProblem[] {
  const { proto, importPaths, protoset, reflection, tls, client } = options as GrpcTargetOptions;
  const problems: UseProblem[] = [];
  const refuse = (key: string, message: string): void =>
    void problems.push({ path: [key], message });
  const sources = [proto, protoset, reflection === true ? true : undefined];
  if (sources.filter((source) => source !== undefined).length > 1) {
    refuse('proto', 'one of proto, protoset and reflection: true');
  }
  if (reflection === false && proto === undefined && protoset === undefined) {
    refuse('reflection', 'without it the definitions come from proto or protoset');
  }
  if (importPaths !== undefined && proto === undefined) refuse('importPaths', 'is for proto files');
  const scheme = schemeOf(url);
  if (tls !== undefined && scheme !== undefined && scheme !== 'grpcs:') {
    refuse('tls', 'is for a url that begins with grpcs://');
  }
  if (scheme === 'unix:' && !/^unix:\/\/\/[^?#]+$/i.test(url)) {
    refuse('url', 'expected unix:///path/of/the/socket');
  }
  if (client === 'sdk') {
    for (const key of NOT_WITH_SDK) {
      if (options[key] !== undefined) refuse(key, 'client: sdk does not do this');
    }
  }
  return problems;
}

/** The files that a target names. */
export function grpcTargetFiles(options: Readonly<Record<string, unknown>>): FileUse[] {
  const { proto = [], protoset } = options as GrpcTargetOptions;
  return [
    ...proto.map((file, index) => ({ path: ['proto', index], file })),
    ...(protoset === undefined ? [] : [{ path: ['protoset'], file: protoset }]),
    ...httpConnectionFiles(options),
  ];
}

import type { DriverDefinition } from './driver.ts';

/** Every driver, loaded when it is asked for. */
export const DRIVERS = {
  http: () => import('./http/index.ts'),
  grpc: () => import('./grpc/index.ts'),
  openai: () => import('./openai/index.ts'),
  chroma: () => import('./chroma/index.ts'),
  faiss: () => import('./faiss/index.ts'),
  pgvector: () => import('./pgvector/index.ts'),
  weaviate: () => import('./weaviate/index.ts'),
  milvus: () => import('./milvus/index.ts'),
  kserve: () => import('./kserve/index.ts'),
  postgres: () => import('./postgres/index.ts'),
} as const satisfies Record<string, () => Promise<{ readonly driver: DriverDefinition }>>;

/** What `--help` says of a command that a driver adds; its first argument is an address. */
export interface DriverCommandRow {
  readonly name: string;
  /** After the address, as help shows them. */
  readonly arguments?: string;
  readonly summary: string;
}

/** Commands such as `loadgen grpc list ADDRESS`. */
export const DRIVER_COMMANDS: Readonly<
  Partial<Record<keyof typeof DRIVERS, readonly DriverCommandRow[]>>
> = {
  grpc: [
    { name: 'list', summary: 'list the services of a server, as it says itself (reflection)' },
    {
      name: 'describe',
      arguments: '[name]',
      summary: 'show a service, message or enumeration of a server, or all its services',
    },
  ],
};

export type DriverName = keyof typeof DRIVERS;

export const DRIVER_NAMES = Object.keys(DRIVERS) as readonly DriverName[];

export async function loadDriver(name: DriverName): Promise<DriverDefinition> {
  const { driver } = await DRIVERS[name]();
  return driver;
}

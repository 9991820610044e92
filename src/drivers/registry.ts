import type { DriverDefinition } from './driver.ts';

/** Every driver, loaded when it is asked for. */
export const DRIVERS = {
  grpc: () => import('./grpc/index.ts'),
  http: () => import('./http/index.ts'),
  openai: () => import('./openai/index.ts'),
  chroma: () => import('./chroma/index.ts'),
  faiss: () => import('./faiss/index.ts'),
  pgvector: () => import('./pgvector/index.ts'),
  weaviate: () => import('./weaviate/index.ts'),
  milvus: () => import('./milvus/index.ts'),
  kserve: () => import('./kserve/index.ts'),
  postgres: () => import('./postgres/index.ts'),
} as const satisfies Record<string, () => Promise<{ readonly driver: DriverDefinition }>>;

export type DriverName = keyof typeof DRIVERS;

export const DRIVER_NAMES = Object.keys(DRIVERS) as readonly DriverName[];

export async function loadDriver(name: DriverName): Promise<DriverDefinition> {
  const { driver } = await DRIVERS[name]();
  return driver;
}

import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

/** A size such as 4MiB, as bytes. */
export const byteSizeSchema = z
  .string()
  .regex(/^\d+(\.\d+)?(B|[KMG]i?B)$/, 'a size such as 512KiB, 4MiB or 1GiB')
  .transform((text) => {
    const [, count, unit] = /^([\d.]+)(\w+)$/.exec(text)!;
    return Math.round(Number(count) * UNITS[unit!]!);
  });

import { z } from 'zod';
import { hasPlaceholder } from '../../base/expressions/placeholders.ts';
import { durationSchema } from '../../base/time/duration.ts';
import { DATATYPE_NAMES } from './datatypes.ts';
import { filledTensor, tensorOf } from './tensor.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
/** A text with `{{ }}`, where else a number or a list stands. */
const templateText = z.string().refine(hasPlaceholder, 'a number, or a text with {{ }}');
/** Of models and tensors: what can stand in a path as it is. */
const nameSchema = z.string().regex(/^[A-Za-z0-9_.~-]+$/, 'a name: letters, digits and _ . ~ -');

const inputSchema = z
  .strictObject({
    datatype: z.enum(DATATYPE_NAMES).meta({ description: 'Its datatype, as KServe names it.' }),
    shape: z.array(z.union([z.int().min(0), templateText])).meta({
      description: 'Its dimensions, the batch first where the model has one.',
    }),
    data: z.json().optional().meta({
      description:
        'Its elements: a list, nested or flat, or a `{{ }}` that gives one; texts are BYTES in UTF-8.',
    }),
    fill: scalar.optional().meta({ description: 'The value of all its elements.' }),
  })
  .superRefine((input, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { data, fill } = input;
    if ((data === undefined) === (fill === undefined)) {
      refuse(data === undefined ? 'data' : 'fill', 'one of data and fill');
      return;
    }
    const key = data === undefined ? 'fill' : 'data';
    const problem = constantProblem(input);
    if (problem !== undefined) refuse(key, problem);
  });

const sequenceSchema = z.strictObject({
  id: scalar.meta({ description: 'A number above 0 or a text, unique among those that are open.' }),
  start: z.union([z.boolean(), templateText]).default(false).meta({
    description: 'This is its first request.',
  }),
  end: z.union([z.boolean(), templateText]).default(false).meta({
    description: 'This is its last request.',
  }),
});

/** Parameters that other keys of `infer` stand for. */
const RESERVED_PARAMETERS: Readonly<Record<string, string>> = {
  sequence_id: 'write sequence: { id }',
  sequence_start: 'write sequence: { start }',
  sequence_end: 'write sequence: { end }',
  binary_data_output: 'write binary',
  triton_enable_empty_final_response: 'write stream: true',
};

const parametersSchema = z.record(z.string().min(1), scalar).superRefine((parameters, context) => {
  for (const name of Object.keys(parameters)) {
    const instead = RESERVED_PARAMETERS[name];
    if (instead === undefined) continue;
    context.addIssue({
      code: 'custom',
      path: [name],
      message: `${name} is set otherwise: ${instead}`,
    });
  }
});

/** The verb `infer`. */
export const inferSchema = z
  .strictObject({
    model: nameSchema.meta({ description: 'Name of the model.' }),
    version: z
      .union([z.int().min(1), z.string().regex(/^\d+$/, 'a number')])
      .optional()
      .meta({
        description: 'Its version; by default the one that the server chooses.',
      }),
    inputs: z.record(nameSchema, inputSchema).meta({
      inWords: 'map of `{ datatype, shape, data or fill }`',
      description: 'The input tensors by name.',
    }),
    outputs: z.array(nameSchema).min(1).optional().meta({
      description: 'Output tensors to be returned; by default all that the model has.',
    }),
    binary: z.boolean().default(true).meta({
      description:
        'Tensors as bytes (the binary tensor data extension); false: as JSON. Over gRPC always as bytes.',
    }),
    stream: z.boolean().default(false).meta({
      description:
        'For decoupled models: takes any number of responses, up to the final one. Over HTTP by `generate_stream`.',
    }),
    sequence: sequenceSchema.optional().meta({
      inWords: 'map',
      description: '`{ id, start, end }`: the request belongs to a sequence of a stateful model.',
    }),
    parameters: parametersSchema.optional().meta({
      description: 'Parameters of the request under the server’s names, such as `priority`.',
    }),
  })
  .superRefine(({ binary, inputs, stream }, context) => {
    if (binary && !stream) return;
    for (const [name, { datatype }] of Object.entries(inputs)) {
      if (datatype !== 'FP16' && datatype !== 'BF16') continue;
      const message = `${datatype} has no form in JSON`;
      if (!binary)
        context.addIssue({ code: 'custom', path: ['inputs', name, 'datatype'], message });
    }
  });

export const loadModelSchema = z.strictObject({
  model: nameSchema.meta({ description: 'Name of the model, as in the server’s repository.' }),
  config: z.record(z.string(), z.json()).optional().meta({
    description: 'A model configuration instead of that of the repository.',
  }),
});

export const unloadModelSchema = z.strictObject({
  model: nameSchema.meta({ description: 'Name of the model.' }),
  unloadDependents: z.boolean().default(false).meta({
    description: 'Also unloads what only this model, an ensemble, uses.',
  }),
});

export const readyTimeoutSchema = durationSchema.optional().meta({
  description:
    'How long to wait before any load until server and models are ready, also for a server that cannot be reached yet; by default 30s, and for none that cannot be reached.',
});

export type InferSpec = z.output<typeof inferSchema>;
export type InferInputSpec = z.output<typeof inputSchema>;
export type LoadModelSpec = z.output<typeof loadModelSchema>;
export type UnloadModelSpec = z.output<typeof unloadModelSchema>;

/** What an input without any template has wrong. */
function constantProblem(input: InferInputSpec): string | undefined {
  const { datatype, shape, data, fill } = input;
  if (holdsTemplate([shape, data ?? null, fill ?? null])) return undefined;
  const head = { name: '', datatype, shape: shape as number[] };
  try {
    if (fill === undefined) tensorOf(head, data);
    else filledTensor({ ...head, shape: [1] }, fill);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

export function holdsTemplate(value: unknown): boolean {
  if (typeof value === 'string') return hasPlaceholder(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsTemplate);
}

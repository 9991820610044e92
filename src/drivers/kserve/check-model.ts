import type { InferSpec } from './kserve-config.ts';
import type { ModelFacts, TensorFact } from './model-facts.ts';

/**
 * What of a step cannot be right for the model that its server describes; undefined where nothing
 * is. Sizes that come out of data are not known here. A model that names no tensors is not checked.
 */
export function modelMisfit(spec: InferSpec, facts: ModelFacts): string | undefined {
  const problem = tensorProblem(spec, facts) ?? streamProblem(spec, facts);
  return problem && `model ${spec.model} ${problem}`;
}

function tensorProblem(spec: InferSpec, facts: ModelFacts): string | undefined {
  const { inputs, outputs, optionalInputs } = facts;
  if (inputs.length === 0 && outputs.length === 0) return undefined;
  for (const [name, input] of Object.entries(spec.inputs)) {
    const fact = inputs.find((one) => one.name === name);
    if (fact === undefined) return `has no input ${name}; it has ${listed(inputs)}`;
    if (fact.datatype !== input.datatype) {
      return `takes ${fact.datatype} for input ${name}, and the step has ${input.datatype}`;
    }
    if (!fits(input.shape, fact.shape)) {
      const shape = `[${input.shape.join(', ')}]`;
      return `takes ${shownShape(fact)} for input ${name}, and the step has ${shape}`;
    }
  }
  const given = new Set(Object.keys(spec.inputs));
  const missing = inputs.find(({ name }) => !given.has(name) && !optionalInputs?.includes(name));
  if (missing !== undefined && optionalInputs !== undefined) {
    return `needs the input ${shown(missing)} too`;
  }
  const unknown = (spec.outputs ?? []).find((name) => !outputs.some((one) => one.name === name));
  return unknown && `has no output ${unknown}; it has ${listed(outputs)}`;
}

function streamProblem({ stream }: InferSpec, { isDecoupled }: ModelFacts): string | undefined {
  return isDecoupled === true && !stream
    ? 'is decoupled: it answers with any number of responses, which needs stream: true'
    : undefined;
}

function fits(shape: InferSpec['inputs'][string]['shape'], wanted: readonly number[]): boolean {
  if (shape.length !== wanted.length) return false;
  return shape.every(
    (size, index) => typeof size === 'string' || wanted[index] === -1 || wanted[index] === size,
  );
}

function listed(tensors: readonly TensorFact[]): string {
  return tensors.map(shown).join(', ');
}

function shown(tensor: TensorFact): string {
  return `${tensor.name} ${tensor.datatype} ${shownShape(tensor)}`;
}

function shownShape({ shape }: TensorFact): string {
  return `[${shape.join(', ')}]`;
}

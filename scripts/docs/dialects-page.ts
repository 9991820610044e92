import type { DriverDefinition } from '../../src/drivers/driver.ts';
import type { MetricDeclaration } from '../../src/measure/metrics/metric.ts';
import { code, GENERATED, table } from './markdown.ts';

/** `docs/dialects.md`: what drivers measure of streams, and how other tools define the same. */
export function dialectsPage(drivers: readonly DriverDefinition[]): string {
  const speaking = drivers.filter(({ dialects }) => dialects !== undefined);
  return [
    GENERATED,
    '# Time to first token, and other words with several meanings\n',
    'Tools that measure language models use the same words for different figures. `report: { dialects: ',
    '[vllm, guidellm] }` measures by the definitions of other tools too, from the same events of the ',
    'same answers, so that figures of two tools can be compared. Each definition is a metric of its ',
    'own, which thresholds can name.\n\n',
    '_Sent_ is read right before the request is handed to the socket; a stamp of a chunk is that of ',
    'the read callback which delivered its last byte, taken before anything of it is parsed. _Content ',
    'chunk_: with text of the answer, reasoning or a tool call that is not empty, or empty while the ',
    'server’s count of output tokens grew. Comments, `[DONE]`, chunks that only name a role, and the ',
    'chunk with the usage are none. Counts of tokens are the server’s.\n\n',
    'Throughput is completed requests (or tokens) by time in all of them; they differ in where that ',
    'time begins and ends. vLLM: first dispatch to last answer. AIPerf: first request to last ',
    'response. GuideLLM: weighted by time, without warm-up and cool-down. inference-perf: the stage. ',
    'MLPerf: (completed − 1) between first issue and last completion. loadgen: what ended between T0 ',
    'and T1; of a load that ends by count, from T0 to the last answer.\n\n',
    'A tool that reads a stamp later than the socket had the bytes prints larger figures than these ',
    'definitions give: event loops, buffers and parsers stand in between. ',
    '[decisions/0009-openai.md](decisions/0009-openai.md) has the tools’ own output beside ours.\n',
    ...speaking.flatMap(driverSections),
  ].join('\n');
}

function driverSections(driver: DriverDefinition): string[] {
  const declared = [
    ...driver.phases,
    ...(driver.sampled ?? []),
    ...(driver.counters ?? []),
    ...(driver.rates ?? []),
  ];
  const own = declared.filter(({ dialect }) => dialect === undefined);
  return [
    `\n## What the driver ${driver.name} measures\n`,
    table(
      ['metric', 'what it is'],
      own.map(({ name, description }) => [code(name), description]),
    ),
    ...Object.entries(driver.dialects ?? {}).flatMap(([name, { title, source }]) => [
      `\n## ${title}: ${code(name)}\n`,
      `As read in ${source}.\n`,
      dialectTable(declared.filter(({ dialect }) => dialect?.name === name)),
    ]),
    '\n## Named limits for `slo`\n',
    'Limits that MLPerf Inference sets at the 99th percentile (inference_rules.adoc); time to first ',
    'token counts from the schedule. `slo: NAME` asks each request to keep them, ',
    '`goodput share >= 99%` that 99% do.\n\n',
    table(
      ['name', 'limits'],
      Object.entries(driver.sloPresets ?? {}).map(([name, limits]) => [
        code(name),
        Object.entries(limits)
          .map(([metric, limitNs]) => `${metric} ${limitNs / 1e6} ms`)
          .join(', '),
      ]),
    ),
  ];
}

function dialectTable(metrics: readonly MetricDeclaration[]): string {
  return table(
    ['metric', 'its word', 'formula'],
    metrics.map(({ name, dialect }) => [code(name), dialect!.word, dialect!.formula]),
  );
}

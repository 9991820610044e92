import { NS_PER_MS } from '../../base/time/clock.ts';

/** [TTFT, TPOT] in ms, at the 99th percentile: mlcommons/inference_policies, inference_rules.adoc. */
const MLPERF: Readonly<Record<string, readonly [server: Limits, interactive?: Limits]>> = {
  'llama3.1-8b': [
    [2000, 100],
    [500, 30],
  ],
  'llama2-70b': [
    [2000, 200],
    [450, 40],
  ],
  'mixtral-8x7b': [[2000, 200]],
  'llama3.1-405b': [
    [6000, 175],
    [4500, 80],
  ],
  'deepseek-r1': [
    [2000, 80],
    [1500, 15],
  ],
  'gpt-oss-120b': [
    [3000, 80],
    [2000, 20],
  ],
};

type Limits = readonly [ttftMs: number, tpotMs: number];

/** Named limits for `slo`: metric → limit in ns. Time to first token counts from the schedule. */
export const SLO_PRESETS: Readonly<Record<string, Readonly<Record<string, number>>>> =
  Object.fromEntries(
    Object.entries(MLPERF).flatMap(([model, [server, interactive]]) => [
      [`mlperf-${model}-server`, limits(server)],
      ...(interactive ? [[`mlperf-${model}-interactive`, limits(interactive)] as const] : []),
    ]),
  );

function limits([ttftMs, tpotMs]: Limits): Readonly<Record<string, number>> {
  return { ttft: ttftMs * NS_PER_MS, tpot: tpotMs * NS_PER_MS };
}

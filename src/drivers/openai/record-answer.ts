import { NS_PER_SECOND } from '../../base/time/clock.ts';
import type { OperationSlots } from '../../measure/metrics/operation-slots.ts';
import { HTTP_PHASES } from '../vocabulary/http/http-phases.ts';
import { DIALECT_PHASES } from './dialects/registry.ts';
import { COUNT, OPENAI_PHASES, PHASE, SAMPLE } from './openai-metrics.ts';
import type { OpenaiRequest } from './openai-request.ts';
import type { StreamEvents } from './stream/stream-events.ts';
import {
  eachChunkTokens,
  eachTokenGap,
  streamTimes,
  timePerOutputToken,
} from './stream/stream-times.ts';
import type { TokenUsage } from './token-usage.ts';

/** Of the driver's own phases nothing is left from the operation before. */
export function clearPhases({ phases }: OperationSlots, slot: number): void {
  for (let i = HTTP_PHASES.length; i < PHASE_COUNT; i++) phases[i]![slot] = Number.NaN;
}

const PHASE_COUNT = OPENAI_PHASES.length + DIALECT_PHASES.length;

interface Answered {
  readonly slots: OperationSlots;
  readonly slot: number;
  readonly usage: TokenUsage | undefined;
}

/** What every answer that is ok has: tokens, and the length of the sound it is about. */
export function recordAnswer({
  slots,
  slot,
  usage,
  request,
}: Answered & { readonly request: OpenaiRequest }): void {
  const { counts, phases } = slots;
  const { audioSeconds = Number.NaN } = request;
  if (audioSeconds > 0) {
    counts[COUNT.audioSeconds]![slot]! += audioSeconds;
    phases[PHASE.audioSecond]![slot] = (slots.done[slot]! - slots.sent[slot]!) / audioSeconds;
  }
  if (usage === undefined) {
    counts[COUNT.usageMissing]![slot]! += 1;
    return;
  }
  const { input, output, cached, reasoning } = usage;
  add(counts[COUNT.inputTokens]!, slot, input);
  add(counts[COUNT.cachedTokens]!, slot, cached);
  if (input !== undefined) phases[PHASE.inputLength]![slot] = input;
  if (!request.operation.generates) return;
  add(counts[COUNT.outputTokens]!, slot, output);
  add(counts[COUNT.reasoningTokens]!, slot, reasoning);
  if (output !== undefined) phases[PHASE.outputLength]![slot] = output;
}

function add(counts: Float64Array, slot: number, value: number | undefined): void {
  if (value !== undefined) counts[slot]! += value;
}

/** What a stream has beside it: the times of its tokens. */
export function recordStream({
  slots,
  slot,
  events,
  usage,
}: Answered & { readonly events: StreamEvents }): void {
  const { phases, counts, samples } = slots;
  const times = streamTimes(events);
  const sentNs = slots.sent[slot]!;
  const tpotNs = timePerOutputToken(times, usage?.output ?? Number.NaN);
  phases[PHASE.ttft]![slot] = times.firstTokenNs - slots.intended[slot]!;
  phases[PHASE.ttftFromSent]![slot] = times.firstTokenNs - sentNs;
  phases[PHASE.firstChunk]![slot] = times.firstChunkNs - sentNs;
  phases[PHASE.firstAnswer]![slot] = times.firstAnswerNs - sentNs;
  phases[PHASE.tpot]![slot] = tpotNs;
  phases[PHASE.chunks]![slot] = times.contentChunks;
  if (tpotNs > 0) phases[PHASE.userRate]![slot] = NS_PER_SECOND / tpotNs;
  counts[COUNT.contentChunks]![slot]! += times.contentChunks;
  if (Number.isNaN(times.firstChunkTokens) && !Number.isNaN(tpotNs)) {
    counts[COUNT.firstChunkAssumed]![slot]! += 1;
  }
  const gaps = samples[SAMPLE.gap]!;
  eachTokenGap(events, (gapNs) => gaps.add(slot, gapNs));
  const chunkTokens = samples[SAMPLE.chunkTokens]!;
  eachChunkTokens(events, (tokens) => chunkTokens.add(slot, tokens));
}

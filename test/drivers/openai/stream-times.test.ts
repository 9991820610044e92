import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  STREAM_EVENTS_LIMIT,
  StreamEvents,
} from '../../../src/drivers/openai/stream/stream-events.ts';
import {
  eachChunkTokens,
  eachTokenGap,
  streamTimes,
  timePerOutputToken,
} from '../../../src/drivers/openai/stream/stream-times.ts';
import { eventsOf } from './stream-records.ts';

function gapsOf(events: StreamEvents): number[] {
  const gaps: number[] = [];
  eachTokenGap(events, (gapNs) => gaps.push(gapNs / 1e6));
  return gaps;
}

function chunkTokensOf(events: StreamEvents): number[] {
  const tokens: number[] = [];
  eachChunkTokens(events, (count) => tokens.push(count));
  return tokens;
}

describe('the times of a stream', () => {
  // Worked by hand: role at 5, tokens at 20, 30, 50 and 90 ms, and the usage at 95.
  const plain = eventsOf(
    [5, 'role'],
    [20, 'content'],
    [30, 'content'],
    [50, 'content'],
    [90, 'content'],
    [95, 'usage'],
  );

  it('begin with the first chunk that has content: a role is none', () => {
    const { firstChunkNs, firstTokenNs, lastTokenNs, contentChunks } = streamTimes(plain);
    assert.deepEqual([firstChunkNs, firstTokenNs, lastTokenNs], [5e6, 20e6, 90e6]);
    assert.equal(contentChunks, 4);
    assert.deepEqual(gapsOf(plain), [10, 20, 40]);
  });

  it('divide by the tokens after the first chunk, which is one where nobody says', () => {
    assert.equal(timePerOutputToken(streamTimes(plain), 8), (90e6 - 20e6) / 7);
  });

  it('know the tokens of a first chunk that brings several', () => {
    const bundles = eventsOf(
      [20, 'content', 3],
      [50, 'content', 4],
      [90, 'content', 8],
      [91, 'usage', 8],
    );
    assert.equal(timePerOutputToken(streamTimes(bundles), 8), (90e6 - 20e6) / 5);
    assert.deepEqual(chunkTokensOf(bundles), [3, 1, 4]);
  });

  it('are none per token for a single token, and where their number is not known', () => {
    const single = eventsOf([20, 'content'], [21, 'usage']);
    assert.ok(Number.isNaN(timePerOutputToken(streamTimes(single), 1)));
    assert.ok(Number.isNaN(timePerOutputToken(streamTimes(plain), Number.NaN)));
    assert.deepEqual(gapsOf(single), []);
  });

  it('take reasoning and tool calls for tokens, and only the latter for an answer', () => {
    const thinking = eventsOf([20, 'reasoning'], [40, 'reasoning'], [70, 'tool'], [80, 'content']);
    const { firstTokenNs, firstAnswerNs, contentChunks } = streamTimes(thinking);
    assert.deepEqual([firstTokenNs, firstAnswerNs, contentChunks], [20e6, 70e6, 4]);
  });

  it('take an empty chunk for a token when the count grew with it', () => {
    const counted = eventsOf([20, 'counted', 1], [30, 'role', 1], [40, 'content', 2]);
    assert.deepEqual(gapsOf(counted), [20]);
    assert.deepEqual(chunkTokensOf(counted), [1, 1]);
  });

  it('are not numbers where there was no token', () => {
    const { firstTokenNs, lastTokenNs, firstAnswerNs } = streamTimes(eventsOf([5, 'role']));
    assert.ok([firstTokenNs, lastTokenNs, firstAnswerNs].every(Number.isNaN));
  });
});

describe('the events of a stream', () => {
  it('are kept up to a limit and no further', () => {
    const events = new StreamEvents();
    for (let i = 0; i < STREAM_EVENTS_LIMIT; i++) assert.equal(events.add(i, 2, i), true);
    assert.equal(events.add(0, 2, 0), false);
    assert.equal(events.stamps[STREAM_EVENTS_LIMIT - 1], STREAM_EVENTS_LIMIT - 1);
    events.clear();
    assert.ok(events.stamps.length < 1000, 'the memory of one long answer is given back');
  });
});

/** What an engine costs that flushes ten thousand times a second. */
import { createProducer, type Producer } from '@walq/archive-queue';
import { nodeDisk } from '@walq/wal-core/internal';
import { faultyDisk } from '@walq/conformance';
import { eventually, startCuttingProxy, startRedis } from '@walq/test-support';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { logLines } from '../support/log-lines.ts';
import { openTestSource, segmentName } from '../support/test-source.ts';

const FLUSHES = 10_000;
const SEGMENTS = 500;

/** As `flushed` gets them: 10 each millisecond, each segment several times. */
async function flushSteadily(flush: (segment: string) => void): Promise<void> {
  const startedMs = performance.now();
  for (let done = 0; done < FLUSHES;) {
    const due = Math.min(FLUSHES, 10 * (performance.now() - startedMs));
    for (; done < due; done += 1) flush(segmentName(1 + Math.floor((done * SEGMENTS) / FLUSHES)));
    await sleep(1);
  }
}

async function costOf(flush: (producer: Producer, segment: string) => void) {
  const proxy = await startCuttingProxy((await startRedis()).port);
  const place = await openTestSource();
  await place.write(1, SEGMENTS + 1);
  let fsyncs = 0;
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation }) => {
      if (/sync/i.test(operation)) fsyncs += 1;
    },
  });
  const { source, store } = place;
  const { logger } = logLines();
  const producer = createProducer({ source, store, redis: proxy.url, logger, disk });
  onTestFinished(() => producer.close());
  await eventually(() => expect(producer.state().redis).toBe('ok'));
  producer.flushed(segmentName(1));
  await eventually(() => expect(producer.state().watermark).toBe(segmentName(1)));
  const [fsyncsBefore, commandsBefore] = [fsyncs, proxy.commands];
  const startedMs = performance.now();
  await flushSteadily((segment) => flush(producer, segment));
  await eventually(() => expect(producer.state().watermark).toBe(segmentName(SEGMENTS)));
  return {
    seconds: (performance.now() - startedMs) / 1_000,
    fsyncs: fsyncs - fsyncsBefore,
    commands: proxy.commands - commandsBefore,
  };
}

/** Of the watermark and its directory. */
const FSYNCS_A_ROUND = 2;
/** The queue is read in two calls, and new segments are added in two. */
const COMMANDS_A_ROUND = 4;

it('ten thousand flushes a second cost a few rounds: no fsync and no call of Redis for each', async () => {
  const cost = await costOf((producer, segment) => producer.flushed(segment));
  // One in 50 ms, the first, the one that was running, and a timer that fires a millisecond early now and then.
  const roundsMax = cost.seconds * 21 + 2;
  expect(cost.fsyncs).toBeLessThanOrEqual(FSYNCS_A_ROUND * roundsMax);
  expect(cost.commands).toBeLessThanOrEqual(COMMANDS_A_ROUND * roundsMax);
});

it('also where each flush waits until it is archived', async () => {
  const cost = await costOf((producer, segment) => {
    producer.flushedAndArchived(segment).catch(() => undefined);
  });
  expect(cost.fsyncs).toBeLessThan(FLUSHES / 20);
  expect(cost.commands).toBeLessThan(FLUSHES / 20);
});

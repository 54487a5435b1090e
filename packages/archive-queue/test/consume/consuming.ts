import {
  createConsumer,
  createProducer,
  type Consumer,
  type ConsumerOptions,
  type JobEvent,
  type ProducerOptions,
} from '@walq/archive-queue';
import type { Archiver } from '@walq/wal-core/internal';
import { onTestFinished } from 'vitest';
import { logLines, type LogLines } from '../support/log-lines.ts';
import { segmentName, type TestSource } from '../support/test-source.ts';

export interface Consuming {
  readonly consumer: Consumer;
  readonly events: JobEvent[];
  readonly log: LogLines;
  /** Events of one kind, as segment names. */
  segmentsOf(kind: JobEvent['kind']): string[];
}

/** A started consumer of these places, closed when the test ends. */
export async function consume(
  places: TestSource | readonly TestSource[],
  redis: string,
  archiver: Archiver,
  options: Partial<ConsumerOptions> = {},
): Promise<Consuming> {
  const log = logLines();
  const events: JobEvent[] = [];
  const consumer = createConsumer({
    sources: [places].flat().map(({ source, store }) => ({ source, store })),
    archiver,
    redis,
    logger: log.logger,
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => consumer.close({ graceMs: 0 }));
  await consumer.start();
  const segmentsOf = (kind: JobEvent['kind']) =>
    events.filter((event) => event.kind === kind).map(({ segment }) => segment);
  return { consumer, events, log, segmentsOf };
}

/** Each segment has a job of its own. */
export const alone = { batch: { segmentsMax: 1, bytesMax: 1 } };

/** Writes segments, flushes all but the highest, and keeps a producer running for the test. */
export async function produceUpTo(
  place: TestSource,
  redis: string,
  count: number,
  options: Partial<ProducerOptions> = {},
): Promise<string[]> {
  const names = await place.write(1, count + 1);
  const { source, store } = place;
  const logger = logLines().logger;
  const reconcileIntervalMs = 500;
  const producer = createProducer({
    source,
    store,
    redis,
    logger,
    reconcileIntervalMs,
    ...options,
  });
  onTestFinished(() => producer.close());
  producer.flushed(segmentName(count));
  return names.slice(0, count);
}

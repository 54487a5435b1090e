/**
 * A worker by walq's own consumer, whose archiving takes a fixed time and no processor: what is left to be
 * seen is the queue. It deletes the source as the real one does, so that the disk says what is due.
 */
import { createConsumer } from '@walq/archive-queue';
import {
  nodeDisk,
  openStore,
  WalqError,
  type Archiver,
  type SegmentResult,
  type Source,
} from '@walq/wal-core/internal';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { binarySource } from '../../binary-source.ts';
import { answerWords, given } from './answer-words.ts';

export interface FixedTimeWorker {
  readonly redisUrl: string;
  readonly archive: string;
  readonly source: { readonly name: string; readonly directory: string };
  readonly jobMs: number;
  readonly parallelism: number;
}

/** What a worker has done so far. */
export interface WorkDone {
  /** Milliseconds since 1970 at which each job ended, in order. */
  readonly endedAt: readonly number[];
  readonly segments: readonly string[];
}

const { redisUrl, archive, source: at, jobMs, parallelism } = given<FixedTimeWorker>();
const endedAt: number[] = [];
const segments: string[] = [];

/** As a pool of one thread: the others wait their turn. Without a fixed time, nobody waits. */
class FixedTimeArchiver implements Archiver {
  readonly parallelism = parallelism;
  busy = 0;
  #turn = Promise.resolve();

  archive: Archiver['archive'] = async (from, names) => {
    const results: SegmentResult[] = [];
    for (const segment of names) results.push(await this.#archiveOne(from, segment));
    return results;
  };

  async #archiveOne(from: Source, segment: string): Promise<SegmentResult> {
    if (jobMs > 0) await (this.#turn = this.#turn.then(() => this.#work()));
    await unlink(join(from.directory, segment)).catch((cause: unknown) => {
      throw new WalqError('source-missing', { message: `${segment} was archived twice`, cause });
    });
    endedAt.push(performance.timeOrigin + performance.now());
    segments.push(segment);
    const outcome = 'archived' as const;
    return { segment, report: { segment, bytesIn: 1, bytesOut: 1, durationMs: jobMs, outcome } };
  }

  inWork = () => [];

  close = async (): Promise<void> => undefined;

  async #work(): Promise<void> {
    this.busy = 1;
    await sleep(jobMs);
    this.busy = 0;
  }
}

const source = binarySource(at.name, at.directory);
const consumer = createConsumer({
  sources: [{ source, store: openStore(archive, { disk: nodeDisk }) }],
  archiver: new FixedTimeArchiver(),
  redis: redisUrl,
  logger: pino({ level: 'error' }),
});
await consumer.start();
answerWords(
  (word): WorkDone | boolean =>
    word === 'done' ? { endedAt, segments } : consumer.state().sources[at.name]?.isTaking === true,
  () => consumer.close(),
);

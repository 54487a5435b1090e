/**
 * Tells when nothing moves any more: no segment has left the backlog, and none in work got further than ever before. A
 * segment that is tried again and again, and fails each time, does not move.
 */
import type { Consumer } from '@walq/archive-queue';
import { redisReasons } from '@walq/role';
import { WalqError, type FailureRecord } from '@walq/wal-core/internal';

/** Of more segments in work the oldest are forgotten, which only prolongs the wait. */
const REMEMBERED_MAX = 10_000;

export class StallWatch {
  readonly #consumer: Pick<Consumer, 'state' | 'failures'>;
  readonly #timeoutMs: number;
  /** By source: the fewest segments that were due. */
  readonly #fewestDue = new Map<string, number>();
  /** By segment: how far it got. */
  readonly #furthest = new Map<string, number>();
  #movedMs = performance.now();

  /** @param timeoutMs how long nothing may move */
  constructor(consumer: Pick<Consumer, 'state' | 'failures'>, timeoutMs: number) {
    this.#consumer = consumer;
    this.#timeoutMs = timeoutMs;
  }

  /** Notes how many segments of a source are due, or why that is not known. @throws WalqError `timed-out` */
  note(source: string, found: number | Error): void {
    if (this.#hasMoved(source, found)) this.#movedMs = performance.now();
    if (performance.now() - this.#movedMs < this.#timeoutMs) return;
    const waits =
      typeof found === 'number' ? `${found} of its segments are due` : 'it cannot be read';
    const reason = this.#reasonOf(source) ?? (found instanceof WalqError ? found : undefined);
    throw new WalqError('timed-out', {
      message: `nothing of source '${source}' has moved for ${this.#timeoutMs / 1_000} s, and ${waits}: ${reason?.message ?? 'no reason is known'}`,
      hint: reason?.hint ?? 'Look at the log of this worker; walq check and walq status say more.',
      ...(found instanceof Error ? { cause: found } : {}),
    });
  }

  #hasMoved(source: string, found: number | Error): boolean {
    const before = this.#fewestDue.get(source) ?? Infinity;
    const isFewer = typeof found === 'number' && found < before;
    if (isFewer) this.#fewestDue.set(source, found);
    const { inWork } = this.#consumer.state();
    const further = inWork.filter(({ source: of, segment, doneBytes }) =>
      this.#isFurther(`${of}/${segment}`, doneBytes),
    );
    return isFewer || further.length > 0;
  }

  #isFurther(segment: string, doneBytes: number): boolean {
    if (doneBytes <= (this.#furthest.get(segment) ?? -1)) return false;
    if (this.#furthest.size >= REMEMBERED_MAX) this.#furthest.clear();
    this.#furthest.set(segment, doneBytes);
    return true;
  }

  /** What this worker knows: Redis, the source, its archive, and the latest failure, in this order. */
  #reasonOf(source: string): Pick<FailureRecord, 'message' | 'hint'> | undefined {
    const { redis, redisProblem, sources } = this.#consumer.state();
    if (redis !== 'ok') {
      const [message = redis] = redisReasons(redis, redisProblem);
      return { message, hint: 'walq check names the cause and what to do.' };
    }
    const own = sources[source];
    const failed = this.#consumer.failures().find((one) => one.source === source);
    return own?.stopped ?? own?.outage ?? failed;
  }
}

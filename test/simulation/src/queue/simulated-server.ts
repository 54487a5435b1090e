/**
 * What BullMQ keeps in Redis, and what its scripts do; each method is one script, so nothing comes
 * between its parts. Held against the real BullMQ by `test/queue-conformance.test.ts`.
 */
import { SimulatedTexts } from './simulated-texts.ts';
import type { BulkJob, KeepJobs, StoredJob } from './stored-job.ts';

type Ended = 'completed' | 'failed';

export class SimulatedServer {
  #queues = new Map<string, SimulatedQueueState>();
  readonly texts: SimulatedTexts;
  /** A clock that never goes back: locks run out by it. */
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.texts = new SimulatedTexts(nowMs);
  }

  queue(name: string): SimulatedQueueState {
    const known = this.#queues.get(name) ?? new SimulatedQueueState(this.#nowMs);
    this.#queues.set(name, known);
    return known;
  }

  get queues(): readonly SimulatedQueueState[] {
    return [...this.#queues.values()];
  }

  /** Callers that wait for a job keep waiting for the next one. */
  flushAll(): void {
    this.texts.clear();
    for (const queue of this.#queues.values()) queue.clear();
  }
}

export class SimulatedQueueState {
  readonly #nowMs: () => number;
  readonly #jobs = new Map<string, StoredJob>();
  /** The next to be taken stands last. */
  #wait: string[] = [];
  #active: string[] = [];
  readonly #delayed = new Map<string, number>();
  readonly #ended = { completed: new Map<string, number>(), failed: new Map<string, number>() };
  #suspects = new Set<string>();
  #checkedUntilMs = -1;
  isPaused = false;
  #waiters: (() => void)[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  clear(): void {
    this.#jobs.clear();
    this.#wait = [];
    this.#active = [];
    this.#delayed.clear();
    for (const ended of Object.values(this.#ended)) ended.clear();
    this.#suspects = new Set();
    this.#checkedUntilMs = -1;
    this.isPaused = false;
  }

  get activeIds(): readonly string[] {
    return this.#active;
  }

  /** A job whose id exists already, in whatever state, is left unchanged. */
  add({ name, data, opts }: BulkJob): void {
    if (this.#jobs.has(opts.jobId)) return;
    this.#jobs.set(opts.jobId, {
      id: opts.jobId,
      name,
      data: JSON.stringify(data),
      attempts: opts.attempts,
      timestamp: opts.timestamp,
      processedOn: undefined,
      attemptsMade: 0,
      stalledCounter: 0,
      lock: undefined,
    });
    const { delay = 0, lifo = false } = opts;
    if (delay > 0) this.#delayed.set(opts.jobId, opts.timestamp + delay);
    else if (lifo) this.#wait.push(opts.jobId);
    else this.#wait.unshift(opts.jobId);
    this.#notifyWaiters();
  }

  stateOf(id: string): string {
    if (this.#ended.completed.has(id)) return 'completed';
    if (this.#ended.failed.has(id)) return 'failed';
    if (this.#delayed.has(id)) return 'delayed';
    if (this.#active.includes(id)) return 'active';
    return this.#wait.includes(id) ? 'waiting' : 'unknown';
  }

  /** As walq's script: the segments of waiting and active jobs by their ids, delayed jobs, failed jobs. */
  segmentCounts(): readonly number[] {
    const held = (ids: readonly string[]): number =>
      ids.reduce((sum, id) => sum + Number(/^b-.*~-(\d+)$/.exec(id)?.[1] ?? 1), 0);
    const { failed } = this.#ended;
    return [held(this.#wait), held(this.#active), this.#delayed.size, failed.size];
  }

  /** As walq's script: the payloads of waiting and active jobs. */
  payloads(): readonly string[] {
    return [...this.#wait, ...this.#active].flatMap((id) => this.#jobs.get(id)?.data ?? []);
  }

  /** When each of these jobs is due; null for those that are not delayed. */
  delayedUntil(ids: readonly string[]): readonly (number | null)[] {
    return ids.map((id) => this.#delayed.get(id) ?? null);
  }

  /** 0 where a worker holds it, or there is none. */
  remove(id: string): number {
    const job = this.#jobs.get(id);
    if (job === undefined || this.#isLocked(job)) return 0;
    this.#forget(id);
    return 1;
  }

  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.#notifyWaiters();
  }

  /** Takes the next job; `wallMs` is the taker's own clock. */
  moveToActive(token: string, lockMs: number, wallMs: number): StoredJob | undefined {
    this.#promote(wallMs);
    if (this.isPaused) return undefined;
    const id = this.#wait.pop();
    if (id === undefined) return undefined;
    const job = this.#jobs.get(id);
    if (job === undefined) return this.moveToActive(token, lockMs, wallMs);
    job.lock = { token, untilMs: this.#nowMs() + lockMs };
    job.processedOn = wallMs;
    this.#active.unshift(id);
    return { ...job };
  }

  /** Resolves when there may be a job, or an hour of the taker's clock is over. */
  whenThereMayBeOne(notify: () => void): void {
    if (this.#wait.length > 0 && !this.isPaused) notify();
    else this.#waiters.push(notify);
  }

  /** When the next job that backs off is due, by whoever's clock set it. */
  get nextDelayedAt(): number | undefined {
    return this.#delayed.size === 0 ? undefined : Math.min(...this.#delayed.values());
  }

  /** Jobs that back off until a time between these two, by whoever's clock set it. */
  delayedBetween(fromMs: number, toMs: number): string[] {
    const isBetween = ([, untilMs]: [string, number]) => fromMs <= untilMs && untilMs <= toMs;
    return [...this.#delayed].filter(isBetween).map(([id]) => id);
  }

  promote(id: string): void {
    // By BullMQ's code for a job that is not there, or in another state.
    if (!this.#delayed.delete(id)) throw Object.assign(new Error(id), { code: -3 });
    this.#wait.unshift(id);
    this.#notifyWaiters();
  }

  /** Those whose lock is not this one's any more. */
  extendLocks(locks: readonly { id: string; token: string }[], lockMs: number): string[] {
    return locks.flatMap(({ id, token }) => {
      const job = this.#jobs.get(id);
      if (job?.lock?.token !== token || !this.#isLocked(job)) return [id];
      job.lock.untilMs = this.#nowMs() + lockMs;
      this.#suspects.delete(id);
      return [];
    });
  }

  /** Jobs that were active at the last check and hold no lock go back to the head of the queue. */
  moveStalledToWait(everyMs: number): string[] {
    if (this.#nowMs() < this.#checkedUntilMs) return [];
    this.#checkedUntilMs = this.#nowMs() + everyMs;
    const stalled: string[] = [];
    for (const id of this.#suspects) {
      const job = this.#jobs.get(id);
      if (job === undefined || this.#isLocked(job) || !this.#active.includes(id)) continue;
      job.stalledCounter += 1;
      this.#moveBack(job);
      stalled.push(id);
    }
    this.#suspects = new Set(this.#active);
    return stalled;
  }

  moveToEnded(id: string, token: string, as: Ended, keep: KeepJobs, wallMs: number): void {
    const job = this.#release(id, token, 'moveToFinished');
    job.attemptsMade += 1;
    const ended = this.#ended[as];
    ended.set(id, wallMs);
    for (const [old, endedAt] of ended) {
      const isTooMany = ended.size > keep.count;
      if (isTooMany || wallMs - endedAt > keep.age * 1_000) this.#forget(old);
    }
  }

  /** As a failed attempt that is to be repeated. */
  moveToRetry(id: string, token: string, untilMs: number): void {
    const job = this.#release(id, token, 'moveToDelayed');
    job.attemptsMade += 1;
    this.#delayed.set(id, untilMs);
    this.#notifyWaiters();
  }

  moveToDelayed(id: string, token: string, untilMs: number): void {
    this.#release(id, token, 'moveToDelayed');
    this.#delayed.set(id, untilMs);
    this.#notifyWaiters();
  }

  moveToWait(id: string, token: string): void {
    const job = this.#release(id, token, 'moveJobFromActiveToWait');
    this.#wait.push(job.id);
    this.#notifyWaiters();
  }

  /** As walq's script: replaces the payload of a job, while this lock on it holds. */
  updateLocked(id: string, token: string, data: string): void {
    const job = this.#jobs.get(id);
    if (job?.lock?.token === token && this.#isLocked(job)) job.data = data;
  }

  /** Not BullMQ's: what a lock that ran out unseen leads to, a job that two have. */
  redeliver(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined || !this.#active.includes(id)) return;
    this.#moveBack(job);
  }

  /** Not BullMQ's either: its lock has run out, and its holder has not heard of that. */
  expireLock(id: string): void {
    const job = this.#jobs.get(id);
    if (job !== undefined) job.lock = undefined;
  }

  #moveBack(job: StoredJob): void {
    job.lock = undefined;
    this.#active = this.#active.filter((one) => one !== job.id);
    this.#wait.push(job.id);
    this.#notifyWaiters();
  }

  #release(id: string, token: string, script: string): StoredJob {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new Error(`Missing key for job ${id}. ${script}`);
    if (!this.#isLocked(job)) throw new Error(`Missing lock for job ${id}. ${script}`);
    if (job.lock?.token !== token) {
      throw new Error(`Lock mismatch for job ${id}. Cmd ${script} from active`);
    }
    job.lock = undefined;
    this.#suspects.delete(id);
    this.#active = this.#active.filter((one) => one !== id);
    return job;
  }

  #promote(wallMs: number): void {
    for (const [id, untilMs] of [...this.#delayed].toSorted((a, b) => a[1] - b[1])) {
      if (untilMs > wallMs) return;
      this.#delayed.delete(id);
      this.#wait.unshift(id);
    }
  }

  #isLocked({ lock }: StoredJob): boolean {
    return lock !== undefined && lock.untilMs > this.#nowMs();
  }

  #forget(id: string): void {
    this.#jobs.delete(id);
    this.#delayed.delete(id);
    for (const ended of Object.values(this.#ended)) ended.delete(id);
    this.#wait = this.#wait.filter((one) => one !== id);
    this.#active = this.#active.filter((one) => one !== id);
  }

  #notifyWaiters(): void {
    for (const notify of this.#waiters.splice(0)) notify();
  }
}

/**
 * Virtual time and the order of things: every call of a process to a disk or to Redis, and every timer,
 * waits here until a seeded die picks it. Between two picks all code runs to its next call, so a process
 * stops, dies or is overtaken at calls and timers, and nowhere else can it matter.
 */
import { Random } from '../random.ts';
import type { SimulatedProcess } from './simulated-process.ts';

interface Waiting {
  readonly process: SimulatedProcess;
  readonly atMs: number;
  readonly resume: () => void;
}

class Timer {
  readonly process: SimulatedProcess | undefined;
  readonly fire: () => void;
  readonly everyMs: number | undefined;
  atMs: number;
  isGone = false;

  constructor(
    process: SimulatedProcess | undefined,
    fire: () => void,
    atMs: number,
    everyMs: number | undefined,
  ) {
    this.process = process;
    this.fire = fire;
    this.atMs = atMs;
    this.everyMs = everyMs;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/** What the world itself does at a time. */
interface Event {
  readonly atMs: number;
  readonly happen: () => void;
}

export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}

const EPOCH_MS = 1_800_000_000_000;
/** A history that takes more has a loop in it. */
const STEPS_MAX = 400_000;

export class World {
  readonly random: Random;
  /** Since the beginning; never goes back. */
  nowMs = 0;
  steps = 0;
  current: SimulatedProcess | undefined;
  violation: Violation | undefined;
  #waiting: Waiting[] = [];
  readonly #ready: number[] = [];
  /** By their time. */
  readonly #timers: Timer[] = [];
  #events: Event[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** What the clock on the wall says to whoever runs now. */
  get wallMs(): number {
    return Math.floor(EPOCH_MS + this.nowMs + (this.current?.host.skewMs ?? 0));
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** The first violation counts: what follows may be its consequence. */
  violated(invariant: string, message: string): void {
    this.violation ??= new Violation(invariant, message);
  }

  /** Runs as a process: its timers and calls are its own. */
  as<T>(process: SimulatedProcess | undefined, run: () => T): T {
    const before = this.current;
    this.current = process;
    try {
      return run();
    } finally {
      this.current = before;
    }
  }

  /** Resolves when it is the call's turn; never, when its process died before. */
  turn(process: SimulatedProcess, latencyMs: number): Promise<void> {
    process.countCall();
    if (process.isDead) return new Promise(() => undefined);
    return new Promise((resume) => {
      this.#waiting.push({ process, atMs: this.nowMs + latencyMs, resume });
    });
  }

  addTimer(fire: () => void, ms: number, again: boolean): Timer {
    const everyMs = again ? Math.max(1, ms) : undefined;
    const atMs = this.nowMs + Math.max(1, Number.isFinite(ms) ? ms : 1);
    const timer = new Timer(this.current, fire, atMs, everyMs);
    if (timer.process?.isDead !== true) this.#place(timer);
    return timer;
  }

  removeTimer(timer: unknown): void {
    if (timer instanceof Timer) timer.isGone = true;
  }

  /** Something that happens to the world, not in a process. */
  at(atMs: number, happen: () => void): void {
    this.#events.push({ atMs, happen });
    this.#events.sort((a, b) => a.atMs - b.atMs);
  }

  /** What a process waited for never comes, and its timers never fire. */
  forget(process: SimulatedProcess): void {
    this.#waiting = this.#waiting.filter((one) => one.process !== process);
    for (const timer of this.#timers) if (timer.process === process) timer.isGone = true;
  }

  /** Runs until it is done, nothing is left, a violation, or this time. */
  async run(isDone: () => boolean, untilMs: number): Promise<void> {
    await drained();
    while (this.violation === undefined && this.nowMs <= untilMs && !isDone()) {
      if (!this.#step()) {
        if (!this.#pass()) return;
        continue;
      }
      await drained();
      this.current = undefined;
    }
  }

  /** False where nothing can happen now. */
  #step(): boolean {
    const event = this.#events[0];
    const isDue = event !== undefined && event.atMs <= this.nowMs;
    const timer = isDue ? undefined : this.#dueTimer();
    const ready = this.#readyCalls();
    if (!isDue && timer === undefined && ready.length === 0) return false;
    this.steps += 1;
    if (this.steps > STEPS_MAX) throw new Error(`no end after ${STEPS_MAX} steps`);
    if (isDue) {
      this.#events.shift();
      event.happen();
      return true;
    }
    // What a machine does takes time, most of it little.
    this.nowMs += this.random.next() * 0.5;
    if (timer !== undefined && (ready.length === 0 || this.random.chance(0.3))) this.#fire(timer);
    else this.#resume(this.#pickCall(ready));
    return true;
  }

  /** Always the same array: there are many steps. */
  #readyCalls(): readonly number[] {
    const ready = this.#ready;
    ready.length = 0;
    for (let index = 0; index < this.#waiting.length; index += 1) {
      const call = this.#waiting[index];
      if (call !== undefined && call.atMs <= this.nowMs && !call.process.isFrozenAt(this.nowMs))
        ready.push(index);
    }
    return ready;
  }

  /** Slow processes are picked rarely, so that others overtake them by far. */
  #pickCall(ready: readonly number[]): number {
    for (let tries = 0; ; tries += 1) {
      const index = this.random.pick(ready);
      const speed = this.#waiting[index]?.process.speed ?? 1;
      if (tries >= 20 || this.random.chance(speed)) return index;
    }
  }

  #resume(index: number): void {
    const [call] = this.#waiting.splice(index, 1);
    if (call === undefined) return;
    this.current = call.process;
    call.resume();
  }

  #dueTimer(): Timer | undefined {
    for (let first = this.#timers[0]; first?.isGone === true; first = this.#timers[0]) {
      this.#timers.shift();
    }
    for (const timer of this.#timers) {
      if (timer.atMs > this.nowMs) return undefined;
      if (!timer.isGone && timer.process?.isFrozenAt(this.nowMs) !== true) return timer;
    }
    return undefined;
  }

  #fire(timer: Timer): void {
    this.#timers.splice(this.#timers.indexOf(timer), 1);
    if (timer.everyMs !== undefined) {
      timer.atMs = this.nowMs + timer.everyMs;
      this.#place(timer);
    } else timer.isGone = true;
    this.current = timer.process;
    timer.fire();
  }

  /** Nothing can happen now: on to when something can. */
  #pass(): boolean {
    let nextMs = this.#events[0]?.atMs ?? Infinity;
    for (const { atMs, process } of this.#waiting)
      nextMs = Math.min(nextMs, Math.max(atMs, process.frozenUntilMs));
    for (const { atMs, process, isGone } of this.#timers) {
      if (atMs >= nextMs) break;
      if (!isGone) nextMs = Math.min(nextMs, Math.max(atMs, process?.frozenUntilMs ?? 0));
    }
    if (nextMs === Infinity) return false;
    this.nowMs = Math.max(this.nowMs, nextMs);
    return true;
  }

  #place(timer: Timer): void {
    let at = this.#timers.length;
    while (at > 0 && (this.#timers[at - 1]?.atMs ?? 0) > timer.atMs) at -= 1;
    this.#timers.splice(at, 0, timer);
  }
}

const { nextTick } = process;

const atNextTick = (resolve: () => void): void => nextTick(resolve);

/** After all that can run without a pick has run: Node does its ticks when no microtask is left. */
const drained = (): Promise<void> => new Promise(atNextTick);

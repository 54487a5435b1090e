/** A process's way to Redis, which can be cut: loudly, as by a refused connection, or in silence. */
import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { World } from '../world/world.ts';
import type { SimulatedServer } from './simulated-server.ts';

export type CutKind = 'refused' | 'silent';

const LATENCY_MS = 1.5;
const RECONNECT_MS = 200;

export class Wire {
  readonly process: SimulatedProcess;
  readonly server: SimulatedServer;
  readonly world: World;
  readonly #listeners = new Set<(isOpen: boolean) => void>();
  #cut: CutKind | undefined;
  #healed: (() => void)[] = [];

  constructor(world: World, process: SimulatedProcess, server: SimulatedServer) {
    this.world = world;
    this.process = process;
    this.server = server;
  }

  get cut(): CutKind | undefined {
    return this.#cut;
  }

  cutIt(kind: CutKind): void {
    if (this.#cut !== undefined) return;
    this.#cut = kind;
    if (kind === 'refused') this.#notify(false);
  }

  heal(): void {
    if (this.#cut === undefined) return;
    this.#cut = undefined;
    for (const resume of this.#healed.splice(0)) this.world.as(this.process, resume);
    this.world.as(this.process, () =>
      this.world.addTimer(() => this.#notify(true), RECONNECT_MS, false),
    );
  }

  onChange(listener: (isOpen: boolean) => void): void {
    this.#listeners.add(listener);
  }

  /** For callers that must not wait: a call in flight at a cut was done or not, and nobody knows. */
  async ask<T>(work: () => T): Promise<T> {
    await this.#turn();
    if (this.#cut === undefined) return work();
    if (this.world.random.chance(0.5)) work();
    if (this.#cut === 'silent') return new Promise(() => undefined);
    throw new Error('Connection is closed.');
  }

  /** For BullMQ's workers: waits for as long as it takes, and says it again after a cut. */
  async insist<T>(work: () => T): Promise<T> {
    await this.#turn();
    while (this.#cut !== undefined) {
      if (this.world.random.chance(0.3)) attempt(work);
      await new Promise<void>((resume) => this.#healed.push(resume));
      await this.#turn();
    }
    return work();
  }

  #turn(): Promise<void> {
    return this.world.turn(this.process, this.world.random.next() * LATENCY_MS);
  }

  #notify(isOpen: boolean): void {
    if (isOpen && this.#cut !== undefined) return;
    for (const listener of this.#listeners) this.world.as(this.process, () => listener(isOpen));
  }
}

function attempt(work: () => unknown): void {
  try {
    work();
  } catch {
    // Its answer is lost as well.
  }
}

import type { World } from './world.ts';

/** A machine's own wall clock, with its error. */
export interface Machine {
  readonly name: string;
  skewMs: number;
}

/** One process: it can die at any of its calls, stand still, and lose its way to Redis. */
export class SimulatedProcess {
  readonly name: string;
  readonly host: Machine;
  isDead = false;
  frozenUntilMs = 0;
  /** Share of its chances that it takes. */
  speed = 1;
  calls = 0;
  #diesAtCall = Infinity;
  /** Called when it dies, whatever killed it. */
  onDeath: () => void = () => undefined;
  readonly #world: World;

  constructor(world: World, name: string, host: Machine) {
    this.#world = world;
    this.name = name;
    this.host = host;
  }

  /** Dies before the call that comes after so many others. */
  dieAfter(calls: number): void {
    this.#diesAtCall = Math.min(this.#diesAtCall, this.calls + calls);
  }

  countCall(): void {
    this.calls += 1;
    if (this.calls > this.#diesAtCall) this.kill();
  }

  kill(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#world.forget(this);
    this.onDeath();
  }

  isFrozenAt(nowMs: number): boolean {
    return nowMs < this.frozenUntilMs;
  }
}

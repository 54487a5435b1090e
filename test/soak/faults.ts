import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProcess, RunningRedis } from '@walq/test-support';
import type { Scene } from '../scene/index.ts';

export type Role = 'producer' | 'worker';

/** The processes of a soak, by name; each is started again when a fault ended it. */
export class Cast {
  restarts = 0;
  readonly #scene: Scene;
  readonly #roles = new Map<string, { role: Role; running: RunningProcess }>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  async start(name: string, role: Role): Promise<void> {
    const args = role === 'worker' ? ['worker', '--concurrency', '2'] : ['producer'];
    this.#roles.set(name, { role, running: await this.#scene.start(...args) });
  }

  async endAndRestart(name: string, signal: NodeJS.Signals): Promise<void> {
    const { role, running } = this.#of(name);
    await running.kill(signal);
    this.restarts += 1;
    await this.start(name, role);
  }

  async freeze(name: string, ms: number): Promise<void> {
    const { running } = this.#of(name);
    running.send('SIGSTOP');
    await sleep(ms);
    running.send('SIGCONT');
  }

  running(): readonly [name: string, RunningProcess][] {
    return [...this.#roles].map(([name, { running }]) => [name, running]);
  }

  async end(): Promise<void> {
    await Promise.all(this.running().map(([, running]) => running.kill('SIGTERM')));
  }

  #of(name: string) {
    const found = this.#roles.get(name);
    if (found === undefined) throw new Error(`no process '${name}'`);
    return found;
  }
}

type Fault = (cast: Cast, redis: RunningRedis) => Promise<void>;

/** What happens to a running walq, by name. */
export const faults: Readonly<Record<string, Fault>> = {
  'worker killed': (cast) => cast.endAndRestart('worker-1', 'SIGKILL'),
  'other worker killed': (cast) => cast.endAndRestart('worker-2', 'SIGKILL'),
  'worker ended by SIGTERM': (cast) => cast.endAndRestart('worker-1', 'SIGTERM'),
  'worker frozen': (cast) => cast.freeze('worker-2', 3_000),
  'producer killed': (cast) => cast.endAndRestart('producer', 'SIGKILL'),
  'redis killed': async (_, redis) => {
    await redis.kill();
    await redis.start();
  },
  'redis emptied': (_, redis) => redis.flushAll(),
  'redis restarted empty': (_, redis) => redis.restartEmpty(),
  'redis frozen': async (_, redis) => {
    redis.freeze();
    await sleep(3_000);
    redis.resume();
  },
};

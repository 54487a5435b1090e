/** As much of an ioredis client as a link of walq uses. */
import { EventEmitter } from 'node:events';
import type { SimulatedQueueState } from './simulated-server.ts';
import { wireOf } from './wires.ts';
import type { Wire } from './wire.ts';

const INFO = ['redis_version:7.2.0', 'aof_enabled:1', 'maxmemory_policy:noeviction'].join('\r\n');

export class SimulatedRedis extends EventEmitter {
  readonly wire: Wire;
  status = 'connecting';
  #isClosed = false;

  constructor({ host }: { readonly host: string }) {
    super();
    this.wire = wireOf(host);
    this.wire.onChange((isOpen) => (isOpen ? this.#ready() : this.#lost()));
    this.wire.world.addTimer(() => this.#connect(), 1, false);
  }

  info(): Promise<string> {
    return this.wire.ask(() => INFO);
  }

  async config(): Promise<readonly string[]> {
    return ['save', '3600 1'];
  }

  set(key: string, text: string, _px: 'PX', ms: number, nx?: 'NX'): Promise<string | null> {
    return this.wire.ask(() => this.wire.server.texts.set(key, text, ms, nx === 'NX'));
  }

  getrange(key: string, from: number, to: number): Promise<string> {
    return this.wire.ask(() => this.wire.server.texts.get(key).slice(from, to + 1));
  }

  /** Redis runs on a host of its own, whose clock is right. */
  time(): Promise<readonly string[]> {
    const { world } = this.wire;
    const nowMs = (): number => world.as(undefined, () => world.wallMs);
    return this.wire.ask(() => [String(Math.floor(nowMs() / 1_000)), '0']);
  }

  /** Of the jobs that back off alone, which BullMQ sorts by the millisecond of their end and twelve bits. */
  zrangebyscore(key: string, least: number, most: number | '+inf'): Promise<readonly string[]> {
    const toMs = most === '+inf' ? Infinity : most / 0x1000;
    return this.wire.ask(() => this.#queueOf(key).delayedBetween(least / 0x1000, toMs));
  }

  /** Whether a queue is paused, which is all that walq asks. */
  hexists(key: string, _field: 'paused'): Promise<0 | 1> {
    return this.wire.ask(() => (this.#queueOf(key).isPaused ? 1 : 0));
  }

  zmscore(key: string, ids: readonly string[]): Promise<readonly (number | null)[]> {
    return this.wire.ask(() => this.#queueOf(key).delayedUntil(ids));
  }

  /** One of walq's scripts, which begin with their names. */
  eval(script: string, keys: number, key: string, ...more: readonly string[]): Promise<unknown> {
    return this.wire.ask(() => {
      const queue = this.#queueOf(key);
      if (script.startsWith('-- count segments')) return queue.segmentCounts();
      if (script.startsWith('-- read payloads')) return queue.payloads();
      if (script.startsWith('-- update a locked job')) {
        const [, , id = ''] = key.split(':');
        const [token = '', data = ''] = more.slice(keys - 1);
        return queue.updateLocked(id, token, data);
      }
      // walq takes any failure for one of Redis, and tries again.
      return this.wire.world.violated('code', `there is no simulated script for: ${script}`);
    });
  }

  multi(): SimulatedTransaction {
    return new SimulatedTransaction(this.wire);
  }

  disconnect(again = false): void {
    if (!again) {
      this.#isClosed = true;
      this.status = 'end';
      return;
    }
    this.#lost();
    this.wire.world.addTimer(() => this.#connect(), 1_000, false);
  }

  /** Of one of its keys. */
  #queueOf(key: string): SimulatedQueueState {
    const [, name = ''] = key.split(':');
    return this.wire.server.queue(name);
  }

  #connect(): void {
    if (this.wire.cut === undefined) this.#ready();
    else this.#lost();
  }

  #ready(): void {
    if (this.#isClosed || this.status === 'ready') return;
    this.status = 'ready';
    this.emit('ready');
  }

  #lost(): void {
    if (this.#isClosed) return;
    this.status = 'reconnecting';
    this.emit('close');
  }
}

/** What roles say of themselves goes nowhere: nothing relies on it. */
class SimulatedTransaction {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  sadd = (): this => this;
  srem = (): this => this;
  set = (): this => this;
  del = (): this => this;

  exec(): Promise<readonly unknown[]> {
    return this.#wire.ask(() => []);
  }
}

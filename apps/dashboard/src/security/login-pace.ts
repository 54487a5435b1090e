/**
 * How quickly credentials may be tried. Whoever has tried too often waits for a turn, and is not locked out: right
 * credentials still get in from there, only later. The sum over all clients is bounded as well, save for networks
 * from which somebody has logged in before: guessing from many addresses keeps none of these out.
 */
import { networkOf } from '@walq/role';
import { setTimeout as sleep } from 'node:timers/promises';
import { Turns } from './turns.ts';

/** Of one network: ten at once, and then one in three seconds. */
const OF_NETWORK = { atOnce: 10, intervalMs: 3_000 };
const OF_ALL = { atOnce: 60, intervalMs: 500 };
/** Whose turn would come later than this is refused. */
const WAIT_MS_MAX = 6_000;
const NETWORKS_MAX = 10_000;
const KNOWN_MAX = 1_000;

/** Who it is; or, where the credentials are wrong or were not looked at, how long until the next try. */
export type Attempt = { readonly user: string } | { readonly waitS: number };

export class LoginPace {
  readonly #now: () => number;
  readonly #all = new Turns(OF_ALL);
  readonly #networks = new Map<string, Turns>();
  readonly #known = new Set<string>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Looks at credentials when it is this client's turn; `waitS` is 0 where they are wrong. */
  async attempt(address: string, admit: () => string | undefined): Promise<Attempt> {
    const network = networkOf(address);
    const turns = this.#turnsFor(network);
    const waitMs = Math.max(...turns.map((one) => one.waitMs(this.#now())));
    if (waitMs > WAIT_MS_MAX) return { waitS: Math.ceil((waitMs - WAIT_MS_MAX) / 1_000) };
    for (const one of turns) one.take(this.#now());
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
    const user = admit();
    if (user === undefined) return { waitS: 0 };
    for (const one of turns) one.giveBack();
    this.#remember(network);
    return { user };
  }

  #turnsFor(network: string): Turns[] {
    const own = this.#networks.get(network) ?? new Turns(OF_NETWORK);
    this.#networks.delete(network);
    this.#networks.set(network, own);
    forgetFirst(this.#networks, NETWORKS_MAX);
    return this.#known.has(network) ? [own] : [own, this.#all];
  }

  #remember(network: string): void {
    this.#known.delete(network);
    this.#known.add(network);
    forgetFirst(this.#known, KNOWN_MAX);
  }
}

/** The one that was used least recently makes room. */
function forgetFirst(some: Map<string, unknown> | Set<string>, countMax: number): void {
  const [first] = some.keys();
  if (some.size > countMax && first !== undefined) some.delete(first);
}

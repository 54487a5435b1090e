/** The open connections of one server, the least recently used first. */
import type { Socket } from 'node:net';
import { networkOf } from './network-of.ts';

/** A client sends the next request when it has the answer; this leaves room for one that is quicker. */
const REQUESTS_AT_ONCE_MAX = 4;

interface Use {
  readonly network: string;
  requests: number;
}

export class Connections {
  readonly #countMax: number;
  readonly #kept: Pick<WeakSet<Socket>, 'has'>;
  readonly #open = new Map<Socket, Use>();

  /** @param kept those that never give way */
  constructor(countMax: number, kept: Pick<WeakSet<Socket>, 'has'>) {
    this.#countMax = countMax;
    this.#kept = kept;
  }

  /** One more; where there are too many, another one gives way, or this one where none may. */
  add(socket: Socket): void {
    this.#open.set(socket, { network: networkOf(socket.remoteAddress ?? ''), requests: 0 });
    socket.once('close', () => this.#open.delete(socket));
    if (this.#open.size > this.#countMax) this.#yielding()?.destroy();
  }

  /** A request begins; false where the connection has too many that are not answered. */
  begin(socket: Socket): boolean {
    const use = this.#open.get(socket);
    if (use === undefined || use.requests >= REQUESTS_AT_ONCE_MAX) return false;
    use.requests += 1;
    this.#open.delete(socket);
    this.#open.set(socket, use);
    return true;
  }

  end(socket: Socket): void {
    const use = this.#open.get(socket);
    if (use !== undefined) use.requests -= 1;
  }

  /** The least recently used of the network that has most: who takes all of them crowds out nobody else. */
  #yielding(): Socket | undefined {
    const counts = new Map<string, number>();
    const candidates = [...this.#open].filter(([socket]) => !this.#kept.has(socket));
    for (const [, { network }] of candidates) counts.set(network, (counts.get(network) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return candidates.find(([, { network }]) => counts.get(network) === most)?.[0];
  }
}

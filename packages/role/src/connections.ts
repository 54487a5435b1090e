/** The open connections of one server, the least recently used first. */
import { isIPv4, isIPv6, type Socket } from 'node:net';

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

const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;

/**
 * What one client has of addresses: an IPv4 address, also where it is written as IPv6, or the 64 leading bits of
 * an IPv6 address, below which a client may choose any.
 */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(plain) || !isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from(
    { length: Math.max(0, GROUPS - groups.length - after.length) },
    () => '0',
  );
  const network = [...groups, ...zeros, ...after].slice(0, GROUPS_OF_NETWORK);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

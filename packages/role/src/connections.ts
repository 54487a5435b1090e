/** The open connections of one server, least recently used first. */
import { isIPv4, isIPv6, type Socket } from 'node:net';

/** A client normally waits for the response before it sends the next request; this allows a little pipelining. */
const REQUESTS_AT_ONCE_MAX = 4;

interface Use {
  readonly network: string;
  requests: number;
}

export class Connections {
  readonly #countMax: number;
  readonly #kept: Pick<WeakSet<Socket>, 'has'>;
  readonly #open = new Map<Socket, Use>();

  /** @param kept connections that are never closed for others */
  constructor(countMax: number, kept: Pick<WeakSet<Socket>, 'has'>) {
    this.#countMax = countMax;
    this.#kept = kept;
  }

  /** Adds a connection. If there are too many, closes another one, or this one if no other may be closed. */
  add(socket: Socket): void {
    this.#open.set(socket, { network: networkOf(socket.remoteAddress ?? ''), requests: 0 });
    socket.once('close', () => this.#open.delete(socket));
    if (this.#open.size > this.#countMax) this.#closable()?.destroy();
  }

  /** A request begins; false if the connection has too many unanswered ones. */
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

  /** The least recently used connection of the network with the most: one client cannot crowd out others. */
  #closable(): Socket | undefined {
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
 * The network that counts as one client: an IPv4 address, also if written as IPv6, or the first 64 bits of an IPv6
 * address, because a client can choose the other 64.
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

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterThisTest } from './this-test.ts';

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  isDark: boolean;
}

/**
 * Stands before a TCP server. A connection that goes dark stays open on both ends and carries nothing any
 * more, for ever, as where a firewall forgot it or a host lost its power.
 */
class BlackHoleProxy {
  readonly #target: number;
  readonly #connections = new Set<Connection>();
  readonly #server: Server;
  /** Also connections to come are taken, and never answered. */
  swallowsNew = false;

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#pass(client));
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    return address.port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** What is connected now goes dark; gives the number of connections. */
  goDark(): number {
    const lit = [...this.#connections].filter(({ isDark }) => !isDark);
    for (const connection of lit) connection.isDark = true;
    return lit.length;
  }

  async close(): Promise<void> {
    for (const { client, server } of this.#connections) {
      client.destroy();
      server.destroy();
    }
    this.#server.close();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  #pass(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    const connection = { client, server, isDark: this.swallowsNew };
    this.#connections.add(connection);
    carry(connection, client, server);
    carry(connection, server, client);
  }
}

/** Neither what is sent nor that an end closes gets through a dark connection. */
function carry(connection: Connection, from: Socket, to: Socket): void {
  const unlessDark = (does: () => void) => (): void => {
    if (!connection.isDark) does();
  };
  from.on('data', (bytes) => unlessDark(() => to.write(bytes))());
  from.on('error', () => undefined);
  from.on(
    'close',
    unlessDark(() => to.destroy()),
  );
}

/** Starts one before a server of this machine. Within a test it is closed when the test ends. */
export async function startBlackHoleProxy(target: number): Promise<BlackHoleProxy> {
  const proxy = new BlackHoleProxy(target);
  await proxy.listen();
  afterThisTest(() => proxy.close());
  return proxy;
}

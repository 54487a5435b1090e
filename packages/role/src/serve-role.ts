/**
 * The listener of a role, for supervisors and for Prometheus: without authentication, and with nothing to
 * steal. Node's own HTTP server is enough for three answers; a framework would cost each worker 9 MB.
 */
import { showAddress, type Address } from '@walq/config';
import { WalqError } from '@walq/wal-core/internal';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { createBoundedServer } from './bounded-server.ts';
import { answerRequest, MetricsText, type Answers } from './answer-request.ts';

export interface RoleListenerOptions extends Omit<Answers, 'hosts'> {
  readonly listen: Address | 'off';
  /** Names beyond its own under which it answers. @default none */
  readonly allowedHosts?: readonly string[];
  readonly logger: Logger;
}

export interface RoleListener {
  /** Where it listens; undefined where it does not, or the port is still taken. */
  readonly address: string | undefined;
  close(): Promise<void>;
}

const RETRY_MS = 10_000;
/** Few ask: Prometheus and a supervisor, each on a connection of its own that ends with the answer. */
const BOUNDS = { connectionsMax: 64, requestsPerConnectionMax: 1 };

/**
 * Archiving matters more than being watched: where the port is taken, it says so and takes it once it is
 * free. Rejects with `configuration-invalid` where it never could listen.
 */
export async function serveRole(options: RoleListenerOptions): Promise<RoleListener> {
  const { listen } = options;
  if (listen === 'off') return { address: undefined, close: async () => undefined };
  const server = newServer(options, listen);
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (): Promise<void> => {
    if (await tryToListen(server, listen)) return;
    timer = setTimeout(() => void retry(), RETRY_MS);
  };
  const retry = async (): Promise<void> => {
    await attempt().catch((err: unknown) =>
      options.logger.error(
        { err },
        'unable to serve metrics and health at metrics.listen: this process does without',
      ),
    );
    if (server.listening) options.logger.info({ address: addressOf(server) }, 'metrics are served');
  };
  await attempt();
  if (!server.listening) options.logger.warn(taken(listen));
  return {
    get address() {
      return addressOf(server);
    },
    close: () => {
      clearTimeout(timer);
      return close(server);
    },
  };
}

function newServer(options: RoleListenerOptions, { host: listen }: Address): Server {
  const { role, health, logger, allowedHosts: allowed = [] } = options;
  const metrics = new MetricsText(options.metrics);
  const answers = { role, health, metrics, hosts: { listen, allowed } };
  const server = createBoundedServer(BOUNDS, (request, response) => {
    answerRequest(answers, request, response).catch((err: unknown) => {
      logger.error({ err }, 'unable to answer a request for metrics or health');
      response.destroy();
    });
  });
  // What goes wrong while it begins to listen is answered there; later, archiving goes on without it.
  server.on('error', (err) => logger.debug({ err }, 'the listener of metrics and health'));
  // A connection that breaks is its client's business.
  server.on('clientError', (_, socket) => socket.destroy());
  return server;
}

/** False where the port is taken. */
async function tryToListen(server: Server, { host, port }: Address): Promise<boolean> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return true;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE') return false;
    throw new WalqError('configuration-invalid', {
      message: `unable to serve metrics and health at ${showAddress({ host, port })}: ${String(code)}`,
      hint: 'Check metrics.listen: an address of this host and a port that this user may take.',
      cause,
    });
  }
}

const taken = (listen: Address): string =>
  `metrics and health are not served yet: ${showAddress(listen)} is taken; give each role of this host an address of its own (WALQ_METRICS__LISTEN), as walq up does`;

function addressOf(server: Server): string | undefined {
  const address = server.address();
  if (address === null || typeof address === 'string') return undefined;
  return showAddress({ host: address.address, port: address.port });
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

/** Why a role without a Redis that takes its jobs is not ready; in words that its probes show. */
export function redisReasons(redis: string, problem: string | undefined): readonly string[] {
  if (redis === 'ok') return [];
  const what = redis === 'refusing' ? 'redis takes no jobs' : 'redis is unreachable';
  return [problem === undefined ? what : `${what}: ${problem}`];
}

/**
 * The listener of a role, for supervisors and Prometheus. It has no authentication and serves no secrets. Node's own HTTP
 * server is enough for three paths; a framework would cost each worker 9 MB.
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
  /** Host names that it accepts in addition to its own. @default none */
  readonly allowedHosts?: readonly string[];
  readonly logger: Logger;
}

export interface RoleListener {
  /** The address it listens on; undefined if it does not, or not yet because the port is in use. */
  readonly address: string | undefined;
  close(): Promise<void>;
}

const RETRY_MS = 10_000;
/** Clients are Prometheus and a supervisor; each request has its own connection. */
const BOUNDS = { connectionsMax: 64, requestsPerConnectionMax: 1 };

/**
 * If the port is in use, this logs a warning and keeps trying, because archiving matters more than metrics.
 *
 * @throws WalqError `configuration-invalid` if it can never listen on the address
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
        'could not serve metrics and health at metrics.listen; continuing without them',
      ),
    );
    if (server.listening)
      options.logger.info({ address: addressOf(server) }, 'serving metrics and health');
  };
  await attempt();
  if (!server.listening) options.logger.warn(portInUse(listen));
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
      logger.error({ err }, 'could not answer a request for metrics or health');
      response.destroy();
    });
  });
  // `tryToListen` handles errors of `listen`. A later error must not end the role.
  server.on('error', (err) => logger.debug({ err }, 'the listener for metrics and health failed'));
  // A broken connection is not an error of this role.
  server.on('clientError', (_, socket) => socket.destroy());
  return server;
}

/** False if the port is in use. */
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
      hint: 'Set metrics.listen to an address of this host and a port that this user may bind.',
      cause,
    });
  }
}

const portInUse = (listen: Address): string =>
  `could not serve metrics and health: ${showAddress(listen)} is in use; retrying. Change metrics.listen (WALQ_METRICS__LISTEN): each role on this host needs its own. walq up uses this port and the following ones`;

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

/** Why Redis keeps a role from being ready, as text for `/readyz`; empty if it does not. */
export function redisReasons(redis: string, problem: string | undefined): readonly string[] {
  if (redis === 'ok') return [];
  const what = redis === 'refusing' ? 'Redis rejects writes' : 'Redis is unreachable';
  return [problem === undefined ? what : `${what}: ${problem}`];
}

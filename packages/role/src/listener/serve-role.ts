/**
 * The listener of a role, for supervisors and for Prometheus: without authentication, and with nothing to
 * steal. Node's own HTTP server is enough for three answers; a framework would cost each worker 9 MB.
 */
import { showAddress, WalqError, type Address } from '@walq/wal-core';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Logger } from 'pino';
import { answerRequest, type Answers } from './answer-request.ts';

export interface RoleListenerOptions extends Answers {
  readonly listen: Address | 'off';
  readonly logger: Logger;
}

export interface RoleListener {
  /** Where it listens; undefined where it does not, or the port is still taken. */
  readonly address: string | undefined;
  close(): Promise<void>;
}

const RETRY_MS = 10_000;
const HEADER_BYTES_MAX = 8_192;
const REQUEST_MS_MAX = 10_000;

/**
 * Archiving matters more than being watched: where the port is taken, it says so and takes it once it is
 * free. Rejects with `configuration-invalid` where it never could listen.
 */
export async function serveRole(options: RoleListenerOptions): Promise<RoleListener> {
  const { listen } = options;
  if (listen === 'off') return { address: undefined, close: async () => undefined };
  const server = newServer(options);
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

function newServer(options: RoleListenerOptions): Server {
  const server = createServer(
    { maxHeaderSize: HEADER_BYTES_MAX, requestTimeout: REQUEST_MS_MAX },
    (request, response) => {
      answerRequest(options, request, response).catch((err: unknown) => {
        options.logger.error({ err }, 'unable to answer a request for metrics or health');
        response.destroy();
      });
    },
  );
  // What goes wrong while it begins to listen is answered there; later, archiving goes on without it.
  server.on('error', (err) => options.logger.debug({ err }, 'the listener of metrics and health'));
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

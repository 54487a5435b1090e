import type { FastifyInstance } from 'fastify';

/** The port that a server listens on; differs from the one asked for where that was 0. */
export function listeningPort(server: Pick<FastifyInstance, 'addresses'>): number {
  const [address] = server.addresses();
  if (typeof address === 'object') return address.port;
  throw new TypeError('this server does not listen on a port');
}

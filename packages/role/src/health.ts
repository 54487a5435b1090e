/** `/healthz` and `/readyz` of one role, for supervisors and load balancers. */
import type { Address } from '@walq/wal-core';
import { listeningPort } from './listening-port.ts';

/** What a role says of itself. Both are asked at each request and must answer at once. */
export interface Health {
  /** What keeps this role from its work now, in a few words each; none when it is ready. */
  notReady(): readonly string[];
  /** Why the process should be restarted; undefined while it is sound. An absent Redis is no reason. */
  unsound?(): string | undefined;
}

export interface HealthListener {
  /** The port listened on, where the address left it open with 0. */
  readonly port: number;
  close(): Promise<void>;
}

/** Listens at an address. Loaded on demand: a role without a health address carries no HTTP server. */
export async function serveHealth(
  address: Address,
  role: string,
  health: Health,
): Promise<HealthListener> {
  const { fastify } = await import('fastify');
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.get('/healthz', async (_request, reply) => {
    const why = health.unsound?.();
    return reply.code(why === undefined ? 200 : 503).send({ role, ok: why === undefined, why });
  });
  server.get('/readyz', async (_request, reply) => {
    const why = health.notReady();
    return reply.code(why.length === 0 ? 200 : 503).send({ role, ready: why.length === 0, why });
  });
  await server.listen(address);
  return { port: listeningPort(server), close: () => server.close() };
}

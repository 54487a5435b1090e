import { networkOf } from '@walq/role';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuse } from '../security/guard.ts';
import { csrfFor } from '../security/sessions.ts';
import type { CurrentState } from '../state/current-state.ts';
import { streamHeaders, type EventStream } from './event-stream.ts';

export interface StateParts {
  readonly current: CurrentState;
  readonly events: EventStream;
}

export function addStateRoutes(server: FastifyInstance, parts: StateParts): void {
  const { current, events } = parts;
  server.get('/api/session', async ({ user }) => ({ user, csrf: csrfFor(user) }));
  server.get('/api/state', async () => current.get());
  server.head('/api/events', async (_request, reply) => reply.headers(streamHeaders).send());
  server.get('/api/events', { exposeHeadRoute: false }, async (request, reply) => {
    const client = { session: sessionOf(request), network: networkOf(request.ip) };
    if (!events.add(reply, client, JSON.stringify(current.get()))) {
      return refuse(reply, 503, 'too many pages are open', 'Close some of them.');
    }
  });
}

/** A login of its own for each browser; without one, who asks and from where. */
function sessionOf({ session, user, ip }: FastifyRequest): string {
  return session.user === undefined ? `${user} at ${networkOf(ip)}` : session.sessionId;
}

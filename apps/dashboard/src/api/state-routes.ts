import { networkOf } from '@walq/role';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Guard } from '../security/guard.ts';
import { SESSION_COOKIE } from '../security/session.ts';
import { refuse } from '../security/refuse.ts';
import type { CurrentState } from '../state/current-state.ts';
import { streamHeaders, type EventStream } from './event-stream.ts';

export interface StateParts {
  readonly current: CurrentState;
  readonly events: EventStream;
  readonly guard: Guard;
}

export function addStateRoutes(server: FastifyInstance, parts: StateParts): void {
  const { current, events, guard } = parts;
  server.get('/api/session', async ({ user }) => ({ user, csrf: guard.sessions.csrfFor(user) }));
  server.get('/api/state', async () => current.get());
  server.head('/api/events', async (_request, reply) => reply.headers(streamHeaders).send());
  server.get('/api/events', { exposeHeadRoute: false }, async (request, reply) => {
    const client = { session: sessionOf(guard, request), network: networkOf(request.ip) };
    if (!events.add(reply, client, JSON.stringify(current.get()))) {
      return refuse(reply, 503, 'too many pages are open', 'Close some of them.');
    }
  });
}

/** A login of its own for each browser; without one, who asks and from where. */
function sessionOf({ sessions }: Guard, { cookies, user, ip }: FastifyRequest): string {
  const cookie = cookies[SESSION_COOKIE];
  const isLogin = cookie !== undefined && sessions.userOf(cookie) !== undefined;
  return isLogin ? cookie : `${user} at ${networkOf(ip)}`;
}

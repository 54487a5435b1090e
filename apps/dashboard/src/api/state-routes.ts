import type { FastifyInstance } from 'fastify';
import type { Guard } from '../security/guard.ts';
import { refuse } from '../security/refuse.ts';
import type { CurrentState } from '../state/current-state.ts';
import type { EventStream } from './event-stream.ts';

export interface StateParts {
  readonly current: CurrentState;
  readonly events: EventStream;
  readonly guard: Guard;
}

export function addStateRoutes(server: FastifyInstance, parts: StateParts): void {
  const { current, events, guard } = parts;
  server.get('/api/session', async ({ user }) => ({ user, csrf: guard.sessions.csrfFor(user) }));
  server.get('/api/state', async () => current.get());
  server.get('/api/events', async (_request, reply) => {
    if (!events.add(reply, JSON.stringify(current.get()))) {
      return refuse(reply, 503, 'too many pages are open', 'Close some of them.');
    }
  });
}

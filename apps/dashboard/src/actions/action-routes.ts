/** What a person may do. In read-only mode none of these routes exists. Each is logged with who and when. */
import type { Operator } from '@walq/archive-queue';
import type { SourceWatch } from '@walq/role';
import { asWalqError, type ArchiveStore } from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { unknownSource } from '../api/source-routes.ts';
import { refuse } from '../security/guard.ts';
import { isCsrfFor } from '../security/sessions.ts';
import { actions, type Action } from './actions.ts';

export interface ActionParts {
  readonly sources: readonly ConfiguredSource[];
  readonly storeOf: (source: ConfiguredSource) => ArchiveStore;
  readonly operator: Operator;
  readonly watch: SourceWatch;
  readonly logger: Logger;
  /** The page should show what was done. */
  readonly onDone: () => void;
}

export function addActionRoutes(server: FastifyInstance, parts: ActionParts): void {
  for (const [name, action] of Object.entries(actions)) {
    server.post(`/api/sources/:source/${name}`, async (request, reply) => {
      const named = (request.params as { readonly source?: string }).source;
      const source = parts.sources.find((one) => one.name === named);
      if (source === undefined) return unknownSource(reply);
      if (!isFromPage(request)) {
        return refuse(reply, 403, 'this action did not come from the page', 'Reload the page.');
      }
      const body = action.body.safeParse(request.body ?? {});
      if (!body.success) return refuse(reply, 400, 'this action lacks what it is about');
      return run(parts, { name, action, source, body: body.data, request, reply });
    });
  }
}

/** A script with a token of its own cannot be made to act by a foreign page. */
function isFromPage({ headers, user }: FastifyRequest): boolean {
  if (headers.authorization?.toLowerCase().startsWith('bearer ') === true) return true;
  return isCsrfFor(user, headers['x-walq-csrf']);
}

interface Running {
  readonly name: string;
  readonly action: Action;
  readonly source: ConfiguredSource;
  readonly body: Readonly<Record<string, string>>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function run(parts: ActionParts, running: Running): Promise<unknown> {
  const { storeOf, operator, watch, logger } = parts;
  const { name, action, source, body, request, reply } = running;
  const by = { action: name, source: source.name, ...body, who: request.user, from: request.ip };
  try {
    const place = { source, store: storeOf(source), operator, who: request.user };
    const look = watch.snapshots().get(source.name)?.look ?? null;
    const message = await action.run({ ...place, look }, body);
    logger.info(by, 'action done');
    watch.lookSoon(source.name);
    parts.onDone();
    return { message };
  } catch (error) {
    const { code, message, hint } = asWalqError(error);
    logger.warn({ ...by, code }, `action failed: ${message}`);
    return reply.code(code === 'usage' ? 409 : 503).send({ code, message, hint });
  }
}

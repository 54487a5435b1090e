/** The actions of the archive page. None of these routes exists in read-only mode. Each action is logged with its user. */
import type { Operator } from '@walq/archive-queue';
import type { ConfiguredSource } from '@walq/config';
import type { SourceWatch } from '@walq/role';
import {
  asWalqError,
  explainKnownGap,
  releaseSegment,
  RepairLog,
  WalqError,
  type ArchiveStore,
  type RepairTarget,
  type Source,
  type SourceSnapshot,
} from '@walq/wal-core/internal';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { sendError } from '../security/guard.ts';
import { isCsrfFor } from '../security/sessions.ts';
import { unknownSource } from './read-routes.ts';

export interface ActionParts {
  readonly sources: readonly ConfiguredSource[];
  readonly storeOf: (source: ConfiguredSource) => ArchiveStore;
  readonly operator: Operator;
  readonly watch: SourceWatch;
  readonly logger: Logger;
  /** Called after each action, to refresh the page. */
  readonly onDone: () => void;
}

export function addActionRoutes(server: FastifyInstance, parts: ActionParts): void {
  for (const [name, action] of Object.entries(actions)) {
    server.post(`/api/sources/:source/${name}`, async (request, reply) => {
      const named = (request.params as { readonly source?: string }).source;
      const source = parts.sources.find((one) => one.name === named);
      if (source === undefined) return unknownSource(reply);
      if (!isFromPage(request)) {
        return sendError(reply, 403, 'the CSRF token is missing or outdated', 'Reload the page.');
      }
      const body = action.body.safeParse(request.body ?? {});
      if (!body.success)
        return sendError(reply, 400, `the request body does not fit the action ${name}`);
      return run(parts, { name, action, source, body: body.data, request, reply });
    });
  }
}

/** A bearer token proves the caller: a foreign page cannot make a browser send one. */
function isFromPage({ headers, user }: FastifyRequest): boolean {
  if (headers.authorization?.toLowerCase().startsWith('bearer ') === true) return true;
  return isCsrfFor(user, headers['x-walq-csrf']);
}

interface ActionCall {
  readonly name: string;
  readonly action: Action;
  readonly source: ConfiguredSource;
  readonly body: Readonly<Record<string, string>>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function run(parts: ActionParts, call: ActionCall): Promise<unknown> {
  const { storeOf, operator, watch, logger } = parts;
  const { name, action, source, body, request, reply } = call;
  const fields = {
    action: name,
    source: source.name,
    ...body,
    who: request.user,
    from: request.ip,
  };
  try {
    const snapshot = watch.snapshots().get(source.name)?.snapshot ?? null;
    const context = { source, store: storeOf(source), operator, who: request.user, snapshot };
    const message = await action.run(context, body);
    logger.info(fields, 'action done');
    watch.scanSoon(source.name);
    parts.onDone();
    return { message };
  } catch (error) {
    const { code, message, hint } = asWalqError(error);
    logger.warn({ ...fields, code }, `action failed: ${message}`);
    return reply.code(code === 'usage' ? 409 : 503).send({ code, message, hint });
  }
}

interface ActionContext {
  readonly source: Source;
  readonly store: ArchiveStore;
  readonly operator: Operator;
  /** The authenticated user. */
  readonly who: string;
  /** The latest snapshot of the source; null where this host cannot read it. */
  readonly snapshot: SourceSnapshot | null;
}

interface Action {
  readonly body: z.ZodType<Readonly<Record<string, string>>>;
  /** Resolves to the message for the user. */
  run(context: ActionContext, body: Readonly<Record<string, string>>): Promise<string>;
}

const name = z.string().min(1).max(1_024);
const nothing = z.strictObject({});

const action = <Body extends Readonly<Record<string, string>>>(
  body: z.ZodType<Body>,
  run: (context: ActionContext, body: Body) => Promise<string>,
): Action => ({ body, run: async (context, input) => run(context, body.parse(input)) });

const actions: Readonly<Record<string, Action>> = {
  pause: action(nothing, async ({ operator, source, who }) => {
    await operator.pause(source.name, `${who}, on the archive page`);
    return `${source.name} is paused. Workers take none of its segments until you resume it.`;
  }),

  resume: action(nothing, async ({ operator, source }) => {
    await operator.resume(source.name);
    return `${source.name} is resumed.`;
  }),

  retry: action(z.strictObject({ segment: name }), async ({ operator, source }, { segment }) => {
    if (await operator.retry(source.name, segment)) return `${segment} is retried now.`;
    return `${segment} is not waiting for a retry: it is in progress, archived or in quarantine.`;
  }),

  'retry-all': action(nothing, async ({ operator, source }) => {
    const count = await operator.retryAll(source.name);
    return count === 1 ? '1 segment is retried now.' : `${count} segments are retried now.`;
  }),

  release: action(z.strictObject({ record: name }), async (context, { record }) => {
    const { quarantined } = snapshotIn(context);
    const known = quarantined.find((one) => one.record === record);
    if (known === undefined) {
      throw new WalqError('usage', {
        message: 'this segment is no longer in quarantine',
        hint: 'Reload the page.',
      });
    }
    await releaseSegment(repairOf(context), known);
    // The producer's next snapshot finds the segment due and replaces its ended job.
    return `${known.segment} is released. It returns to the queue within 30 seconds.`;
  }),

  'acknowledge-gap': action(
    z.strictObject({ after: name, before: name, reason: z.string().trim().min(3).max(1_000) }),
    async (context, { after, before, reason }) => {
      const { gaps } = snapshotIn(context);
      await explainKnownGap(repairOf(context), gaps, { after, before, reason, by: context.who });
      return `The gap after ${after} is acknowledged.`;
    },
  ),
};

/** `walq repair` shows these actions in its history. */
function repairOf({ store, source: { name: source }, who }: ActionContext): RepairTarget {
  return {
    store,
    source,
    log: new RepairLog({ store, source, by: `${who}, on the archive page` }),
  };
}

/** The dashboard changes nothing at a source that its host cannot read. */
function snapshotIn({ source: { name: source }, snapshot }: ActionContext): SourceSnapshot {
  if (snapshot !== null) return snapshot;
  throw new WalqError('source-unavailable', {
    message: `this dashboard cannot read source '${source}' now`,
    hint: `Run walq repair ${source} on a host that can read the source and its archive.`,
  });
}

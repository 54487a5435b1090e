/** What a person may do. In read-only mode none of these routes exists. Each is logged with who and when. */
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
import { refuse } from '../security/guard.ts';
import { isCsrfFor } from '../security/sessions.ts';
import { unknownSource } from './read-routes.ts';

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
    const snapshot = watch.snapshots().get(source.name)?.snapshot ?? null;
    const message = await action.run({ ...place, snapshot }, body);
    logger.info(by, 'action done');
    watch.scanSoon(source.name);
    parts.onDone();
    return { message };
  } catch (error) {
    const { code, message, hint } = asWalqError(error);
    logger.warn({ ...by, code }, `action failed: ${message}`);
    return reply.code(code === 'usage' ? 409 : 503).send({ code, message, hint });
  }
}

interface ActionPlace {
  readonly source: Source;
  readonly store: ArchiveStore;
  readonly operator: Operator;
  /** Who acts. */
  readonly who: string;
  /** What was last seen of the source. */
  readonly snapshot: SourceSnapshot | null;
}

interface Action {
  readonly body: z.ZodType<Readonly<Record<string, string>>>;
  /** Gives the sentence that the person reads. */
  run(place: ActionPlace, body: Readonly<Record<string, string>>): Promise<string>;
}

const name = z.string().min(1).max(1_024);
const nothing = z.strictObject({});

const action = <Body extends Readonly<Record<string, string>>>(
  body: z.ZodType<Body>,
  run: (place: ActionPlace, body: Body) => Promise<string>,
): Action => ({ body, run: async (place, given) => run(place, body.parse(given)) });

/** What each needs, does, and says afterwards. */
const actions: Readonly<Record<string, Action>> = {
  pause: action(nothing, async ({ operator, source, who }) => {
    await operator.pause(source.name, `${who}, on the archive page`);
    return `${source.name} is paused: workers take none of its segments until you resume it.`;
  }),

  resume: action(nothing, async ({ operator, source }) => {
    await operator.resume(source.name);
    return `${source.name} goes on.`;
  }),

  retry: action(z.strictObject({ segment: name }), async ({ operator, source }, { segment }) => {
    if (await operator.retry(source.name, segment)) return `${segment} is tried again now.`;
    return `${segment} does not wait after a failure: it is in work, done, or in quarantine.`;
  }),

  'retry-all': action(nothing, async ({ operator, source }) => {
    const count = await operator.retryAll(source.name);
    return count === 1 ? '1 segment is tried again now.' : `${count} segments are tried again now.`;
  }),

  release: action(z.strictObject({ record: name }), async (place, { record }) => {
    const { source, snapshot } = place;
    const known = seen(source, snapshot).quarantined.find((one) => one.record === record);
    if (known === undefined) throw notThere('in quarantine any more');
    await releaseSegment(placeOf(place), known);
    // Its ended job gives way at the producer's next snapshot, which finds the segment due.
    return `${known.segment} is released; it is on the queue again within half a minute.`;
  }),

  'acknowledge-gap': action(
    z.strictObject({ after: name, before: name, reason: z.string().trim().min(3).max(1_000) }),
    async (place, { after, before, reason }) => {
      const { gaps } = seen(place.source, place.snapshot);
      await explainKnownGap(placeOf(place), gaps, { after, before, reason, by: place.who });
      return `The gap after ${after} is acknowledged.`;
    },
  ),
};

/** The same way as `walq repair`, which shows what was done here in its history. */
function placeOf({ store, source: { name: source }, who }: ActionPlace): RepairTarget {
  return {
    store,
    source,
    log: new RepairLog({ store, source, by: `${who}, on the archive page` }),
  };
}

/** What this host cannot see it does not change. */
function seen({ name: source }: Source, snapshot: SourceSnapshot | null): SourceSnapshot {
  if (snapshot !== null) return snapshot;
  throw new WalqError('source-unavailable', {
    message: `this dashboard cannot read source '${source}' now`,
    hint: 'Do it on a dashboard that sees the source and its archive.',
  });
}

const notThere = (what: string): WalqError =>
  new WalqError('usage', { message: `this is not ${what}`, hint: 'Look again: the page is live.' });

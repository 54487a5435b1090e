/** The read routes of the page: its state, its event stream, and the details of one source. */
import type { ConfiguredSource } from '@walq/config';
import { networkOf, type SourceWatch } from '@walq/role';
import {
  adviceOn,
  cellsOf,
  showSpan,
  WalqError,
  type Inspector,
  type NamedRange,
  type Span,
} from '@walq/wal-core/internal';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { sendError } from '../security/guard.ts';
import { csrfFor } from '../security/sessions.ts';
import type { CurrentState } from '../state/current-state.ts';
import type { ArchiveMap, GapView, QuarantinedView } from '../state/page-state.ts';
import { streamHeaders, type EventStream } from './event-stream.ts';

export interface ReadParts {
  readonly sources: readonly ConfiguredSource[];
  readonly watch: SourceWatch;
  readonly current: CurrentState;
  readonly events: EventStream;
}

const CELLS_MAX = 480;
const LISTED_MAX = 500;
const LISTING_MS_MAX = 30_000;
const name = z.string().min(1).max(1_024);
const rangeSchema = z.object({ from: name.optional(), until: name.optional() });

export function addStateRoutes(server: FastifyInstance, { current, events }: ReadParts): void {
  server.get('/api/session', async ({ user }) => ({ user, csrf: csrfFor(user) }));
  server.get('/api/state', async () => current.get());
  server.head('/api/stream', async (_request, reply) => reply.headers(streamHeaders).send());
  server.get('/api/stream', { exposeHeadRoute: false }, async (request, reply) => {
    const client = { session: sessionOf(request), network: networkOf(request.ip) };
    if (!events.add(reply, client, JSON.stringify(current.get()))) {
      return sendError(reply, 503, 'too many pages are open', 'Close some browser tabs.');
    }
  });
}

/** The login session; without a login, the user and network. */
function sessionOf({ session, user, ip }: FastifyRequest): string {
  return session.user === undefined ? `${user} at ${networkOf(ip)}` : session.sessionId;
}

export function addSourceRoutes(
  server: FastifyInstance,
  { sources, watch, current }: ReadParts,
): void {
  const path = '/api/sources/:source';
  const sourceOf = ({ params }: FastifyRequest): ConfiguredSource | undefined =>
    sources.find((one) => one.name === (params as { readonly source?: string }).source);
  const of = (
    what: string,
    answer: (source: ConfiguredSource, request: FastifyRequest) => unknown,
  ): void => {
    server.get(`${path}/${what}`, async (request, reply) => {
      const source = sourceOf(request);
      return source === undefined ? unknownSource(reply) : answer(source, request);
    });
  };
  const snapshotOf = (source: ConfiguredSource) => watch.snapshots().get(source.name)?.snapshot;
  of('history', (source) => current.history(source.name));
  of('gaps', (source): GapView[] =>
    (snapshotOf(source)?.gaps ?? []).slice(0, LISTED_MAX).map(({ source: _, ...gap }) => gap),
  );
  of('quarantine', (source): QuarantinedView[] =>
    (snapshotOf(source)?.quarantined ?? [])
      .slice(0, LISTED_MAX)
      .map(({ segment, record, code, message, quarantinedAt, worker }) => ({
        segment,
        record,
        code,
        message,
        hint: adviceOn(code, source.name, segment),
        quarantinedAt,
        worker,
      })),
  );
  of('map', async (source, { query }) => {
    const range = rangeSchema.parse(query);
    const isWhole = range.from === undefined && range.until === undefined;
    const inspector = watch.inspectorOf(source.name);
    const spans = isWhole ? (snapshotOf(source)?.spans ?? []) : await partOf(range, inspector);
    return mapOf(source.name, spans);
  });
}

async function partOf(
  range: NamedRange,
  inspector: Inspector | undefined,
): Promise<readonly Span[]> {
  return inspector === undefined ? [] : within(LISTING_MS_MAX, inspector.spans(range));
}

/** Fails after `msMax`, so that a request does not wait for a disk that hangs. */
async function within<T>(msMax: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const timeout = sleep(msMax, undefined, { signal: timer.signal }).then(() => {
    const message = `the archive did not answer within ${showSpan(msMax)}`;
    throw new WalqError('store-unavailable', { message });
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    timer.abort();
    timeout.catch(() => undefined);
  }
}

const mapOf = (source: string, spans: readonly Span[]): ArchiveMap => ({
  source,
  first: spans[0]?.first ?? null,
  last: spans.at(-1)?.last ?? null,
  segments: spans.reduce((sum, { count }) => sum + count, 0),
  cells: cellsOf(spans, CELLS_MAX),
});

export const unknownSource = (reply: FastifyReply): FastifyReply =>
  sendError(reply, 404, 'no such source', 'Check the name against the sources in walq.toml.');

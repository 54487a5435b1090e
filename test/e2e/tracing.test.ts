import { createServer } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { onTestFinished, expect, test } from 'vitest';
import { eventually, startRedis } from '@walq/test-support';
import { nameOf, newScene, startWalq } from '../scene/index.ts';

interface SpanValue {
  readonly stringValue?: string;
  readonly arrayValue?: { readonly values: readonly SpanValue[] };
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { key: string; value: SpanValue }[];
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

/** An OpenTelemetry collector, as far as traces over HTTP go. */
async function startCollector() {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        const sent = JSON.parse(body) as Sent;
        spans.push(
          ...sent.resourceSpans.flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans)),
        );
        response.setHeader('content-type', 'application/json').end('{}');
      },
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { spans, endpoint: `http://127.0.0.1:${address.port}/v1/traces` };
}

const segmentOf = ({ attributes }: Span): string | undefined =>
  attributes.find(({ key }) => key === 'walq.segment')?.value.stringValue;

const segmentsOf = ({ attributes }: Span): readonly (string | undefined)[] =>
  attributes
    .find(({ key }) => key === 'walq.segments')
    ?.value.arrayValue?.values.map(({ stringValue }) => stringValue) ?? [];

const ENQUEUE = 'enqueue wal-archive-orders';

test('a job has one trace, from sealing over the queue to the deletion of each segment', async () => {
  const collector = await startCollector();
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 3, 50_000);
  const env = { WALQ_TELEMETRY__TRACES: 'otlp', WALQ_TELEMETRY__ENDPOINT: collector.endpoint };
  const roles = [
    await startWalq(['producer'], { cwd: scene.root, env }),
    await startWalq(['worker'], { cwd: scene.root, env }),
  ];
  await eventually(() => scene.markFlushed(nameOf(2)));
  await scene.untilLeft([nameOf(3)]);
  for (const role of roles) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }

  const roots = collector.spans.filter(({ name }) => name === ENQUEUE);
  expect(new Set(roots.flatMap(segmentsOf))).toEqual(new Set([nameOf(1), nameOf(2)]));
  for (const root of roots) {
    const way = collector.spans
      .filter(({ traceId }) => traceId === root.traceId)
      .toSorted((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1));
    const names = way.map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual([ENQUEUE, 'process wal-archive-orders']);
    for (const segment of segmentsOf(root)) {
      const steps = way.filter((step) => segmentOf(step) === segment).map(({ name }) => name);
      expect(steps).toEqual(expect.arrayContaining(['compress', 'publish', 'confirm']));
    }
    expect(names.slice(-2)).toEqual(['sync-source', 'complete wal-archive-orders']);
    expect(way[1]?.parentSpanId).toBe(root.spanId);
    for (const step of way.slice(2)) expect(step.parentSpanId).toBe(way[1]?.spanId);
  }
});

test('a collector that is away costs one log line, and no segment', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 4, 50_000);
  await scene.markFlushed(nameOf(3));
  const env = { WALQ_TELEMETRY__TRACES: 'otlp', WALQ_TELEMETRY__ENDPOINT: 'http://127.0.0.1:9/' };
  const worker = await startWalq(['worker', '--until-empty'], { cwd: scene.root, env });
  expect(await worker.exit).toMatchObject({ code: 0 });
  expect(await scene.faultsAtTheEnd({ left: [nameOf(4)] })).toEqual([]);
  expect(worker.stdout.split('\n').filter((line) => line.includes('traces'))).toHaveLength(1);
});

import { createObserver } from '@walq/archive-queue';
import { eventually, startRedis } from '@walq/test-support';
import {
  listAcknowledgedGaps,
  listQuarantine,
  nodeDisk,
  openStore,
  quarantineSegment,
} from '@walq/wal-core/internal';
import { rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { ACTING, bearer, serve, TOKEN, type Served } from './support.ts';

const asToken = bearer(TOKEN);

async function acting(own = ACTING) {
  const redis = await startRedis();
  const served = await serve({ redisUrl: redis.url, own });
  const session = (await (await served.get('/api/session', asToken)).json()) as {
    readonly csrf: string;
  };
  const act = async (action: string, body: object = {}) => {
    const headers = { 'x-walq-csrf': session.csrf, ...asToken };
    const response = await served.post(`/api/sources/ledger/${action}`, body, headers);
    return {
      status: response.status,
      ...((await response.json()) as { readonly message: string }),
    };
  };
  return { served, act, redis };
}

const storeOf = ({ source }: Served) => openStore(source.archiveUrl, { disk: nodeDisk });

const listed = async <T>({ get }: Served, what: string): Promise<readonly T[]> =>
  (await (await get(`/api/sources/ledger/${what}`, asToken)).json()) as T[];

test('a source is paused and resumed, and the log names the user', async () => {
  const { served, act, redis } = await acting();
  const logger = pino({ level: 'silent' });
  const observer = createObserver({ redis: redis.url, logger, sources: ['ledger'] });
  onTestFinished(() => observer.close());
  expect(await act('pause')).toMatchObject({ status: 200 });
  expect((await observer.queueCounts())['ledger']?.pause?.by).toMatch(/on the archive page$/);
  expect(await act('resume')).toMatchObject({ status: 200 });
  expect((await observer.queueCounts())['ledger']?.pause).toBe(null);
  const done = served.lines.filter(({ msg }) => msg === 'action done');
  const who = { who: 'token', from: '127.0.0.1', source: 'ledger' };
  expect(done).toMatchObject([
    { ...who, action: 'pause' },
    { ...who, action: 'resume' },
  ]);
});

test('a gap is acknowledged durably, and only with a reason', async () => {
  const { served, act } = await acting();
  await unlink(join(served.source.directory, 'wal-2'));
  await eventually(async () => expect(await listed(served, 'gaps')).toHaveLength(1));
  const gap = { after: 'wal-1', before: 'wal-3' };
  expect((await act('acknowledge-gap', gap)).status).toBe(400);
  expect((await act('acknowledge-gap', { ...gap, reason: '   ' })).status).toBe(400);
  const odd = { after: 'wal-3', before: 'wal-4', reason: 'no gap' };
  expect((await act('acknowledge-gap', odd)).status).toBe(409);
  expect(await act('acknowledge-gap', { ...gap, reason: 'disk 3' })).toMatchObject({ status: 200 });
  const known = { ...gap, reason: 'disk 3', by: 'token' };
  expect(await listAcknowledgedGaps(storeOf(served), 'ledger')).toMatchObject([known]);
});

test('a segment is released from quarantine', async () => {
  const { served, act } = await acting();
  await quarantineSegment(storeOf(served), 'ledger', {
    segment: 'wal-2',
    code: 'duplicate',
    message: 'odd',
    hint: 'check',
    quarantinedAt: new Date().toISOString(),
    worker: 'w',
  });
  const [entry] = await eventually(async () => {
    const entries = await listed<{ readonly record: string }>(served, 'quarantine');
    expect(entries).toMatchObject([{ segment: 'wal-2', code: 'duplicate' }]);
    return entries;
  });
  expect((await act('release', { record: '../../source' })).status).toBe(409);
  expect(await act('release', { record: entry?.record })).toMatchObject({ status: 200 });
  expect(await listQuarantine(storeOf(served), 'ledger')).toEqual([]);
});

test('a retry says which segments it retries', async () => {
  const { act } = await acting();
  expect(await act('retry', { segment: 'wal-1' })).toMatchObject({
    status: 200,
    message: 'wal-1 is not waiting for a retry: it is in progress, archived or in quarantine.',
  });
  expect((await act('retry')).status).toBe(400);
  expect(await act('retry-all')).toMatchObject({ message: '0 segments are retried now.' });
});

test('a read-only dashboard has no action routes', async () => {
  const { act } = await acting('');
  for (const action of ['pause', 'resume', 'retry', 'retry-all', 'release', 'acknowledge-gap']) {
    expect((await act(action)).status).toBe(404);
  }
});

test('an action that fails says why', async () => {
  const { act, redis } = await acting();
  await redis.kill();
  expect(await act('pause')).toMatchObject({ status: 503, code: 'redis-unavailable' });
});

test('an action on a source that this host cannot read is refused', async () => {
  const { served, act } = await acting();
  await rename(served.archive, `${served.archive}.away`);
  await eventually(async () => {
    expect(await act('release', { record: 'x' })).toMatchObject({
      status: 503,
      code: 'source-unavailable',
    });
  });
});

/** `walq status`, the metrics, the archive page and `walq repair` say the same of a source in every state. */
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { acknowledgeGap, quarantineSegment } from '@walq/wal-core/internal';
import { eventually, freePort, startRedis } from '@walq/test-support';
import { mayMount, mountSmall, remount } from './filesystem.ts';
import { expectViewsAgree } from '../scene/four-views.ts';
import { ManySources, nameOf, type SourceSetup } from '../scene/many-sources.ts';

const flushed = { flushedUpTo: 5 };
const done = { flushedUpTo: 5, archived: [1, 2, 3, 4, 5] };
const kept = ['after_archive = "keep"'];

/** Each with what every view has to say of it, the queue's part apart. */
const states: Readonly<
  Record<string, SourceSetup & { readonly says: readonly string[]; readonly waits?: true }>
> = {
  fresh: { segments: 1, says: [] },
  'never-flushed': { segments: 11, says: ['warning not-flushed'] },
  'never-flushed-long': { segments: 11, hoursAgo: 7, says: ['critical not-flushed'] },
  'piling-up': {
    flushedUpTo: 2,
    hoursAgo: 3,
    says: ['warning not-flushed', 'critical late'],
    waits: true,
  },
  'just-sealed': { flushedUpTo: 3, archived: [1, 2, 3], says: [] },
  done: { ...done, says: [] },
  due: { ...flushed, says: [], waits: true },
  late: { ...flushed, hoursAgo: 0.2, says: ['warning late'], waits: true },
  'skip-newest': { lines: [...kept, 'skip_newest = 1'], archived: [1, 2, 3, 4, 5], says: [] },
  'skips-all': {
    lines: [...kept, 'skip_newest = 100'],
    hoursAgo: 2,
    says: ['warning not-flushed'],
  },
  changed: { ...done, lines: kept, says: ['warning mismatch'], waits: true },
  quarantined: { ...done, says: ['warning quarantine'] },
  gap: { ...done, says: ['critical gap'] },
  explained: { ...done, says: [] },
  paused: { ...flushed, says: ['warning paused'] },
  missing: { ...done, says: ['critical unavailable'] },
  unmounted: { ...done, says: ['critical unavailable'] },
  new: { isNew: true, says: ['critical unavailable'] },
  malformed: { ...flushed, says: ['critical unavailable'] },
  reset: { ...done, says: ['critical unavailable'] },
};

async function spoil(many: ManySources): Promise<void> {
  const reason = {
    message: 'odd',
    hint: 'compare both',
    quarantinedAt: new Date().toISOString(),
    worker: 'w',
  };
  await appendFile(many.of('changed').pathOf(3), 'written after it was archived');
  const { store } = many.of('quarantined');
  const segment = nameOf(5);
  await quarantineSegment(store, 'quarantined', { ...reason, segment, code: 'duplicate' });
  for (const name of ['gap', 'explained']) {
    await rm(`${many.of(name).archive}/${name}/00000000/${nameOf(3)}.zst`);
  }
  const gap = { after: nameOf(2), before: nameOf(4), reason: 'disk 3', by: 'ops' };
  await acknowledgeGap(many.of('explained').store, 'explained', {
    ...gap,
    at: new Date().toISOString(),
  });
  await rename(many.of('missing').directory, `${many.of('missing').directory}.away`);
  await rm(many.of('unmounted').archive, { recursive: true });
  await mkdir(many.of('unmounted').archive);
  await writeFile(many.of('malformed').watermark, '{');
  const { watermark } = many.of('reset');
  const beyond = (await readFile(watermark, 'utf8')).replace(nameOf(5), nameOf(99));
  await writeFile(watermark, beyond);
  expect((await many.walq('pause', 'paused')).code).toBe(0);
}

/** What status says, `walq check` says too, and does not pass what is critical. */
async function checkAgrees(many: ManySources): Promise<void> {
  const { code, json } = await many.walq('check', '--json');
  expect(code).toBe(1);
  const { checks } = json() as { checks: readonly Finding[] };
  const { sources } = await many.status();
  for (const [name, { conditions }] of Object.entries(sources)) {
    const own = checks.filter((found) => found.check === 'source' && found.name === name);
    const troubles = own.filter(({ state }) => state !== 'ok').map(({ message }) => message);
    const [away, others] = [
      conditions.filter(({ kind }) => kind === 'unavailable'),
      conditions.filter(({ kind }) => kind !== 'unavailable'),
    ];
    if (away.length > 0) expect([name, troubles.length > 0]).toEqual([name, true]);
    // A span of time in it may have grown by a second.
    const said = others.map(({ message }) => message.replace(/ \d+ \w+$/, ''));
    const isSaid = (one: string) => troubles.some((message) => message.startsWith(one));
    expect([name, ...said.filter((one) => !isSaid(one))]).toEqual([name]);
    if (conditions.length === 0 && name !== 'fresh') expect([name, ...troubles]).toEqual([name]);
  }
  const archiveOf = (name: string) =>
    checks.find((found) => found.check === 'archive' && found.name.includes(`/${name}/`));
  expect(archiveOf('unmounted')).toMatchObject({ state: 'failed', code: 'store-unavailable' });
  expect(archiveOf('due')).toMatchObject({ state: 'ok' });
}

interface Finding {
  readonly check: string;
  readonly name: string;
  readonly state: string;
  readonly message: string;
}

const withQueue = (extra: string) =>
  Object.fromEntries(
    Object.entries(states).map(([name, { says, waits }]) => [
      name,
      waits === true ? [...says, extra] : says,
    ]),
  );

test('the four views of a source agree, and none calls safe what is not', async () => {
  const redis = await startRedis();
  const many = await ManySources.create(states, redis.url);
  const dashboard = await many.start('dashboard');
  await dashboard.waitForLine(/dashboard ready/);
  // What the dashboard knew to be archived must not outlive a change of the file.
  await eventually(async () => {
    const metrics = await many.metrics();
    expect(metrics.value('walq_backlog_segments', 'changed')).toBe(0);
  });
  await spoil(many);
  const { code } = await expectViewsAgree(many, withQueue('critical no-worker'));
  expect(code).toBe(1);
  const { sources } = await many.status();
  const changed = await many.repairs();
  expect(changed['changed']?.mismatched).toEqual([nameOf(3)]);
  expect(sources['never-flushed']?.conditions[0]?.hint).toContain(
    'walq mark-flushed never-flushed',
  );
  const { headline } = await many.page();
  expect(headline.sentence).toMatch(/^Action required for /);
  const noWorker = headline.reasons.filter(({ message }) => message.startsWith('No worker'));
  expect(noWorker.map((one) => one.sources)).toEqual([['piling-up', 'due', 'late', 'changed']]);
  await checkAgrees(many);
  const words = await many.walq('status');
  expect(words.stdout).toMatch(/^warning {4}never-flushed: 10 sealed segments are not flushed/m);
  expect(words.code).toBe(1);
});

test('nothing flushed is not safe where no Redis is configured, and Redis is not called unreachable', async () => {
  const { 'never-flushed': never = {}, done: sound = {} } = states;
  const many = await ManySources.create({ 'never-flushed': never });
  const words = await many.walq('status');
  expect(words).toMatchObject({ code: 1 });
  expect(words.stdout).toContain('redis      none configured');
  const calm = await ManySources.create({ done: sound });
  expect(await calm.walq('status')).toMatchObject({ code: 0, stderr: '' });
});

test('the four views agree while Redis cannot be reached', async () => {
  const { due = {}, done: sound = {} } = states;
  const many = await ManySources.create(
    { due, done: sound },
    `redis://127.0.0.1:${await freePort()}`,
  );
  const dashboard = await many.start('dashboard');
  await dashboard.waitForLine(/dashboard ready/);
  const away = ['warning redis-unavailable'];
  expect(await expectViewsAgree(many, { due: away, done: away })).toMatchObject({ code: 1 });
});

test.runIf(mayMount)(
  'the four views agree on an archive that is full, and on one that is read-only',
  async () => {
    const redis = await startRedis();
    const small = (path: string) => mountSmall(path, 300_000);
    const waiting = { flushedUpTo: 5, onArchive: small };
    const many = await ManySources.create({ full: waiting, 'read-only': waiting }, redis.url);
    // As much as there is room for.
    await writeFile(`${many.of('full').archive}/ballast`, Buffer.alloc(300_000)).catch(() => {});
    await remount(many.of('read-only').archive, 'ro');
    const dashboard = await many.start('dashboard');
    await dashboard.waitForLine(/dashboard ready/);
    await expectViewsAgree(many, {
      full: ['critical archive-full', 'critical no-worker'],
      'read-only': ['critical archive-read-only', 'critical no-worker'],
    });
    const worker = await many.start('worker');
    const producer = await many.start('producer');
    await worker.waitForLine(/store-read-only/);
    await eventually(async () => {
      const { sources } = await many.status();
      const [first] = sources['read-only']?.conditions ?? [];
      expect(first).toMatchObject({
        kind: 'archive-read-only',
        since: expect.any(String) as string,
      });
    });
    await expectViewsAgree(many, {
      full: ['critical archive-full'],
      'read-only': ['critical archive-read-only'],
    });
    const { code, json } = await many.walq('check', '--json');
    expect({ code, ...(json() as object) }).toMatchObject({ code: 1, ok: false });
    const { checks } = json() as { checks: readonly (Finding & { readonly code?: string })[] };
    const codes = checks.filter(({ check }) => check === 'archive').map((found) => found.code);
    expect(codes).toEqual(['store-full', 'store-read-only']);
    for (const role of [worker, producer]) await role.kill('SIGTERM');
  },
);

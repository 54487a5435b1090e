/** The four views of a source agree also on what only a worker meets, and on a disk that does not answer. */
import { expect, test } from 'vitest';
import { join } from 'node:path';
import { eventually, startProcess, startRedis } from '@walq/test-support';
import { expectViewsAgree } from '../scene/four-views.ts';
import { ManySources } from '../scene/many-sources.ts';
import { IoFaults } from './io-faults.ts';

const walqScript = join(import.meta.dirname, '../../apps/cli/bin/walq');

const waiting = { flushedUpTo: 5 };
const sound = { flushedUpTo: 5, archived: [1, 2, 3, 4, 5] };

async function startMany() {
  const redis = await startRedis();
  const many = await ManySources.create({ odd: waiting, sound }, redis.url);
  const io = await IoFaults.at(many.root);
  many.env = io.env;
  return { many, io };
}

test('the four views agree on a source whose segments cannot be read', async () => {
  const { many, io } = await startMany();
  await io.fail('read', 'EIO', `${many.of('odd').directory}/wal-`);
  const dashboard = await many.start('dashboard');
  await dashboard.waitForLine(/dashboard ready/);
  const roles = [await many.start('worker'), await many.start('producer')];
  await roles[0]?.waitForLine(/source-io/);
  await eventually(async () => {
    const { sources } = await many.status();
    expect(sources['odd']?.conditions[0]).toMatchObject({ kind: 'segments-failing' });
  });
  const { code, sources } = await expectViewsAgree(many, {
    odd: ['warning segments-failing'],
    sound: [],
  });
  expect(code).toBe(1);
  const [found] = sources['odd']?.conditions ?? [];
  expect(found?.message).toContain('EIO');
  expect((await many.walq('repair')).stdout).toContain('hint: Check the disk of the source');
  await io.heal();
  for (const role of roles) expect(await role.kill('SIGTERM')).toMatchObject({ code: 0 });
});

test.each([
  ['the source', (many: ManySources) => many.of('odd').directory, /^source 'odd' does not answer/],
  ['its archive', (many: ManySources) => many.of('odd').archive, /^the archive .*does not answer/],
])(
  'the four views agree on %s while its disk does not answer, and each says so',
  async (_, at, says) => {
    const { many, io } = await startMany();
    const dashboard = await many.start('dashboard');
    await dashboard.waitForLine(/dashboard ready/);
    await eventually(async () => {
      expect((await many.metrics()).value('walq_backlog_segments', 'odd')).toBe(5);
    });
    await io.hang('read', at(many));
    const away = ['critical unavailable'];
    const { sources } = await expectViewsAgree(many, { odd: away, sound: [] });
    expect(sources['odd']?.conditions[0]?.message).toMatch(says);
    const { headline } = await many.page();
    expect(headline.reasons.map(({ message }) => message)).toEqual([expect.stringMatching(says)]);
    const words = await many.walq('status');
    expect(words.stdout).toMatch(/^sound {4}/m);
    expect(words.stdout).toMatch(/hint: Check the disk, or the server behind the mount/);

    const inRoot = { cwd: many.root, env: many.env };
    const script = await startProcess(walqScript, ['repair', 'odd'], inRoot);
    expect(await script.exit).toEqual({ code: 1, signal: null });
    expect(script.stdout).toContain('does not answer');

    await io.heal();
    await eventually(async () => {
      expect((await many.metrics()).value('walq_backlog_segments', 'odd')).toBe(5);
    });
    expect(await dashboard.kill('SIGTERM')).toMatchObject({ code: 0 });
  },
);

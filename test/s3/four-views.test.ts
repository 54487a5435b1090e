/** The four views of a source agree also on what only the server of its archive, or only a worker, knows. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, startFaultProxy, startRedis, type Fault } from '@walq/test-support';
import { expectViewsAgree } from '../scene/four-views.ts';
import { ManySources, nameOf } from '../scene/many-sources.ts';
import { startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

async function startMany(flushed: { readonly flushedUpTo?: number }) {
  const redis = await startRedis();
  const proxy = await startFaultProxy(site.server.port);
  const waiting = { ...flushed, archiveUrl: site.freshUrl() };
  const lines = ['[archive.s3]', `endpoint = "${proxy.endpoint}"`, 'staging = "staging"'];
  const many = await ManySources.create({ cloud: waiting }, redis.url, lines);
  const dashboard = await many.start('dashboard');
  await dashboard.waitForLine(/dashboard ready/);
  return { many, proxy };
}

const answer = (code: string, status: number): Fault => ({ kind: 'answer', status, code });

test('the four views agree while the server of an archive is away', async () => {
  const { many, proxy } = await startMany({ flushedUpTo: 5 });
  await eventually(async () => {
    expect((await many.metrics()).value('walq_backlog_segments', 'cloud')).toBe(5);
  });
  proxy.faultOf = () => answer('ServiceUnavailable', 503);
  const { code, sources } = await expectViewsAgree(many, { cloud: ['critical unavailable'] });
  expect(code).toBe(1);
  expect(sources['cloud']?.conditions[0]).toMatchObject({ code: 'store-unavailable' });
});

test.each([
  ['is full', answer('QuotaExceeded', 403), 'store-full'],
  ['lets nobody write', answer('AccessDenied', 403), 'store-unavailable'],
])(
  'the four views agree on an archive that can be read, and %s, as a worker meets',
  async (_, fault, code) => {
    const { many, proxy } = await startMany({});
    const roles = [await many.start('producer'), await many.start('worker')];
    await roles[1]?.waitForLine(/taking archive jobs/);
    proxy.faultOf = ({ method }) => (method === 'PUT' ? fault : undefined);
    expect(await many.walq('mark-flushed', 'cloud', nameOf(5))).toMatchObject({ code: 0 });
    await roles[1]?.waitForLine(new RegExp(code));
    await eventually(async () => {
      const { sources } = await many.status();
      expect(sources['cloud']?.conditions[0]).toMatchObject({ kind: 'archive-failing', code });
    });
    const said = await expectViewsAgree(many, { cloud: ['critical archive-failing'] });
    expect(said.code).toBe(1);
    expect((await many.walq('repair')).stdout).toContain(`; ${code})`);
    for (const role of roles) expect(await role.kill('SIGTERM')).toMatchObject({ code: 0 });
  },
);

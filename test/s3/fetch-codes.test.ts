/** What `wal-fetch` answers PostgreSQL where the bucket cannot be asked: never that a file is not there. */
import { ClusterFiles, temporaryDirectory } from '@walq/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runWalq } from '../scene/index.ts';
import { startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const wal = (number: number): string => `00000001000000000000000${number}`;

test('1 is for the end of a readable archive alone; wrong names and credentials are 200', async () => {
  const root = await temporaryDirectory('s3-codes');
  const cluster = await new ClusterFiles(root.at('main')).create();
  const url = site.freshUrl();
  const base = site.postgresEnv(url, cluster.dataDirectory, root.at('staging'));
  const run = (env: Record<string, string>, ...args: string[]) =>
    runWalq(args, { cwd: cluster.dataDirectory, env: { ...base, ...env } });
  for (const number of [1, 2, 4]) {
    await cluster.ready(wal(number));
    expect(await run({}, 'wal-push', `pg_wal/${wal(number)}`)).toMatchObject({ code: 0 });
  }
  const fetching = async (number: number, env: Record<string, string> = {}, ...more: string[]) => {
    const to = [root.at('RECOVERYXLOG'), '--ahead', '0', '--timeout', '15s', ...more];
    const { code, stderr } = await run(env, 'wal-fetch', wal(number), ...to);
    return { code, stderr };
  };
  expect(await fetching(5)).toMatchObject({ code: 1 });
  const says = (words: RegExp) => ({
    code: 200,
    stderr: expect.stringMatching(words) as string,
  });
  expect(await fetching(3)).toMatchObject(says(/is missing between/));
  expect(await fetching(5, { AWS_SECRET_ACCESS_KEY: 'wrong' })).toMatchObject(
    says(/key|denied|403/i),
  );
  expect(await fetching(5, { AWS_ACCESS_KEY_ID: 'nobody' })).toMatchObject(says(/key|denied|403/i));
  const elsewhere = url.replace(site.bucket, `${site.bucket}-other`);
  expect(await fetching(5, { WALQ_ARCHIVE__URL: elsewhere })).toMatchObject(says(/bucket/i));
  expect(await fetching(5, { WALQ_ARCHIVE__URL: site.freshUrl() })).toMatchObject(
    says(/mounted|has no record|no WAL/),
  );
  expect(await fetching(5, { WALQ_ARCHIVE__S3__ENDPOINT: 'http://127.0.0.1:9' })).toMatchObject(
    says(/ECONNREFUSED/),
  );
  const other = ['--archive', url, '--source', 'mian'];
  expect(await fetching(5, {}, ...other)).toMatchObject(says(/no PostgreSQL source 'mian'/));
});

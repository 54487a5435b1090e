import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startRedis, temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { startWalq } from './walq.ts';

/** A source with one segment. */
async function aSource(redis: string) {
  const directory = await temporaryDirectory('cli');
  for (const name of ['wal', 'archive']) await mkdir(directory.at(name));
  await writeFile(directory.at('wal', 'wal-1'), 'segment');
  const source = `type = "directory"\npath = "wal"\npattern = '^wal-(?<number>\\d+)$'`;
  const config = `redis.url = "${redis}"\nmetrics.listen = "off"\narchive.url = "archive"\n[sources.ledger]\n${source}\n`;
  await writeFile(directory.at('walq.toml'), config);
  return directory;
}

const preload = fileURLToPath(new URL('list-modules.mjs', import.meta.url));

/** The packages that a command loads until it ends, or has printed a line and is ended. */
async function packagesOf(args: readonly string[], lastLine?: RegExp): Promise<Set<string>> {
  const directory = await aSource((await startRedis()).url);
  const list = directory.at('loaded');
  const env = { NODE_OPTIONS: `--import=${preload}`, LOADED_FILES: list };
  const running = await startWalq(args, { cwd: directory.path, env });
  if (lastLine !== undefined) {
    await running.waitForLine(lastLine);
    await running.kill('SIGTERM');
  }
  await running.exit;
  const files = await readFile(list, 'utf8');
  return new Set(
    files.split('\n').flatMap((file) => {
      const own = /\/(?:packages|apps)\/(?<name>[^/]+)\/dist\//.exec(file)?.groups?.['name'];
      if (own !== undefined) return [`@walq/${own}`];
      return /.*node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)\//.exec(file)?.groups?.['name'] ?? [];
    }),
  );
}

test('the version is printed without anything but the command line', async () => {
  const packages = await packagesOf(['--version']);
  expect([...packages].toSorted()).toEqual(['@walq/cli', '@walq/wal-core', 'commander']);
});

test.each([
  [
    ['status', '--json'],
    ['ioredis', 'zod'],
    ['bullmq', 'prom-client', '@walq/archiver-worker'],
  ],
  [['mark-flushed', 'ledger', 'wal-1'], ['zod'], ['bullmq', 'ioredis', 'pino', 'prom-client']],
  [['list', 'ledger'], ['zod'], ['bullmq', 'ioredis', 'pino', 'prom-client']],
  [
    ['wal-fetch', '000000010000000000000001', 'WAL', '--archive', 'archive', '--timeout', '1s'],
    ['valibot'],
    ['zod', 'smol-toml', 'bullmq', 'ioredis', 'pino', 'prom-client'],
  ],
])('walq %j loads no package that it does not use', async (args, used, unused) => {
  const packages = await packagesOf(args);
  expect([...packages]).toEqual(expect.arrayContaining(used));
  const never = [...unused, '@aws-sdk/client-s3', '@opentelemetry/sdk-trace-node', 'pg', 're2js'];
  expect(never.filter((name) => packages.has(name))).toEqual([]);
});

test('a worker loads neither S3, nor PostgreSQL, nor what sends traces', async () => {
  const packages = await packagesOf(['worker'], /worker ready/);
  expect([...packages]).toEqual(expect.arrayContaining(['bullmq', 'ioredis', 'prom-client']));
  const never = ['@aws-sdk/client-s3', '@opentelemetry/sdk-trace-node', 'pg', 're2js', 'fastify'];
  expect(never.filter((name) => packages.has(name))).toEqual([]);
});

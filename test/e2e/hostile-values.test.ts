/** Values that others may write, planted wherever walq reads some; then every command and role that prints them. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, startRedis } from '@walq/test-support';
import {
  nodeDisk,
  openStore,
  quarantineSegment,
  acknowledgeGap,
  RepairLog,
} from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { newScene, redisCommand, startWalq, type Scene } from '../scene/index.ts';

/** Clears a screen, sets its title, forges a line, in C0, in C1, and turns letters around. */
const HOSTILE =
  '\u001b[2J\u009b31m\u001b]0;x\u0007\r\nwalq: all is well\u007f\u202e\u2066\u200f\u{e0041}';
/** The same without what a file name cannot hold. */
const nameOf = (number: number): string => `wal-${number}${HOSTILE}`;
const PATTERN = '^wal-(?<number>[0-9]+)';

/** What may not reach a terminal, a log or a reader of JSON; a line ends only where walq ends it. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

function faultsOf(what: string, output: string): string[] {
  return output.split('\n').flatMap((line) => {
    if (UNSAFE.test(line)) return [`${what}: raw: ${JSON.stringify(line)}`];
    return line.startsWith('walq: all is well') ? [`${what}: forged line`] : [];
  });
}

async function plantInArchive(scene: Scene): Promise<void> {
  const store = openStore(`file://${scene.archive}`, { disk: nodeDisk });
  await quarantineSegment(store, 'orders', {
    segment: nameOf(8),
    code: 'segment-malformed',
    message: HOSTILE,
    hint: HOSTILE,
    quarantinedAt: new Date().toISOString(),
    worker: HOSTILE,
  });
  const gap = { after: nameOf(2), before: nameOf(4) };
  await acknowledgeGap(store, 'orders', {
    ...gap,
    reason: HOSTILE,
    by: HOSTILE,
    at: new Date().toISOString(),
  });
  const log = new RepairLog({ store, source: 'orders', by: HOSTILE });
  const began = { action: 'release' as const, why: HOSTILE, segment: nameOf(8) };
  await log.around(
    began,
    async () => undefined,
    () => HOSTILE,
  );
  await plantInManifest(scene);
}

/** Rewrites the manifest of one object as docs/FORMAT.md has it: its worker is whatever its writer said. */
async function plantInManifest({ sourceFolder }: Scene): Promise<void> {
  const files = await readdir(sourceFolder, { recursive: true });
  const path = join(sourceFolder, files.toSorted().find((name) => name.endsWith('.zst')) ?? '');
  const bytes = await readFile(path);
  const length = bytes.readUInt32LE(bytes.length - 16);
  const start = bytes.length - 16 - length;
  const manifest = JSON.parse(bytes.subarray(start, start + length).toString()) as object;
  const json = Buffer.from(JSON.stringify({ ...manifest, worker: HOSTILE }));
  const head = Buffer.from(bytes.subarray(0, start));
  head.writeUInt32LE(json.length + 16, start - 4);
  const tail = Buffer.from(bytes.subarray(start + length));
  tail.writeUInt32LE(json.length, 0);
  tail.writeUInt32LE(crc32c(json), 4);
  await writeFile(path, Buffer.concat([head, json, tail]));
}

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

async function plantInRedis(url: string, sourceId: string): Promise<void> {
  const failure = { code: HOSTILE, message: HOSTILE, hint: HOSTILE };
  const at = { source: HOSTILE, segment: HOSTILE };
  const worker = {
    id: HOSTILE,
    host: HOSTILE,
    version: HOSTILE,
    concurrency: 1,
    active: 1,
    sources: [HOSTILE],
    inWork: [{ ...at, bytes: 1, doneBytes: 1, startedAt: 1 }],
    states: {
      [HOSTILE]: { isTaking: false, holds: [HOSTILE], stopped: failure, isStoreAvailable: true },
    },
    failures: [{ ...failure, ...at, kind: 'retried', at: 1 }],
  };
  await redisCommand(url, 'SADD', 'walq:{wal-archive}:workers', HOSTILE);
  const key = `walq:{wal-archive}:worker:${HOSTILE}`;
  await redisCommand(url, 'SET', key, JSON.stringify(worker), 'EX', '3600');
  const queue = 'bull:wal-archive-orders';
  for (const [id, segment] of [
    [HOSTILE, HOSTILE],
    ['forged', nameOf(7)],
  ] as const) {
    const segments = [{ segment, bytes: 1, sealedAt: 1 }];
    const job = JSON.stringify({ v: 2, sourceId, segments });
    await redisCommand(url, 'HSET', `${queue}:${id}`, 'name', HOSTILE, 'data', job, 'opts', '{}');
    await redisCommand(url, 'LPUSH', `${queue}:wait`, id);
  }
  await redisCommand(url, 'ZADD', `${queue}:marker`, '0', '0');
}

test('nothing that others wrote reaches a terminal, a log or JSON without escaping', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url, pattern: PATTERN });
  for (const number of [1, 2, 4, 5, 6, 7, 8]) await scene.write(nameOf(number), 'x'.repeat(1_000));
  const faults: string[] = [];
  const outputs: string[] = [];
  const run = async (...args: string[]): Promise<void> => {
    const results = [[], ['--json']].map(async (more) => {
      const { stdout, stderr } = await scene.walq(...args, ...more);
      outputs.push(stdout);
      faults.push(...faultsOf([...args.slice(0, 2), ...more].join(' '), `${stdout}${stderr}`));
    });
    await Promise.all(results);
  };
  await run('mark-flushed', 'orders', nameOf(5));
  const archiving = await scene.walq('worker', '--until-empty');
  faults.push(...faultsOf('worker', `${archiving.stdout}${archiving.stderr}`));
  await plantInArchive(scene);
  const identity = await readFile(join(scene.source, '.walq', 'source.json'), 'utf8');
  const { sourceId } = JSON.parse(identity) as { readonly sourceId: string };
  await scene.markFlushed(nameOf(7));
  await plantInRedis(redis.url, sourceId);
  for (const args of [
    ['status'],
    ['list'],
    ['show', nameOf(1)],
    ['show', HOSTILE],
    ['verify'],
    ['verify', '--deep'],
    ['repair', 'orders'],
    ['repair', 'orders', '--history'],
    ['repair', 'orders', '--rearchive', '--dry-run'],
    ['repair', 'orders', '--release', HOSTILE],
    ['repair', 'orders', '--release-all', '--dry-run'],
    ['restore', 'orders', '--to', join(scene.root, 'restored'), '--allow-gaps'],
    ['prune', 'orders', '--keep-segments', '1', '--dry-run'],
    ['check'],
    ['mark-flushed', 'orders', HOSTILE],
    ['retry', 'orders', HOSTILE],
    ['pause', HOSTILE],
    ['train', 'orders'],
    [HOSTILE, '--debug'],
  ])
    await run(...args);
  const roles = [await scene.start('producer'), await scene.start('worker')];
  const dashboard = await startWalq(['dashboard'], {
    cwd: scene.root,
    env: { WALQ_DASHBOARD__LISTEN: '127.0.0.1:0', WALQ_METRICS__LISTEN: 'off' },
  });
  const ready = await dashboard.waitForLine(/dashboard ready/);
  const url = /"url":"(?<url>[^"]+)"/.exec(ready)?.groups?.['url'] ?? '';
  await eventually(async () => {
    const state = await (await fetch(`${url}api/state`)).text();
    expect(state).toContain('all is well');
    expect(state).not.toMatch(UNSAFE);
  });
  await scene.untilLeft([nameOf(8)]);
  for (const role of [...roles, dashboard]) {
    await role.kill('SIGTERM');
    faults.push(...faultsOf('a role', `${role.stdout}${role.stderr}`));
  }
  expect(faults).toEqual([]);
  // What was planted was printed.
  const worker = outputs.filter((output) => output.includes('worker     \\x1b[2J'));
  expect(worker).toHaveLength(1);
});

/**
 * How long `walq list`, `verify` and `prune` take on an archive of many tiny objects.
 *
 *     node dist/many-objects.js [OBJECTS]
 */
import {
  archiveKeyOf,
  encodeManifestFrame,
  keyPath,
  nodeDisk,
  openSource,
  openStore,
  type Manifest,
  type SegmentName,
} from '@walq/wal-core/internal';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { compress } from 'zstd-napi';
import { metered } from './measure/process-meter.ts';
import { binarySource } from './binary-source.ts';
import { projectWalq } from './role.ts';

const count = Number(process.argv[2] ?? '100000');
const root = mkdtempSync(join(process.env['WALQ_BENCH_DIR'] ?? '/var/tmp', 'walq-bench-objects-'));
const plain = Buffer.from('update orders set status = 3 where id = 4711; ');
const frame = compress(plain);
const source = binarySource('orders', join(root, 'wal'));

try {
  await fill();
  const half = String(Math.floor(count / 2));
  console.log(`${count} objects, load ${loadavg()[0]?.toFixed(1)}`);
  await measure('list, no manifest read before', 'list', 'orders', '--json');
  await measure('list, all manifests known', 'list', 'orders', '--json');
  await measure('verify', 'verify', 'orders', '--json');
  const keepHalf = ['prune', 'orders', '--keep-segments', half, '--json'];
  await measure('prune --dry-run', ...keepHalf, '--dry-run');
  await measure('prune --keep-days --dry-run', ...keepHalf, '--keep-days', '1', '--dry-run');
  await measure('prune of half', ...keepHalf, '--grace', '0s');
} finally {
  rmSync(root, { recursive: true });
}

/** Objects as walq writes them, but for their fsyncs. */
async function fill(): Promise<void> {
  for (const folder of ['wal', 'archive']) mkdirSync(join(root, folder));
  const store = openStore(join(root, 'archive'), { disk: nodeDisk });
  const { sourceId } = await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  for (let number = 1; number <= count; number += 1) {
    const segment = source.naming.parse(`wal-${number}.bin`);
    if (segment === undefined) throw new Error('this is a name of a segment');
    const path = join(root, 'archive', keyPath(archiveKeyOf(source.name, segment)));
    if (number % 10_000 <= 1) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.concat([frame, manifestOf(segment, sourceId)]));
  }
  const toml = `[archive]\nurl = "archive"\n[sources.orders]\ntype = "directory"\npath = "wal"
pattern = '^wal-(?<number>\\d+)\\.bin$'\nafter_archive = "delete"\n`;
  writeFileSync(join(root, 'walq.toml'), toml);
}

function manifestOf({ name }: SegmentName, sourceId: string): Uint8Array {
  const at = new Date().toISOString();
  const manifest: Manifest = {
    version: 1,
    source: source.name,
    sourceId,
    segment: name,
    bytes: plain.length,
    // Of a shallow verification no checksum is compared.
    sourceChecksum: { algorithm: 'xxh3-64', value: '0'.repeat(16) },
    level: 3,
    dictionary: null,
    format: 'raw',
    firstPosition: null,
    lastPosition: null,
    sealedAt: at,
    startedAt: at,
    archivedAt: at,
    worker: 'bench:1',
  };
  return encodeManifestFrame(JSON.stringify(manifest));
}

async function measure(what: string, ...args: readonly string[]): Promise<void> {
  const beganMs = performance.now();
  const { usage } = await metered(() => call(args));
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  const peak = `${Math.round(usage.peakBytes / 1e6)} MB at most`;
  console.log(`${what}: ${seconds} s, processor ${usage.cpuSeconds.toFixed(1)} s, ${peak}`);
}

async function call(args: readonly string[]): Promise<void> {
  const env = { ...process.env, XDG_CACHE_HOME: join(root, 'cache'), WALQ_CONFIG: undefined };
  const child = spawn(projectWalq, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`walq ${args.join(' ')} ended with ${code}`);
}

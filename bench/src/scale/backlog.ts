/** The cost of a long backlog: memory of every part, and the time of a scan. */
import { createDueView, nodeDisk, openSource, openStore } from '@walq/wal-core/internal';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binarySource } from '../binary-source.ts';
import { median } from '../figures.ts';
import { peakBytesOf, peakBytesOfTree } from '../measure/process-meter.ts';
import { startRole, startWorker, type Role } from '../role.ts';
import { cell, type Table } from '../report/table.ts';
import { runWalq, withChildren } from './child.ts';
import {
  inPlace,
  makeSegments,
  nameOf,
  redisMemory,
  writeConfig,
  type Place,
  type Site,
} from './site.ts';

interface BacklogCost {
  readonly segments: number;
  readonly archivedPerSecond: number;
  /** One scan of the producer for due segments, as in reconciling. */
  readonly reconcileMs: number;
  readonly statusMs: number;
  /** The most that was ever resident. */
  readonly statusBytes: number;
  readonly producerBytes: number;
  readonly workerBytes: number;
  /** `used_memory` at its highest. */
  readonly redisBytes: number;
}

/** In each round, and one less: an odd number has a middle. */
const SCANS_PER_ROUND = 2;
const CONCURRENCY = 2;
/** As many as the producer itself asks for. */
const LOWEST_MAX = 4_096;
/** Then the producer has scanned. */
const ENQUEUED_MIN = 512;

export async function measureBacklogs(site: Site): Promise<BacklogCost[]> {
  const costs: BacklogCost[] = [];
  for (const segments of site.options.backlogs) {
    site.say(`a backlog of ${segments} segments`);
    costs.push(await inPlace(site, (place) => measure(site, place, segments)));
  }
  return costs;
}

async function measure(site: Site, place: Place, segments: number): Promise<BacklogCost> {
  const directory = join(place.root, 'bench');
  await makeSegments(directory, { count: segments, bytes: 64, ...site });
  const config = await writeConfig(place.root, place.redis.url, ['bench']);
  const producing = startRole(['producer'], /ready/, { configPath: config });
  return withChildren([producing], async ([producer]) => {
    if (producer === undefined) throw new Error('no producer');
    await runWalq(['mark-flushed', 'bench', nameOf(segments)], config);
    await untilEnqueued(site, config, Math.min(segments, ENQUEUED_MIN));
    const still = {
      segments,
      reconcileMs: await timeScan(site, directory, join(place.root, 'archive')),
      ...(await timeStatus(site, config)),
    };
    return { ...still, ...(await drainAWhile(site, place, { config, producer, segments })) };
  });
}

/** Also waits until the producer has written its watermark and scanned. */
async function untilEnqueued({ signal }: Site, config: string, segmentsMin: number): Promise<void> {
  for (;;) {
    const { stdout } = await runWalq(['status', '--json'], config);
    const { queues } = JSON.parse(stdout) as { queues: Record<string, { waiting: number }> };
    const waiting = Object.values(queues).reduce((sum, queue) => sum + queue.waiting, 0);
    if (waiting >= segmentsMin) return;
    await sleep(200, undefined, { signal });
  }
}

const scansOf = ({ options }: Site): number => SCANS_PER_ROUND * options.rounds - 1;

async function timeScan(site: Site, directory: string, archive: string): Promise<number> {
  const store = openStore(archive, { disk: nodeDisk });
  const source = binarySource('bench', directory);
  const open = await openSource({ disk: nodeDisk, source, store, registerIfNew: false });
  const view = createDueView(nodeDisk, open);
  const times: number[] = [];
  for (let scan = 0; scan < scansOf(site); scan += 1) {
    const startedMs = performance.now();
    await view.scan(LOWEST_MAX);
    times.push(performance.now() - startedMs);
  }
  return median(times);
}

async function timeStatus(
  site: Site,
  config: string,
): Promise<Pick<BacklogCost, 'statusMs' | 'statusBytes'>> {
  const times: number[] = [];
  let statusBytes = 0;
  for (let scan = 0; scan < scansOf(site); scan += 1) {
    site.signal.throwIfAborted();
    let pid = 0;
    const poll = setInterval(() => {
      statusBytes = Math.max(statusBytes, peakBytesOfTree(pid));
    }, 5);
    const status = runWalq(['status', '--json'], config, (its) => (pid = its));
    times.push((await status.finally(() => clearInterval(poll))).durationMs);
  }
  return { statusMs: median(times), statusBytes };
}

interface Draining {
  readonly config: string;
  readonly producer: Role;
  readonly segments: number;
}

async function drainAWhile(
  site: Site,
  { redis, root }: Place,
  { config, producer, segments }: Draining,
): Promise<
  Pick<BacklogCost, 'producerBytes' | 'workerBytes' | 'redisBytes' | 'archivedPerSecond'>
> {
  const working = startWorker(CONCURRENCY, { configPath: config });
  return withChildren([working], async ([worker]) => {
    if (worker === undefined) throw new Error('no worker');
    let redisBytes = 0;
    const startedMs = performance.now();
    const until = startedMs + site.options.seconds * 1_000;
    let left = segments;
    while (performance.now() < until && left > 0) {
      await sleep(500, undefined, { signal: site.signal });
      redisBytes = Math.max(redisBytes, await redisMemory(redis.url));
      left = (await countIn(join(root, 'bench'))) - 1;
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    return {
      archivedPerSecond: (segments - left) / seconds,
      producerBytes: peakBytesOf(producer.pid),
      workerBytes: peakBytesOf(worker.pid),
      redisBytes,
    };
  });
}

async function countIn(directory: string): Promise<number> {
  let count = 0;
  for await (const names of nodeDisk.list(directory)) {
    count += names.filter((name) => name.endsWith('.bin')).length;
  }
  return count;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export const backlogTable = (rows: readonly BacklogCost[]): Table => ({
  title: 'Backlogs: what they cost; MB = 10^6 bytes, the most ever resident, of Redis used_memory',
  head: [
    'segments',
    'reconcile ms',
    'status ms',
    'status MB',
    'producer MB',
    'worker MB',
    'Redis MB',
    'archived/s',
  ],
  rows: rows.map((row) => [
    cell(row.segments, 0),
    cell(row.reconcileMs, 0),
    cell(row.statusMs, 0),
    megabytes(row.statusBytes),
    megabytes(row.producerBytes),
    megabytes(row.workerBytes),
    megabytes(row.redisBytes),
    cell(row.archivedPerSecond, 0),
  ]),
});

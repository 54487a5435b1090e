/** One history: a seeded plan is carried out, then everything heals, and all that is due has to be archived. */
import type * as archiveQueue from '@walq/archive-queue';
import { createHash } from 'node:crypto';
import { planOf, type Plan, type Planned } from './plan.ts';
import { nothingPlanted, type Planted } from './planted/planted.ts';
import { forgetWires } from './queue/wires.ts';
import { substituteQueue } from './queue/substitute.ts';
import { Random } from './random.ts';
import type { Host } from './site/role.ts';
import { Site } from './site/site.ts';
import { contentAt, decoded, namesAt } from './site/peek.ts';
import { floorOf } from './site/peeked-floor.ts';
import { nameOf, objectPath, type SourceTruth } from './site/truth.ts';
import { installTime, restoreTime } from './world/virtual-time.ts';
import { Violation, World } from './world/world.ts';

export interface Ended {
  readonly plan: Plan;
  readonly violation: Violation | undefined;
  readonly steps: number;
  readonly virtualMs: number;
  readonly deletions: number;
  readonly publications: number;
  readonly removals: number;
}

/** After the last action, before everything heals. */
const LAST_FAULT_MS = 600;
/** Within which all has to be archived: a job rests for ten minutes at the longest, whatever clocks say. */
const QUIET_MS = 20 * 60_000;
const SAMPLE_INTERVAL_MS = 100;

let loaded: typeof archiveQueue | undefined;

async function load(): Promise<typeof archiveQueue> {
  if (loaded !== undefined) return loaded;
  substituteQueue();
  loaded = await import('@walq/archive-queue');
  return loaded;
}

export async function runHistory(
  seed: number,
  planted: Planted = nothingPlanted,
  plan: Plan = planOf(seed),
): Promise<Ended> {
  const queue = await load();
  const world = new World(seed);
  const site = new Site(world, plan.layout, queue, planted);
  await site.prepare();
  installTime(world);
  const { stackTraceLimit } = Error;
  // Failures are what most of a history is made of; their stacks would be half its cost.
  Error.stackTraceLimit = 0;
  try {
    await carryOut(world, site, plan);
  } catch (error) {
    world.violation ??= new Violation('code', error instanceof Error ? (error.stack ?? '') : '');
  } finally {
    site.end();
    restoreTime();
    Error.stackTraceLimit = stackTraceLimit;
    forgetWires();
  }
  const { violation, steps, nowMs } = world;
  const { deletions, publications, removals } = site.checker;
  return { plan, violation, steps, virtualMs: nowMs, deletions, publications, removals };
}

async function carryOut(world: World, site: Site, plan: Plan): Promise<void> {
  for (const action of plan.actions) {
    world.at(action.atMs, () => world.as(undefined, () => act(site, action)));
  }
  site.startAll();
  await world.run(() => false, (plan.actions.at(-1)?.atMs ?? 0) + LAST_FAULT_MS);
  if (world.violation !== undefined) return;
  site.heal();
  const deadlineMs = world.nowMs + QUIET_MS;
  let sampledMs = -Infinity;
  const isSettled = (): boolean => {
    if (world.nowMs - sampledMs < SAMPLE_INTERVAL_MS) return false;
    sampledMs = world.nowMs;
    return site.truths.every((truth) => unfinished(site, truth) === undefined);
  };
  await world.run(isSettled, deadlineMs).catch(() => undefined);
  for (const truth of site.truths) {
    const why = unfinished(site, truth);
    if (why !== undefined) world.violated('I4', why);
  }
  site.cutPower(site.hosts, () => false, true);
}

function act(site: Site, action: Planned): void {
  const { world, server } = site;
  const truth = 'source' in action ? site.truths[action.source] : undefined;
  const role = truth && site.roles.find((one) => one.truth === truth);
  const engine = role?.running?.engine;
  const inEngine = (run: () => void): void => world.as(role?.running?.process, run);
  const running = 'process' in action ? site.roleAt(action.process).running : undefined;
  const later = (ms: number, run: () => void): void => world.at(world.nowMs + ms, run);
  switch (action.kind) {
    case 'write':
      return inEngine(() => engine?.write(contentOf(action)));
    case 'flush':
      return inEngine(() => engine?.flush(action.behind));
    case 'reset':
      return inEngine(() => engine?.reset());
    case 'rewrite':
      return inEngine(() => engine?.rewrite(`rewritten ${action.atMs}`));
    case 'restore':
      return truth && site.restore(truth, action.diesAfterCalls);
    case 'prune':
      return truth && site.prune(truth, action, action.diesAfterCalls);
    case 'kill':
      return running?.process.dieAfter(action.afterCalls);
    case 'freeze':
      if (running !== undefined) running.process.frozenUntilMs = world.nowMs + action.ms;
      return;
    case 'power-cut':
      return cutPower(site, action.host, new Random(action.seed));
    case 'lose-queue':
      return server.flushAll();
    case 'redeliver':
      return redeliver(site, world.nowMs + action.ms);
    case 'rogue-job':
      return addRogueJob(site, truth, action.segment);
    case 'cut-redis':
      running?.wire.cutIt(action.silent ? 'silent' : 'refused');
      return later(action.ms, () => running?.wire.heal());
    case 'redis-down':
      for (const one of site.roles) one.running?.wire.cutIt('refused');
      return later(action.ms, () => {
        for (const one of site.roles) one.running?.wire.heal();
      });
    case 'store-fails':
      if (running === undefined) return;
      Object.assign(running.store, { errno: action.errno, share: action.share, isOfSync: false });
      return later(action.ms, () => Object.assign(running.store, { errno: undefined }));
    case 'fsync-fails':
      if (running === undefined) return;
      Object.assign(running.store, { errno: 'EIO', share: action.share, isOfSync: true });
      return later(action.ms, () => Object.assign(running.store, { errno: undefined }));
    case 'store-slow':
      if (running === undefined) return;
      Object.assign(running.store, { latencyMs: action.latencyMs });
      return later(action.ms, () => Object.assign(running.store, { latencyMs: 0 }));
    case 'unmount-archive':
      return unmount(site, site.hosts[action.host], action.ms);
    case 'move-clock': {
      const host = site.hosts[action.host];
      if (host !== undefined) host.skewMs += action.byMs;
      return;
    }
    case 'pause-queue':
      for (const queue of server.queues) queue.setPaused(true);
      return later(action.ms, () => {
        for (const queue of server.queues) queue.setPaused(false);
      });
  }
}

/** For a while each job that somebody holds is given to another as well. */
function redeliver(site: Site, untilMs: number): void {
  const { world, server } = site;
  for (const queue of server.queues) for (const id of queue.activeIds) queue.redeliver(id);
  if (world.nowMs < untilMs) world.at(world.nowMs + 60, () => redeliver(site, untilMs));
}

function unmount(site: Site, host: Host | undefined, ms: number): void {
  if (host === undefined) return;
  site.mountArchive(host, false);
  site.world.at(site.world.nowMs + ms, () => site.mountArchive(host, true));
}

/** One host alone, or the whole site; all unsynced is lost, or some of it. */
function cutPower(site: Site, number: number, random: Random): void {
  const host = site.hosts[number];
  const share = random.pick([0, 0.5, 1]);
  const survives = (): boolean => random.chance(share);
  site.cutPower(host === undefined ? site.hosts : [host], survives, host === undefined);
}

/** Somebody else's job, or one from before: it proves nothing. */
function addRogueJob(site: Site, truth: SourceTruth | undefined, number: number): void {
  if (truth === undefined) return;
  const { filesystem } = site.hostOf(truth);
  const identity = contentAt(filesystem, `${truth.source.directory}/.walq/source.json`);
  const sourceId = /"sourceId":"(?<id>[^"]+)"/.exec(identity?.toString() ?? '')?.groups?.['id'];
  const segment = nameOf(number);
  const data = { v: 2, sourceId, segments: [{ segment, bytes: 1, sealedAt: 1 }] };
  const opts = { jobId: `s-${segment}`, timestamp: 1, attempts: 1_000_000 };
  site.server.queue(`wal-archive-${truth.source.name}`).add({ name: 'archive', data, opts });
}

const contentOf = ({ atMs, bytes }: { atMs: number; bytes: number }): string =>
  `${Math.floor(atMs * 1000)} `.repeat(20).slice(0, bytes + 1);

/** Why a due segment is not archived; undefined when all are, or a person has to act. */
function unfinished(site: Site, truth: SourceTruth): string | undefined {
  if (truth.isReset) return undefined;
  const { filesystem } = site.hostOf(truth);
  const { name, directory } = truth.source;
  const newest = Math.max(0, truth.sealed);
  const floor = floorOf(site.archive, truth.source);
  for (let number = Math.max(1, floor); number <= truth.flushed; number += 1) {
    const segment = nameOf(number);
    if (isQuarantined(site, truth, segment)) continue;
    const object = decoded(contentAt(site.archive, objectPath(truth.source, segment)));
    if (object === undefined) return `${segment} of ${name} is due and not archived`;
    if (number === newest) continue;
    if (contentAt(filesystem, `${directory}/${segment}`) !== undefined) {
      return `${segment} of ${name} is archived and still at the source`;
    }
  }
  return undefined;
}

/** A quarantine is an end where there is a reason for it. */
function isQuarantined(site: Site, { source, rewritten }: SourceTruth, segment: string): boolean {
  const record = createHash('sha256').update(segment).digest('hex');
  const folder = `/store/${source.name}/_walq/quarantine`;
  if (!namesAt(site.archive, folder).includes(`${record}.json`)) return false;
  const text = contentAt(site.archive, `${folder}/${record}.json`)?.toString() ?? '';
  const code = /"code":"(?<code>[^"]+)"/.exec(text)?.groups?.['code'];
  const hasReason = code === 'worker-stalled' || (code === 'duplicate' && rewritten.has(segment));
  if (!hasReason)
    site.world.violated('I4', `${segment} of ${source.name} is in quarantine: ${text}`);
  return true;
}

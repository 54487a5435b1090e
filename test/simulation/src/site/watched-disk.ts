/** The disk of a process: its calls wait for their turn, may fail, and are checked before they are made. */
import { simulatedDisk, type DiskCall, type SimulatedDisk } from '@walq/conformance';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import { contentAt } from './peek.ts';
import type { Host, Role } from './role.ts';
import type { Site } from './site.ts';

/** Reads of an open file's state mostly return immediately: nothing competes with them, and there are many. */
const quickCalls: ReadonlySet<DiskCall['operation']> = new Set([
  'file.stat',
  'file.read',
  'file.close',
]);
const QUICK_SHARE = 0.9;

const never = new Promise<never>(() => undefined);

export function watchedDisk(
  site: Site,
  role: Role,
  process: SimulatedProcess,
  isWalq: boolean,
): SimulatedDisk {
  const { world, checker } = site;
  const { host } = role;
  const onCall = (call: DiskCall): undefined | Promise<string | undefined> => {
    const isQuick = quickCalls.has(call.operation) && world.random.chance(QUICK_SHARE);
    if (isQuick) return process.isDead ? never : undefined;
    return inTurn(call);
  };
  const inTurn = async (call: DiskCall): Promise<string | undefined> => {
    const { operation, path } = call;
    const compared = operation === 'unlink' ? peek(site, host, path) : undefined;
    await world.turn(process, latencyOf(site, role, call));
    const fault = isWalq ? faultOf(site, role, call) : undefined;
    const isExchanged = operation === 'unlink' && !isSame(compared, peek(site, host, path));
    if (fault === undefined && isWalq && !isExchanged) {
      checker.before(call, (other) => peek(site, host, other));
    }
    return fault;
  };
  const archive = host.isArchiveMounted ? { '/archive': site.archive } : {};
  return simulatedDisk({ mounts: { '/': host.filesystem, ...archive }, onCall });
}

/**
 * Between the comparing of a segment and its unlinking a file may be exchanged by somebody who may not do
 * that; no system call compares and unlinks at once, and walq promises nothing then.
 */
const isSame = (a: Buffer | undefined, b: Buffer | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.equals(b);

function peek(site: Site, host: Host, path: string): Buffer | undefined {
  if (!path.startsWith('/archive/')) return contentAt(host.filesystem, path);
  return contentAt(site.archive, path.slice('/archive'.length));
}

function latencyOf({ world }: Site, { running }: Role, { path }: DiskCall): number {
  const slowMs = path.startsWith('/archive/') ? (running?.store.latencyMs ?? 0) : 0;
  return world.random.next() * (0.5 + slowMs);
}

/** A failed fsync of a directory leaves a filesystem that nobody can believe any more: it is left out. */
function faultOf({ world }: Site, { running }: Role, call: DiskCall): string | undefined {
  const { operation, path } = call;
  if (running?.store.errno === undefined || !path.startsWith('/archive/')) return undefined;
  if (operation === 'syncDirectory' || operation === 'syncFile') return undefined;
  if (running.store.isOfSync && operation !== 'file.sync') return undefined;
  const isObjectSync = operation === 'file.sync' && path.endsWith('.zst');
  if (isObjectSync || operation === 'file.close') return undefined;
  return world.random.chance(running.store.share) ? running.store.errno : undefined;
}

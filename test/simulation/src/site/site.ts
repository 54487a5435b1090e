/** Hosts with their disks, an archive that all see, one Redis, and the processes that run on them. */
import {
  createArchiver,
  openStore,
  type Archiver,
  type ArchiveStore,
  type Disk,
} from '@walq/wal-core/internal';
import { simulatedDisk, SimulatedFilesystem, type SimulatedDisk } from '@walq/conformance';
import type * as archiveQueue from '@walq/archive-queue';
import { pino } from 'pino';
import type { Layout } from '../plan.ts';
import type { Planted } from '../planted/planted.ts';
import { SimulatedServer } from '../queue/simulated-server.ts';
import { addWire } from '../queue/wires.ts';
import { Wire } from '../queue/wire.ts';
import { SimulatedProcess } from '../world/simulated-process.ts';
import type { World } from '../world/world.ts';
import { Checker } from './checker.ts';
import type { Host, Role, Running } from './role.ts';
import { watchedDisk } from './watched-disk.ts';
import { Engine } from './engine.ts';
import { contentAt } from './peek.ts';
import { pruneSource, type Pruning } from './pruning.ts';
import { restore } from './restoring.ts';
import { lendThreads } from './reused-threads.ts';
import { ARCHIVE, SourceTruth } from './truth.ts';

const quiet = pino({ level: 'silent' });
const LOCK_MS = 3_000;
const RESTART_MS = 200;
/** Of contents: a segment has some dozen bytes. */
const PAGE_BYTES = 16;

export class Site {
  readonly world: World;
  readonly server: SimulatedServer;
  readonly hosts: readonly Host[];
  readonly truths: readonly SourceTruth[];
  readonly roles: readonly Role[];
  readonly checker: Checker;
  archive: SimulatedFilesystem;
  readonly #queue: typeof archiveQueue;
  readonly #planted: Planted;
  readonly #speeds: readonly number[];
  #started = 0;
  #mayRestart = true;
  readonly #ends: (() => void)[] = [];
  readonly #guests: SimulatedProcess[] = [];

  constructor(world: World, layout: Layout, queue: typeof archiveQueue, planted: Planted) {
    this.world = world;
    this.#queue = queue;
    this.#planted = planted;
    this.#speeds = layout.speeds;
    this.server = new SimulatedServer(() => world.nowMs);
    planted.server?.(this.server);
    this.archive = this.#newFilesystem();
    this.hosts = Array.from({ length: layout.hosts }, (_, n) => this.#newHost(n));
    this.truths = Array.from(
      { length: layout.sources },
      (_, n) => new SourceTruth(`source-${n}`, `/wal-${n}`),
    );
    this.roles = [...this.#engineRoles(), ...this.#workerRoles(layout.workers)];
    this.checker = new Checker(world, {
      truths: this.truths,
      filesystemOf: (truth) => this.hostOf(truth).filesystem,
      archive: () => this.archive,
    });
  }

  hostOf(truth: SourceTruth): Host {
    return at(this.hosts, this.truths.indexOf(truth));
  }

  /** Directories of sources and archive, durable. */
  async prepare(): Promise<void> {
    for (const host of this.hosts) {
      const disk = simulatedDisk({ mounts: { '/': host.filesystem, '/archive': this.archive } });
      await disk.makeDirectory('/archive');
      if (host === this.hosts[0]) await disk.makeDirectory(ARCHIVE);
      for (const truth of this.truths) {
        if (this.hostOf(truth) === host) await disk.makeDirectory(truth.source.directory);
      }
      host.filesystem = host.filesystem.crash(() => true);
    }
    this.archive = this.archive.crash(() => true);
  }

  startAll(): void {
    for (const role of this.roles) this.#start(role);
  }

  roleAt(number: number): Role {
    return at(this.roles, number);
  }

  /** Power is off and on again: for one host, or for all and the archive. */
  cutPower(hosts: readonly Host[], survives: () => boolean, withArchive: boolean): void {
    const struck = this.roles.filter(({ host }) => withArchive || hosts.includes(host));
    for (const { running } of struck) running?.process.kill();
    for (const guest of this.#guests.splice(0)) guest.kill();
    for (const host of hosts) host.filesystem = host.filesystem.crash(survives);
    if (withArchive) this.archive = this.archive.crash(survives);
    this.checker.checkNothingLost('after a power cut');
  }

  mountArchive(host: Host, isMounted: boolean): void {
    host.isArchiveMounted = isMounted;
    for (const { running, host: of } of this.roles) {
      if (of !== host || running === undefined) continue;
      if (isMounted) running.disk.mounts.mount('/archive', this.archive);
      else running.disk.mounts.unmount('/archive');
    }
  }

  /** Somebody restores a source on its host, and dies or not. */
  restore(truth: SourceTruth, diesAfterCalls: number): void {
    const { process, disk: own } = this.#guest('restore', truth, diesAfterCalls);
    const disk = this.#planted.restoreDisk?.(own) ?? own;
    this.world.as(process, () => {
      restore(disk, this.#storeOn(disk), truth).catch(this.#unexpected);
    });
  }

  /** Somebody prunes a source's archive from its host, and dies or not. */
  prune(truth: SourceTruth, pruning: Pruning, diesAfterCalls: number): void {
    const { process, disk } = this.#guest('prune', truth, diesAfterCalls);
    const own = this.#storeOn(disk);
    const store = this.#planted.pruneStore?.(own) ?? own;
    this.world.as(process, () => {
      pruneSource(store, truth, pruning).catch(this.#unexpected);
    });
  }

  /** All that was done to it is over. */
  heal(): void {
    for (const host of this.hosts) this.mountArchive(host, true);
    for (const { running } of this.roles) {
      if (running === undefined) continue;
      running.wire.heal();
      running.process.frozenUntilMs = 0;
      running.process.speed = 1;
      running.store = { errno: undefined, share: 0, isOfSync: false, latencyMs: 0 };
    }
    for (const queue of this.server.queues) queue.setPaused(false);
  }

  end(): void {
    this.#mayRestart = false;
    for (const { running } of this.roles) running?.process.kill();
    for (const guest of this.#guests) guest.kill();
    for (const end of this.#ends) end();
  }

  /** A command of an operator on a source's host: nobody starts it again. */
  #guest(
    name: string,
    truth: SourceTruth,
    diesAfterCalls: number,
  ): { readonly process: SimulatedProcess; readonly disk: SimulatedDisk } {
    this.#started += 1;
    const host = this.hostOf(truth);
    const process = new SimulatedProcess(this.world, `${name}.${this.#started}`, host);
    process.dieAfter(diesAfterCalls);
    this.#guests.push(process);
    return { process, disk: this.#diskOf({ name, host, running: undefined }, process, true) };
  }

  #engineRoles(): Role[] {
    return this.truths.map((truth, n) => ({
      name: `engine-${n}`,
      host: this.hostOf(truth),
      truth,
      running: undefined,
    }));
  }

  #workerRoles(count: number): Role[] {
    // Each source has one that sees it, the first have more.
    const all = Array.from({ length: Math.max(count, this.truths.length) }, (_, n) =>
      this.hostOf(at(this.truths, n)),
    );
    return all.map((host, n) => ({ name: `worker-${n}`, host, running: undefined }));
  }

  #start(role: Role): void {
    this.#started += 1;
    const process = new SimulatedProcess(this.world, `${role.name}.${this.#started}`, role.host);
    process.speed = at(this.#speeds, this.#started);
    const wire = new Wire(this.world, process, this.server);
    addWire(wire);
    const disk = this.#diskOf(role, process, true);
    const store = { errno: undefined, share: 0, isOfSync: false, latencyMs: 0 };
    const { truth } = role;
    const engine = truth && this.#engineOf(role, process, truth);
    const running: Running = { process, wire, disk, store, ...(engine && { engine }) };
    role.running = running;
    process.onDeath = () => this.#restartLater(role);
    this.world.as(process, () => {
      if (truth === undefined) this.#startWorker(role, running);
      else this.#startEngine(running, truth);
    });
  }

  #engineOf(role: Role, process: SimulatedProcess, truth: SourceTruth): Engine {
    const contentOf = (file: string): string | undefined =>
      contentAt(role.host.filesystem, `${truth.source.directory}/${file}`)?.toString('latin1');
    return new Engine(truth, this.#diskOf(role, process, false), contentOf);
  }

  #restartLater(role: Role): void {
    role.running = undefined;
    const again = (): void => {
      if (this.#mayRestart) this.#start(role);
    };
    this.world.at(this.world.nowMs + RESTART_MS, again);
  }

  #startEngine({ engine, process, disk }: Running, truth: SourceTruth): void {
    const producer = this.#queue.createProducer({
      source: truth.source,
      store: this.#storeOn(disk),
      redis: `redis://${process.name}`,
      logger: quiet,
      disk,
      reconcileIntervalMs: 3_000,
      windowMax: 12,
      batch: { segmentsMax: 4, bytesMax: 150 },
    });
    engine?.start((segment) => {
      const before = this.world.waitingCount;
      producer.flushed(segment);
      if (this.world.waitingCount !== before) this.world.violated('I6', 'flushed() made a call');
    });
  }

  #startWorker(role: Role, { process, disk }: Running): void {
    const own = this.#planted.disk?.(disk) ?? disk;
    const store = this.#planted.store?.(this.#storeOn(own)) ?? this.#storeOn(own);
    const archiver = this.#archiverOn(own, store, process.name);
    const seen = this.truths.filter((truth) => this.hostOf(truth) === role.host);
    const consumer = this.#queue.createConsumer({
      sources: seen.map(({ source }) => ({ source, store })),
      archiver: this.#planted.archiver?.(archiver, own) ?? archiver,
      redis: `redis://${process.name}`,
      logger: quiet,
      disk: own,
      lockDurationMs: LOCK_MS,
      sourceCheckIntervalMs: 3_000,
      stuckAfterMs: 30_000,
      missingMs: 20_000,
    });
    consumer.start().catch(this.#unexpected);
  }

  #archiverOn(disk: Disk, store: ArchiveStore, worker: string): Archiver {
    const { threads, returnThreads } = lendThreads(disk);
    this.#ends.push(returnThreads);
    return createArchiver({
      disk,
      threads,
      storeOf: () => store,
      level: 1,
      conservative: true,
      worker,
    });
  }

  #unexpected = (error: unknown): void => this.world.violated('code', String(error));

  #storeOn = (disk: Disk): ArchiveStore => openStore(ARCHIVE, { disk });

  #diskOf(role: Role, process: SimulatedProcess, isWalq: boolean): SimulatedDisk {
    return watchedDisk(this, role, process, isWalq);
  }

  #newFilesystem(): SimulatedFilesystem {
    const now = (): bigint => BigInt(Math.floor(this.world.wallMs)) * 1_000_000n;
    return new SimulatedFilesystem({ now, pageBytes: PAGE_BYTES });
  }

  #newHost(number: number): Host {
    const filesystem = this.#newFilesystem();
    return { name: `host-${number}`, skewMs: 0, filesystem, isArchiveMounted: true };
  }
}

/** Round and round. */
function at<T>(things: readonly T[], number: number): T {
  const thing = things[number % things.length];
  if (thing === undefined) throw new RangeError('nothing there');
  return thing;
}

/** Cuts the power before and after each disk call of a run, and checks what each cut leaves. */
import { countCases } from '@walq/test-support';
import type { Disk } from '@walq/wal-core/internal';
import {
  faultyDisk,
  SeededRandom,
  simulatedDisk,
  SimulatedFilesystem,
  type SimulatedDisk,
} from '@walq/conformance';

export interface Scenario {
  /** The initial state, all of it durable. */
  readonly prepare: (disk: Disk) => Promise<void>;
  /** What happened before and did not become durable, because its process died. */
  readonly before?: (disk: Disk) => Promise<void>;
  /** What the scenario does; it adds to `promised` what callers have been promised by then. */
  readonly run: (disk: Disk, promised: (promise: string) => void) => Promise<void>;
  /** Rejects when the state after the cut breaks a promise made before it. */
  readonly check: (disk: SimulatedDisk, promised: ReadonlySet<string>) => Promise<void>;
}

export interface Cut {
  /** The calls made so far, in order. */
  readonly after: string;
  readonly survivors: string;
  readonly failure: Error;
}

export interface CrashReport {
  readonly points: number;
  readonly cuts: number;
  readonly lost: readonly Cut[];
  /** Each fsync made, by kind and path. */
  readonly syncs: readonly string[];
}

/** Small pages, so that small files can survive in part, too. */
const PAGE_BYTES = 64;
const SEEDED_CUTS = 4;

/** `skip`: the kind of fsync that is left out, as if its line were missing. */
export async function crashEverywhere(scenario: Scenario, skip?: string): Promise<CrashReport> {
  const filesystem = await durableStart(scenario);
  const promised = new Set<string>();
  const report = { points: 0, cuts: 0, lost: [] as Cut[], syncs: new Set<string>() };
  let last = 'nothing';
  const states: { after: string; promised: ReadonlySet<string>; left: SimulatedFilesystem[] }[] =
    [];
  let seen = '';
  const note = (): void => {
    report.points += 1;
    const isAsBefore = changesNothing.test(last) && seen === `${promised.size}`;
    if (isAsBefore) return;
    seen = `${promised.size}`;
    states.push({
      after: last,
      promised: new Set(promised),
      left: allCuts(filesystem, report.points),
    });
  };
  const disk = faultyDisk(withoutSync(simulatedDisk({ mounts: { '/': filesystem } }), skip), {
    onCall: ({ operation, path }) => {
      note();
      last = kindOf(operation, path);
      if (/sync/i.test(operation)) report.syncs.add(last);
    },
  });
  await scenario.run(disk, (promise) => promised.add(promise));
  note();
  for (const state of states) {
    for (const [number, left] of state.left.entries()) {
      report.cuts += 1;
      const failure = await failureOf(scenario, left, state.promised);
      const survivors = ['nothing', 'everything'][number] ?? `seed ${number}`;
      if (failure !== undefined) report.lost.push({ after: state.after, survivors, failure });
    }
  }
  countCases(report.cuts);
  return { ...report, syncs: [...report.syncs].toSorted() };
}

/** Calls that change nothing, so that a cut after them leaves the same as one before. */
const changesNothing = /^(openRead|openExisting|lstat|list|space|file\.(read|stat|close)) /;

/** Which fsyncs of a scenario lose something when they are missing, and which do not. */
export async function withoutEachSync(
  scenario: Scenario,
): Promise<{ readonly found: string[]; readonly harmless: string[] }> {
  const { syncs } = await crashEverywhere(scenario);
  const found: string[] = [];
  const harmless: string[] = [];
  for (const sync of syncs) {
    const { lost } = await crashEverywhere(scenario, sync);
    (lost.length > 0 ? found : harmless).push(sync);
  }
  return { found, harmless };
}

async function durableStart(scenario: Scenario): Promise<SimulatedFilesystem> {
  const made = new SimulatedFilesystem({ pageBytes: PAGE_BYTES });
  await scenario.prepare(simulatedDisk({ mounts: { '/': made } }));
  const filesystem = made.crash(() => true);
  await scenario.before?.(simulatedDisk({ mounts: { '/': filesystem } }));
  return filesystem;
}

/** Everything that may be lost is lost; nothing is; some is. */
function allCuts(filesystem: SimulatedFilesystem, point: number): SimulatedFilesystem[] {
  const seeded = Array.from({ length: SEEDED_CUTS }, (_, n) => coin(point * SEEDED_CUTS + n + 1));
  return [() => false, () => true, ...seeded].map((survives) => filesystem.crash(survives));
}

async function failureOf(
  { check }: Scenario,
  filesystem: SimulatedFilesystem,
  promised: ReadonlySet<string>,
): Promise<Error | undefined> {
  try {
    await check(simulatedDisk({ mounts: { '/': filesystem } }), promised);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const uuid = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const kindOf = (operation: string, path: string): string =>
  `${operation} ${path.replaceAll(uuid, '')}`;

/** A disk on which one kind of fsync does nothing and reports success. */
function withoutSync(disk: SimulatedDisk, skip: string | undefined): Disk {
  if (skip === undefined) return disk;
  const isSkipped = (operation: string, path: string): boolean => kindOf(operation, path) === skip;
  const opening =
    (open: 'openRead' | 'openNew' | 'openExisting') =>
    async (path: string): ReturnType<Disk['openNew']> => {
      const file = await disk[open](path);
      const sync = isSkipped('file.sync', path) ? async () => {} : () => file.sync();
      return { ...file, sync };
    };
  return {
    ...disk,
    openRead: opening('openRead'),
    openNew: opening('openNew'),
    openExisting: opening('openExisting'),
    syncDirectory: async (path) => {
      if (!isSkipped('syncDirectory', path)) await disk.syncDirectory(path);
    },
    syncFile: async (path) => {
      if (!isSkipped('syncFile', path)) await disk.syncFile(path);
    },
  };
}

/** The same answers for the same seed. */
function coin(seed: number): () => boolean {
  const random = new SeededRandom(seed);
  return () => random.below(2) === 1;
}

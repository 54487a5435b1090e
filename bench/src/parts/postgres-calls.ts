/**
 * What PostgreSQL's calls cost where walq has done the work before: `wal-push` answered from a marker, `wal-fetch`
 * from a prefetched file by the process that fetches ahead, whose part counts. Their processor time is compared with that
 * of `sh -c true`: the shell that PostgreSQL starts for any command is not counted, and walq's should cost as little.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BenchFailure } from '../bench-failure.ts';
import { environmentOf } from '../contestants/contestant.ts';
import { inTurn, median, spreadOf, type Spread } from '../figures.ts';
import { makeDataDirectory, walName } from '../input/postgres-directory.ts';
import type { BenchSite } from '../measure/measure-rounds.ts';
import { cpuSecondsOf, cpuSecondsOfEnded } from '../measure/process-meter.ts';

const run = promisify(execFile);

export interface CallCost {
  readonly title: string;
  /** User and system time of one call, with all its processes. */
  readonly cpuMs: Spread;
  /** Of this, in processes that were running before. Median. */
  readonly residentMs: number;
  /** The same over that of `sh -c true` in the same round. */
  readonly timesShell: Spread;
}

/** In a round; as many as walq fetches ahead at most. */
const CALLS = 64;
/** Linux counts in hundredths of a second: many rounds, and more of the shorter calls, make up for that. */
const ROUNDS = 9;
const ROUNDS_SHORT = 3;
const SHELL_PASSES = 4;

export async function measurePostgresCalls(site: BenchSite): Promise<CallCost[]> {
  const root = join(site.root, 'postgres-calls');
  await mkdir(root);
  const place = new CallPlace(site, root);
  try {
    await place.prepare();
    return await measureRounds(site, place);
  } finally {
    await place.endResident();
    await rm(root, { recursive: true, force: true });
    site.onMeasured();
  }
}

/** As PostgreSQL is configured, with the names of this place in the environment. */
const PUSH = '"$BENCH_WALQ" wal-push "pg_wal/$NAME" --config "$BENCH_CONFIG"';
const FETCH = `"$BENCH_WALQ" wal-fetch "$NAME" pg_wal/RECOVERYXLOG --archive "$BENCH_ARCHIVE" --ahead ${CALLS}`;

interface Call {
  readonly title: string;
  readonly command: string;
  /** How often it is called for every name. */
  readonly passes: number;
  /** Puts the place into a state in which every name is answered once; gives what ends it. */
  prepare(): Promise<() => Promise<void>>;
}

async function measureRounds(site: BenchSite, place: CallPlace): Promise<CallCost[]> {
  const shell: Call = {
    title: 'sh -c true',
    command: 'sh -c true',
    passes: SHELL_PASSES,
    prepare: async () => nothing,
  };
  const calls: readonly Call[] = [
    shell,
    {
      title: 'wal-push, answered from a marker',
      command: PUSH,
      passes: 1,
      prepare: () => place.restoreMarkers(),
    },
    {
      title: 'wal-fetch, answered from a prefetched file',
      command: FETCH,
      passes: 1,
      prepare: () => place.fetchAhead(),
    },
  ];
  const costs = new Map(calls.map(({ title }) => [title, [] as Cost[]]));
  for (let round = 0; round < (site.short ? ROUNDS_SHORT : ROUNDS); round += 1) {
    for (const call of inTurn(calls, round)) {
      costs.get(call.title)?.push(await costOf(place, call));
    }
  }
  const floor = costs.get(shell.title) ?? [];
  return calls.map(({ title }) => {
    const all = costs.get(title) ?? [];
    return {
      title,
      cpuMs: spreadOf(all.map(({ cpuMs }) => cpuMs)),
      residentMs: median(all.map(({ residentMs }) => residentMs)),
      timesShell: spreadOf(all.map(({ cpuMs }, at) => cpuMs / (floor[at]?.cpuMs ?? Number.NaN))),
    };
  });
}

const nothing = async (): Promise<void> => undefined;

async function costOf(place: CallPlace, call: Call): Promise<Cost> {
  const end = await call.prepare();
  try {
    return await place.costOf(call);
  } finally {
    await end();
  }
}

/** Of one call, milliseconds. */
interface Cost {
  readonly cpuMs: number;
  readonly residentMs: number;
}

const READY_MS_MAX = 60_000;
const POLL_INTERVAL_MS = 50;

const CONFIGURATION = `
[archive]
url = "archive"
[sources.main]
type = "postgres"
path = "main"
`;

/** A data directory, an archive, and walq's state in which both commands find their answer. */
class CallPlace {
  readonly #site: BenchSite;
  readonly #root: string;
  readonly #data: string;
  readonly #state: string;
  readonly #markers: string;
  readonly #saved: string;
  readonly #archive: string;
  readonly #config: string;
  readonly #names = Array.from({ length: CALLS + 1 }, (_, index) => walName(index + 1));

  constructor(site: BenchSite, root: string) {
    this.#site = site;
    this.#root = root;
    this.#data = join(root, 'main');
    this.#state = join(root, 'main.walq');
    this.#markers = join(this.#state, 'acknowledged');
    this.#saved = join(root, 'saved');
    this.#archive = join(root, 'archive');
    this.#config = join(root, 'walq.toml');
  }

  /** The first push starts Node, which archives the other segments too. */
  async prepare(): Promise<void> {
    await makeDataDirectory(this.#data, this.#names);
    await mkdir(this.#archive);
    await writeFile(this.#config, CONFIGURATION);
    await this.#untilAnswers('acknowledged', () => this.#callFirst(PUSH));
    await cp(this.#markers, this.#saved, { recursive: true, preserveTimestamps: true });
  }

  /** A marker answers once. */
  async restoreMarkers(): Promise<() => Promise<void>> {
    await rm(this.#markers, { recursive: true });
    await cp(this.#saved, this.#markers, { recursive: true, preserveTimestamps: true });
    return nothing;
  }

  /** The first fetch starts Node, which then fetches ahead. */
  async fetchAhead(): Promise<() => Promise<void>> {
    await this.#callFirst(FETCH);
    await this.#untilAnswers('fetched', () => this.#pause());
    return () => this.endResident();
  }

  /** No Node can be started: what is not answered before it fails. */
  async costOf({ command, passes }: Call): Promise<Cost> {
    const names = Array.from({ length: passes }, () => this.#names.slice(1)).flat();
    const pids = await this.#resident();
    const resident = () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
    const before = [cpuSecondsOfEnded(), resident()] as const;
    await this.#call(command, names, '/dev/null');
    const ms = (seconds: number) => (1000 * seconds) / names.length;
    const residentMs = ms(resident() - before[1]);
    return { cpuMs: ms(cpuSecondsOfEnded() - before[0]) + residentMs, residentMs };
  }

  #callFirst = (command: string): Promise<void> =>
    this.#call(command, this.#names.slice(0, 1), process.execPath);

  /** One after another, in the data directory. */
  async #call(command: string, names: readonly string[], node: string): Promise<void> {
    const loop = 'for NAME; do eval "$COMMAND" || exit 1; done';
    const env = {
      ...environmentOf({ WALQ_NODE: node, COMMAND: command }),
      BENCH_WALQ: this.#site.walq,
      BENCH_CONFIG: this.#config,
      BENCH_ARCHIVE: this.#archive,
    };
    const options = { cwd: this.#data, env, signal: this.#site.signal };
    await run('sh', ['-c', loop, 'sh', ...names], options).catch((cause: unknown) => {
      this.#site.signal.throwIfAborted();
      throw new BenchFailure(
        'measurement-void',
        `a call was not answered: ${cause instanceof Error ? cause.message : String(cause)}`,
        'See whether the disk is full. Otherwise report this as a bug of walq.',
      );
    });
  }

  /** A push archives later files for a limited time, so it may take several. */
  async #untilAnswers(kind: 'acknowledged' | 'fetched', step: () => Promise<unknown>) {
    const giveUpMs = performance.now() + READY_MS_MAX;
    do {
      await step();
      if (performance.now() > giveUpMs) throw new Error(`${CALLS} files were not ${kind}`);
    } while ((await this.#countOf(kind)) < CALLS);
  }

  async #countOf(kind: string): Promise<number> {
    const files = await readdir(join(this.#state, kind), { recursive: true }).catch(() => []);
    return files.filter((path) => /(^|\/)[0-9A-F]{24}$/.test(path)).length;
  }

  #pause = (): Promise<void> => sleep(POLL_INTERVAL_MS, undefined, { signal: this.#site.signal });

  async endResident(): Promise<void> {
    for (const pid of await this.#resident()) process.kill(pid);
    while ((await this.#resident()).length > 0) await sleep(POLL_INTERVAL_MS);
  }

  /** What fetches ahead outlives the call that started it, so its command line is the only way to find it. */
  async #resident(): Promise<number[]> {
    const pids: number[] = [];
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (line.includes(this.#root)) pids.push(Number(pid));
    }
    return pids;
  }
}

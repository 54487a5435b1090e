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
import { inTurn } from '../figures.ts';
import { makeDataDirectory, walName } from '../input/postgres-directory.ts';
import type { BenchSite } from '../measure/measure-rounds.ts';
import { cpuSecondsOf, cpuSecondsOfEnded } from '../measure/process-meter.ts';

const run = promisify(execFile);

/** Of one call, on average, in milliseconds. */
export interface CallCost {
  readonly title: string;
  /** User and system time with all its processes. */
  readonly cpuMs: number;
  /** Of this, in processes that were running before. */
  readonly residentMs: number;
  /** The same over that of `sh -c true`. */
  readonly timesShell: number;
}

/** In a round; as many as walq fetches ahead at most. */
const CALLS = 64;
/** Linux counts in hundredths of a second, so all rounds count together. */
const ROUNDS = 9;
const ROUNDS_SHORT = 3;

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
  /** Puts the place into a state in which every name is answered once. */
  prepare(): Promise<void>;
}

async function measureRounds(site: BenchSite, place: CallPlace): Promise<CallCost[]> {
  const shell: Call = {
    title: 'sh -c true',
    command: 'sh -c true',
    prepare: async () => undefined,
  };
  const push: Call = {
    title: 'wal-push, answered from a marker',
    command: PUSH,
    prepare: () => place.restoreMarkers(),
  };
  const fetch: Call = {
    title: 'wal-fetch, answered from a prefetched file',
    command: FETCH,
    prepare: () => place.fetchAhead(),
  };
  const calls = [shell, push, fetch];
  const used = new Map(calls.map((call) => [call, { own: 0, resident: 0 }]));
  const rounds = site.short ? ROUNDS_SHORT : ROUNDS;
  for (let round = 0; round < rounds; round += 1) {
    for (const call of inTurn(calls, round)) {
      await call.prepare();
      const { own, resident } = await place.secondsOf(call.command);
      const sum = used.get(call) ?? { own: 0, resident: 0 };
      used.set(call, { own: sum.own + own, resident: sum.resident + resident });
      await place.endResident();
    }
  }
  const msOf = (seconds: number): number => (1000 * seconds) / (rounds * CALLS);
  const shellMs = msOf(used.get(shell)?.own ?? 0);
  return [...used].map(([{ title }, { own, resident }]) => {
    const cpuMs = msOf(own + resident);
    return { title, cpuMs, residentMs: msOf(resident), timesShell: cpuMs / shellMs };
  });
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
  async restoreMarkers(): Promise<void> {
    await rm(this.#markers, { recursive: true });
    await cp(this.#saved, this.#markers, { recursive: true, preserveTimestamps: true });
  }

  /** The first fetch starts Node, which then fetches ahead. */
  async fetchAhead(): Promise<void> {
    await this.#callFirst(FETCH);
    await this.#untilAnswers('fetched', () => this.#pause());
  }

  /**
   * Of a call for each name, in its own processes and in those that were running before. No Node can be started: what
   * is not answered before it fails.
   */
  async secondsOf(command: string): Promise<{ readonly own: number; readonly resident: number }> {
    const pids = await this.#resident();
    const seconds = () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
    const before = { own: cpuSecondsOfEnded(), resident: seconds() };
    await this.#call(command, this.#names.slice(1), '/dev/null');
    return { own: cpuSecondsOfEnded() - before.own, resident: seconds() - before.resident };
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

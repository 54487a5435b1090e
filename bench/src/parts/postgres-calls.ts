/**
 * What PostgreSQL's calls cost where walq has done the work before: `wal-push` answered from a marker, `wal-fetch`
 * answered from a prefetched file. Their processor time stands beside that of `sh -c true`, the least that PostgreSQL
 * pays for any command.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BenchFailure } from '../bench-failure.ts';
import { environmentOf } from '../contestants/contestant.ts';
import { inTurn, spreadOf, type Spread } from '../figures.ts';
import { makeDataDirectory, walName } from '../input/data-directory.ts';
import type { BenchSite } from '../measure/measure-rounds.ts';
import { cpuSecondsOfEnded } from '../measure/process-meter.ts';

const run = promisify(execFile);

export interface CallCost {
  readonly title: string;
  /** User and system time of one call, with all its processes. */
  readonly cpuMs: Spread;
  /** The same over that of `sh -c true` in the same round. */
  readonly timesShell: Spread;
}

/** In a round; as many as walq fetches ahead at most. */
const CALLS = 64;
/** Linux counts in hundredths of a second: many rounds, and more of the shorter calls, make up for that. */
const ROUNDS = 15;
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
    await place.endFetching();
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
}

async function measureRounds(site: BenchSite, place: CallPlace): Promise<CallCost[]> {
  const shell: Call = { title: 'sh -c true', command: 'true', passes: SHELL_PASSES };
  const calls: readonly Call[] = [
    shell,
    { title: 'wal-push, answered from a marker', command: PUSH, passes: 1 },
    { title: 'wal-fetch, answered from a prefetched file', command: FETCH, passes: 1 },
  ];
  const costs = new Map(calls.map(({ title }) => [title, [] as number[]]));
  for (let round = 0; round < (site.short ? ROUNDS_SHORT : ROUNDS); round += 1) {
    await place.restoreState();
    for (const call of inTurn(calls, round)) {
      costs.get(call.title)?.push(await place.costOf(call));
    }
  }
  const floor = costs.get(shell.title) ?? [];
  return calls.map(({ title }) => {
    const cpuMs = costs.get(title) ?? [];
    const times = cpuMs.map((ms, round) => ms / (floor[round] ?? Number.NaN));
    return { title, cpuMs: spreadOf(cpuMs), timesShell: spreadOf(times) };
  });
}

const READY_MS_MAX = 60_000;
const POLL_INTERVAL_MS = 50;

/** A data directory, an archive, and walq's state as it is when both commands find their answer. */
class CallPlace {
  readonly #site: BenchSite;
  readonly #data: string;
  readonly #state: string;
  readonly #saved: string;
  readonly #archive: string;
  readonly #config: string;
  readonly #names = Array.from({ length: CALLS + 1 }, (_, index) => walName(index + 1));

  constructor(site: BenchSite, root: string) {
    this.#site = site;
    this.#data = join(root, 'main');
    this.#state = join(root, 'main.walq');
    this.#saved = join(root, 'saved');
    this.#archive = join(root, 'archive');
    this.#config = join(root, 'walq.toml');
  }

  /** The first call of each command starts Node, which prepares the answers of the others. */
  async prepare(): Promise<void> {
    const [first = ''] = this.#names;
    await makeDataDirectory(this.#data, this.#names);
    await mkdir(this.#archive);
    const source = `[sources.main]\ntype = "postgres"\npath = "main"\n`;
    await writeFile(this.#config, `[archive]\nurl = "archive"\n${source}`);
    const node = process.execPath;
    await this.#untilAnswers('acknowledged', () => this.#call(PUSH, [first], node));
    await this.#call(FETCH, [first], node);
    await this.#untilAnswers('fetched', () => this.#pause());
    // Killed, it leaves what it has fetched.
    await this.endFetching();
    await cp(this.#state, this.#saved, { recursive: true, preserveTimestamps: true });
  }

  /** A marker and a prefetched file answer once. */
  async restoreState(): Promise<void> {
    await rm(this.#state, { recursive: true });
    await cp(this.#saved, this.#state, { recursive: true, preserveTimestamps: true });
  }

  /** Milliseconds of processor time for each call. No Node can be started: what is not answered before it fails. */
  async costOf({ command, passes }: Call): Promise<number> {
    const names = Array.from({ length: passes }, () => this.#names.slice(1)).flat();
    const beforeSeconds = cpuSecondsOfEnded();
    await this.#call(command, names, '/dev/null');
    return (1000 * (cpuSecondsOfEnded() - beforeSeconds)) / names.length;
  }

  /** As PostgreSQL does it: a shell for each call, in the data directory. */
  async #call(command: string, names: readonly string[], node: string): Promise<void> {
    const loop = 'for NAME; do export NAME; sh -c "$COMMAND" || exit 1; done';
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

  /** It outlives the call that started it, so nothing but its command line tells who it is. */
  async endFetching(): Promise<void> {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const path = `/proc/${pid}/cmdline`;
      const isOurs = async () => {
        const line = await readFile(path, 'utf8').catch(() => '');
        return line.includes('wal-fetch-ahead') && line.includes(this.#archive);
      };
      if (!(await isOurs())) continue;
      process.kill(Number(pid), 'SIGKILL');
      while (await isOurs()) await sleep(POLL_INTERVAL_MS);
    }
  }
}

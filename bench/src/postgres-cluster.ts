/** A PostgreSQL with a backlog of ready segments, to be archived again and again. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const debianFolder = '/usr/lib/postgresql';
const versions = readdirSync(debianFolder)
  .map(Number)
  .toSorted((a, b) => b - a);
const binaries = join(debianFolder, String(versions[0]), 'bin');

/** PostgreSQL refuses to run as root. */
const asUser =
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups']
    : [];

export class Cluster {
  readonly root: string;
  /** In the order in which PostgreSQL archives them. */
  segments: readonly string[] = [];

  readonly #signal: AbortSignal;

  /** The signal ends every wait. */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.root = mkdtempSync(join(process.env['WALQ_BENCH_DIR'] ?? '/var/tmp', 'walq-bench-pg-'));
    chmodSync(this.root, 0o755);
    if (asUser.length > 0) execFileSync('chown', ['postgres', this.root]);
  }

  at(path: string): string {
    return join(this.root, path);
  }

  run(command: string, args: readonly string[], cwd = this.root): string {
    const [first = '', ...rest] = [...asUser, command, ...args];
    const env = { ...process.env, HOME: this.root, XDG_STATE_HOME: this.at('state') };
    return execFileSync(first, rest, {
      cwd,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  start(command: string, args: readonly string[]): ChildProcess {
    const [first = '', ...rest] = [...asUser, command, ...args];
    const env = { ...process.env, HOME: this.root, XDG_STATE_HOME: this.at('state') };
    return spawn(first, rest, { cwd: this.root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  }

  query(sql: string): string {
    return this.run('psql', ['--host', this.root, '-qAtXc', sql, 'postgres']).trim();
  }

  /**
   * Makes the data directory `origin`, with at least so many segments of transactions that are ready; or takes
   * a copy of one whose server has ended.
   */
  fill(count: number, ready: string | undefined): void {
    if (ready === undefined) this.#make(count);
    else this.run('cp', ['--archive', ready, this.at('origin')]);
    this.segments = this.#ready('origin').slice(-count);
    if (this.segments.length < count) throw new Error(`only ${this.segments.length} are ready`);
  }

  #make(count: number): void {
    const initdb = ['--pgdata', this.at('origin'), '--auth', 'trust', '--no-sync'];
    this.run(join(binaries, 'initdb'), initdb);
    const settings = [
      "listen_addresses = ''",
      `unix_socket_directories = '${this.root}'`,
      'archive_mode = on',
      "archive_command = ''",
      'fsync = off',
      'max_wal_size = 16GB',
    ];
    appendFileSync(join(this.at('origin'), 'postgresql.conf'), `${settings.join('\n')}\n`);
    this.#server('start', 'origin');
    this.run('pgbench', ['--host', this.root, '-iqs', '20', 'postgres']);
    // What filled the tables compresses as no other WAL does.
    const target = this.#ready('origin').length + count + 1;
    while (this.#ready('origin').length < target) {
      this.run('pgbench', ['--host', this.root, '-n', '-c', '2', '-t', '20000', 'postgres']);
    }
    this.#server('stop', 'origin');
  }

  /** A copy of the origin as `main`, which runs; PostgreSQL does not see the backlog yet. */
  begin(archiveCommand: string): void {
    rmSync(this.at('main'), { recursive: true, force: true });
    this.run('cp', ['--archive', this.at('origin'), this.at('main')]);
    // Else each fsync of the measurement would wait for what was copied.
    execFileSync('sync');
    this.#aside();
    const settings = [
      `archive_command = '${archiveCommand}'`,
      `unix_socket_directories = '${this.root}'`,
    ];
    appendFileSync(join(this.at('main'), 'postgresql.conf'), `${settings.join('\n')}\n`);
    this.#server('start', 'main');
  }

  /** One segment goes the whole way before the clock starts: what serves PostgreSQL is resident. */
  async warmUp(): Promise<void> {
    await this.#untilDone(this.#endSegment());
  }

  /** PostgreSQL ends none that nothing was written into. */
  #endSegment(): string {
    this.query("select pg_logical_emit_message(false, 'bench', 'end')");
    return this.query('select pg_walfile_name(pg_switch_wal())');
  }

  /** Shows the backlog; resolves when PostgreSQL has its answer for the last segment. Gives milliseconds. */
  async drain(): Promise<number> {
    const last = this.segments.at(-1) ?? '';
    const startedMs = performance.now();
    for (const name of readdirSync(this.at('aside'))) {
      renameSync(join(this.at('aside'), name), join(this.#status('main'), name));
    }
    // Its archiver sleeps for up to a minute; a new segment wakes it.
    this.#endSegment();
    await this.#untilDone(last);
    return performance.now() - startedMs;
  }

  async #untilDone(name: string): Promise<void> {
    const giveUpMs = performance.now() + 600_000;
    while (!readdirSync(this.#status('main')).includes(`${name}.done`)) {
      await sleep(10, undefined, { signal: this.#signal });
      if (performance.now() > giveUpMs) throw new Error(`${name} was not archived`);
    }
  }

  end(): void {
    this.#server('stop', 'main');
  }

  /** Ends what still runs, too. */
  remove(): void {
    for (const name of ['origin', 'main']) this.#stopIfRunning(name);
    rmSync(this.root, { recursive: true, force: true });
  }

  /** A Ctrl-C of the terminal reaches the server as well, which then ends by itself. */
  #stopIfRunning(name: string): void {
    const isRunning = () => existsSync(join(this.at(name), 'postmaster.pid'));
    try {
      if (isRunning()) this.#server('stop', name);
    } catch (error) {
      if (isRunning()) throw error;
    }
  }

  #server(what: 'start' | 'stop', name: string): void {
    const args = [what, '--pgdata', this.at(name), '--wait', '--log', this.at(`${name}.log`)];
    execFileSync(
      asUser[0] ?? join(binaries, 'pg_ctl'),
      asUser.length === 0 ? args : [...asUser.slice(1), join(binaries, 'pg_ctl'), ...args],
      { stdio: 'ignore', cwd: this.root },
    );
  }

  #status(name: string): string {
    return join(this.at(name), 'pg_wal', 'archive_status');
  }

  #ready(name: string): string[] {
    const files = readdirSync(this.#status(name)).filter((file) =>
      /^[0-9A-F]{24}\.ready$/.test(file),
    );
    return files.map((file) => file.slice(0, 24)).toSorted();
  }

  #aside(): void {
    rmSync(this.at('aside'), { recursive: true, force: true });
    mkdirSync(this.at('aside'));
    for (const name of this.segments) {
      const file = `${name}.ready`;
      renameSync(join(this.#status('main'), file), join(this.at('aside'), file));
    }
    for (const name of this.#ready('main')) rmSync(join(this.#status('main'), `${name}.ready`));
  }
}

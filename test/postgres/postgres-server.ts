/** A PostgreSQL server of a test's own: its files in one directory, its socket there too. */
import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually, type RunningProcess } from '@walq/test-support';
import { binariesFolder, type Owner } from './owner.ts';

export interface ServerPlace {
  readonly owner: Owner;
  /** Holds the data directory and the socket. */
  readonly directory: string;
  readonly name: string;
}

/** Quick, and safe enough where only processes die: what a power cut loses is tested elsewhere. */
const settings = [
  "listen_addresses = ''",
  'fsync = off',
  'max_wal_size = 8GB',
  'wal_level = replica',
];

export class PostgresServer {
  readonly dataDirectory: string;
  readonly #place: ServerPlace;
  readonly #binaries: string;
  readonly #port: number;

  private constructor(place: ServerPlace, binaries: string, port: number) {
    this.#place = place;
    this.#binaries = binaries;
    this.#port = port;
    this.dataDirectory = join(place.directory, place.name);
    onTestFinished(() => this.stop('immediate'));
  }

  /** A new cluster, not started yet. */
  static async init(
    place: ServerPlace,
    port = 5432,
    initdb: readonly string[] = [],
  ): Promise<PostgresServer> {
    const server = new PostgresServer(place, await binariesFolder(), port);
    const args = ['--pgdata', server.dataDirectory, '--auth', 'trust', '--no-sync', ...initdb];
    await server.#call('initdb', ...args);
    await server.configure(...settings);
    return server;
  }

  /** A data directory that is there already, such as a base backup's. */
  static async at(place: ServerPlace, port: number): Promise<PostgresServer> {
    return new PostgresServer(place, await binariesFolder(), port);
  }

  get walDirectory(): string {
    return join(this.dataDirectory, 'pg_wal');
  }

  /** Lines of postgresql.conf; later ones count. */
  async configure(...lines: string[]): Promise<void> {
    const own = [`port = ${this.#port}`, `unix_socket_directories = '${this.#place.directory}'`];
    await appendFile(
      join(this.dataDirectory, 'postgresql.conf'),
      `${[...own, ...lines].join('\n')}\n`,
    );
  }

  async signalFile(name: 'recovery.signal' | 'standby.signal'): Promise<void> {
    const path = join(this.dataDirectory, name);
    await writeFile(path, '');
    await this.#place.owner.own(path);
  }

  async start(): Promise<void> {
    const log = ['--log', this.#logPath];
    await this.#call('pg_ctl', 'start', '--pgdata', this.dataDirectory, '--wait', ...log);
  }

  get isRunning(): boolean {
    return existsSync(join(this.dataDirectory, 'postmaster.pid'));
  }

  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    if (!this.isRunning) return;
    await this.#call('pg_ctl', 'stop', '--pgdata', this.dataDirectory, '--mode', mode, '--wait');
    await eventually(() => this.#requireNoFetching());
  }

  /** What fetches WAL ahead for this server ends with it, a moment later. */
  async #requireNoFetching(): Promise<void> {
    const nothing = (): string[] => [];
    const fetched = `${this.dataDirectory}.walq/fetched`;
    const names = await readdir(fetched, { recursive: true }).catch(nothing);
    const isRunning = names.some((name) => basename(name) === 'ask');
    if (isRunning) throw new Error(`WAL is still fetched ahead into ${fetched}`);
  }

  /** One statement or more; gives the last one's rows, columns apart by `|`. */
  async query(sql: string): Promise<string> {
    const args = ['--no-psqlrc', '--tuples-only', '--no-align', '--quiet', '--command', sql];
    return (await this.#call('psql', ...this.#connection, ...args, 'postgres')).trim();
  }

  async pgbench(...args: string[]): Promise<void> {
    await this.#call('pgbench', ...this.#connection, ...args, 'postgres');
  }

  /** In the background. */
  startPgbench(...args: string[]): Promise<RunningProcess> {
    const all = [...this.#connection, ...args, 'postgres'];
    return this.#place.owner.start(join(this.#binaries, 'pgbench'), all);
  }

  async baseBackup(to: string): Promise<void> {
    const args = ['--pgdata', to, '--checkpoint', 'fast', '--no-sync', '--wal-method', 'none'];
    await this.#call('pg_basebackup', ...this.#connection, ...args);
  }

  /** Ends the segment that is being written; gives its name. */
  async switchWal(): Promise<string> {
    return this.query('select pg_walfile_name(pg_switch_wal())');
  }

  async log(): Promise<string> {
    return readFile(this.#logPath, 'utf8').catch(() => '');
  }

  /** Reads WAL records of a directory; rejects where they do not follow each other. */
  waldump(directory: string, first: string, last: string): Promise<string> {
    return this.#call('pg_waldump', '--path', directory, '--quiet', first, last);
  }

  get #connection(): string[] {
    return ['--host', this.#place.directory, '--port', String(this.#port)];
  }

  get #logPath(): string {
    return join(this.#place.directory, `${this.#place.name}.log`);
  }

  #call(name: string, ...args: string[]): Promise<string> {
    return this.#place.owner.run(join(this.#binaries, name), args);
  }
}

/** A directory with a PostgreSQL, an archive and walq's roles, all of one user without rights. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, temporaryDirectory, type RunningProcess } from '@walq/test-support';
import { ownerOf, type Owner } from './owner.ts';
import { PostgresServer } from './postgres-server.ts';

export const walq = join(import.meta.dirname, '../../apps/cli/bin/walq');

export interface SiteOptions {
  /** redis.url; without it `walq up` starts one. */
  readonly redisUrl?: string;
  /** Mounts what the test needs before anything is written there; gives further arguments of initdb. */
  readonly mount?: (
    at: (path: string) => string,
    own: (path: string) => Promise<void>,
  ) => Promise<readonly string[]>;
}

export class Site {
  readonly owner: Owner;
  readonly directory: string;
  readonly server: PostgresServer;

  constructor(owner: Owner, directory: string, server: PostgresServer) {
    this.owner = owner;
    this.directory = directory;
    this.server = server;
  }

  at(path: string): string {
    return join(this.directory, path);
  }

  get archive(): string {
    return this.at('archive');
  }

  get config(): string {
    return this.at('walq.toml');
  }

  get archiveCommand(): string {
    return `${walq} wal-push %p --config ${this.config}`;
  }

  /** Needs the archive alone. */
  get restoreCommand(): string {
    return `${walq} wal-fetch %f "%p" --archive ${this.archive} --source main`;
  }

  /** Runs the command as the user of the server. */
  walq(...args: string[]): Promise<string> {
    return this.owner.run(walq, [...args, '--config', this.config]);
  }

  /** What `walq status` prints; it ends with 1 when something holds the source. */
  async status(...args: string[]): Promise<string> {
    const running = await this.start('status', ...args);
    await running.exit;
    return running.stdout;
  }

  start(...args: string[]): Promise<RunningProcess> {
    return this.owner.start(walq, [...args, '--config', this.config]);
  }

  /** One role as a process of its own, ready to work. */
  async startRole(role: 'producer' | 'worker'): Promise<RunningProcess> {
    const running = await this.start(role);
    await running.waitForLine(role === 'producer' ? /producer ready/ : /taking archive jobs/);
    return running;
  }

  isArchived(name: string): boolean {
    const shard = name.slice(0, name.endsWith('.history') ? 8 : 16);
    return existsSync(join(this.archive, 'main', shard, `${name}.zst`));
  }

  async untilArchived(name: string): Promise<void> {
    const sample = (): void => {
      if (!this.isArchived(name)) throw new Error(`${name} is not archived`);
    };
    await eventually(sample);
  }

  /** Another data directory on this site, from a base backup or a copy. */
  other(name: string, port: number): Promise<PostgresServer> {
    return PostgresServer.at({ owner: this.owner, directory: this.directory, name }, port);
  }
}

/** A server that archives through `walq wal-push`, started; no role of walq's runs yet. */
export async function newSite(options: SiteOptions = {}): Promise<Site> {
  const { path, at } = await temporaryDirectory('pg');
  const owner = await ownerOf(path);
  await mkdir(at('archive'));
  await owner.own(at('archive'));
  await writeFile(at('walq.toml'), configuration(options));
  const initdb = await options.mount?.(at, owner.own);
  const place = { owner, directory: path, name: 'main' };
  const server = await PostgresServer.init(place, 5432, initdb);
  const site = new Site(owner, path, server);
  await server.configure('archive_mode = on', `archive_command = '${site.archiveCommand}'`);
  await server.start();
  return site;
}

const configuration = ({ redisUrl }: SiteOptions): string => `
${redisUrl === undefined ? '' : `[redis]\nurl = "${redisUrl}"`}
[archive]
url = "archive"
[dashboard]
listen = "127.0.0.1:0"
[metrics]
listen = "off"
[sources.main]
type = "postgres"
path = "main"
`;

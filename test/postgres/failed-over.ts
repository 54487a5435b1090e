/** A primary that died with WAL that only its standby has, which was promoted and archives on. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { eventually } from '@walq/test-support';
import { expect } from 'vitest';
import type { PostgresServer } from './postgres-server.ts';
import { newSite, walq, type Site } from './site.ts';

export interface FailedOver {
  readonly site: Site;
  readonly standby: PostgresServer;
  /** Of timeline 1, complete at the standby, and not archived; in order. */
  readonly missing: readonly string[];
}

/** Rows in `marks`: 100 of them are archived, 400 follow that are not, 500 more on the new timeline. */
export async function failedOver(): Promise<FailedOver> {
  const site = await newSite();
  const { server } = site;
  await server.query('create table marks (n int)');
  await server.baseBackup(site.at('backup'));
  await server.baseBackup(site.at('standby'));
  const standby = await streamingStandby(site, 'standby', 5433);
  await insert(server, 100);
  await site.untilArchived(await server.switchWal());
  await server.configure("archive_command = 'false'");
  await server.query('select pg_reload_conf()');
  const missing: string[] = [];
  for (let count = 0; count < 4; count += 1) {
    await insert(server, 100);
    missing.push(await server.switchWal());
  }
  await insert(server, 1);
  await eventually(async () => expect(await rowsOf(standby)).toBe('501'));
  await server.stop('immediate');
  await site.owner.run(walq, ['adopt', 'main', '--config', site.at('standby.toml')]);
  await standby.query('select pg_promote()');
  await insert(standby, 499);
  await site.untilArchived(await standby.switchWal());
  return { site, standby, missing: await stillMissing(site, missing) };
}

const insert = (server: PostgresServer, count: number): Promise<string> =>
  server.query(`insert into marks select generate_series(1, ${count})`);

export const rowsOf = (server: PostgresServer): Promise<string> =>
  server.query('select count(*) from marks');

/** Archives under the first server's name once it is promoted. */
async function streamingStandby(site: Site, name: string, port: number): Promise<PostgresServer> {
  const standby = await site.other(name, port);
  const config = site.at(`${name}.toml`);
  await writeFile(config, (await readFile(site.config, 'utf8')).replace('"main"', `"${name}"`));
  await standby.configure(
    'archive_mode = on',
    `archive_command = '${walq} wal-push %p --config ${config}'`,
    `primary_conninfo = 'host=${site.directory} port=5432'`,
    `restore_command = '${site.restoreCommand}'`,
  );
  await standby.signalFile('standby.signal');
  await standby.start();
  return standby;
}

async function stillMissing(site: Site, names: readonly string[]): Promise<readonly string[]> {
  const kept = await readdir(site.server.walDirectory);
  for (const name of names) expect(kept).toContain(name);
  return names.filter((name) => !site.isArchived(name));
}

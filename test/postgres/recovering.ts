import { eventually } from '@walq/test-support';
import { expect } from 'vitest';
import type { PostgresServer } from './postgres-server.ts';
import type { Site } from './site.ts';

/** A server from the base backup, whose recovery ends where the settings say, and which then is a server. */
export async function recovered(
  site: Site,
  name: string,
  port: number,
  ...settings: readonly string[]
): Promise<PostgresServer> {
  const server = await readyToRecover(site, name, port, settings);
  await server.start();
  await eventually(async () => expect(await server.query('select pg_is_in_recovery()')).toBe('f'));
  return server;
}

/** As `recovered`, of a recovery that has to stop the server instead: before it is started, or after a while. */
export async function stopped(
  site: Site,
  name: string,
  port: number,
  ...settings: readonly string[]
): Promise<PostgresServer> {
  const server = await readyToRecover(site, name, port, settings);
  await untilStopped(server);
  return server;
}

export async function untilStopped(server: PostgresServer): Promise<void> {
  const started = await server.start().then(
    () => true,
    (error: unknown) => {
      expect(String(error)).toContain('could not start server');
      return false;
    },
  );
  if (started) await eventually(() => expect(server.isRunning).toBe(false));
}

async function readyToRecover(
  site: Site,
  name: string,
  port: number,
  settings: readonly string[],
): Promise<PostgresServer> {
  await site.owner.run('cp', ['--archive', site.at('backup'), site.at(name)]);
  const server = await site.other(name, port);
  await server.configure(
    'archive_mode = off',
    `restore_command = '${site.restoreCommand}'`,
    "recovery_target_action = 'promote'",
    ...settings,
  );
  await server.signalFile('recovery.signal');
  return server;
}

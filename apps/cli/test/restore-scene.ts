/** Archived segments, and another data directory that restores them. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@walq/test-support';
import { expect, onTestFinished } from 'vitest';
import { archiveDue, postgresSourceOf } from './archive-due.ts';
import { newPostgresScene, type PostgresScene } from './postgres-scene.ts';

export const nameOf = (number: number): string => `00000001000000000000000${number}`;

export interface RestoreScene extends PostgresScene {
  readonly archive: string;
  /** Runs `wal-fetch` of one segment, to where PostgreSQL wants it. */
  fetch(name: string, ...more: string[]): ReturnType<PostgresScene['call']>;
}

/** Four archived segments, and another data directory that restores from the archive alone. */
export async function restoring(): Promise<RestoreScene> {
  const origin = await newPostgresScene();
  for (const number of [1, 2, 3, 4]) await origin.cluster.ready(nameOf(number));
  await origin.cluster.ready('00000002.history', '1\t0/200000\tbecause\n');
  expect(await archiveDue(postgresSourceOf(origin), origin.at('archive'))).toHaveLength(5);
  const archive = origin.at('archive');
  const target = await newPostgresScene();
  const fetch = (name: string, ...more: string[]) =>
    target.call(['wal-fetch', name, 'pg_wal/RECOVERYXLOG', '--archive', archive, ...more]);
  return { ...target, archive, fetch };
}

export const restored = ({ cluster }: PostgresScene): Promise<Buffer> =>
  readFile(cluster.walPath('RECOVERYXLOG'));

/** Also ends the process that fetches ahead, when the test does. */
export async function fetchedDirectory(scene: RestoreScene): Promise<string> {
  const parent = scene.at('main.walq/fetched');
  const [key = ''] = await readdir(parent);
  onTestFinished(() => endFetchingAhead(scene.archive));
  return join(parent, key);
}

/** It was left behind on purpose, so nobody but its command line knows it. */
export async function endFetchingAhead(archive: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.includes('wal-fetch-ahead') || !command.includes(archive)) continue;
    process.kill(Number(pid), 'SIGTERM');
    await eventually(() => expect(existsSync(`/proc/${pid}`)).toBe(false));
  }
}

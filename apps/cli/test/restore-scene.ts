/** Archived segments, and another data directory that restores them. */
import { readdir, readFile, readlink } from 'node:fs/promises';
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
  onTestFinished(() => endPrefetchers(target));
  const fetch = (name: string, ...more: string[]) =>
    target.call(['wal-fetch', name, 'pg_wal/RECOVERYXLOG', '--archive', archive, ...more]);
  return { ...target, archive, fetch };
}

export const restored = ({ cluster }: PostgresScene): Promise<Buffer> =>
  readFile(cluster.walPath('RECOVERYXLOG'));

/** Processes that `wal-fetch` left running to fetch ahead. */
export async function prefetchers({ cluster }: PostgresScene): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const own = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const directory = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      const isNode = /^\S*node\0/.test(command);
      return (
        isNode && command.includes('walq.js\0wal-fetch\0') && directory === cluster.dataDirectory
      );
    }),
  );
  return pids.filter((_, index) => own[index]).map(Number);
}

/** @throws where there is none, or more than one */
export async function onlyPrefetcher(scene: PostgresScene): Promise<number> {
  const [pid, ...more] = await prefetchers(scene);
  if (pid === undefined || more.length > 0) throw new Error(`${pid} and ${more.join()} prefetch`);
  return pid;
}

/** They outlive their calls on purpose. */
async function endPrefetchers(scene: PostgresScene): Promise<void> {
  for (const pid of await prefetchers(scene)) process.kill(pid, 'SIGTERM');
  await eventually(async () => expect(await prefetchers(scene)).toEqual([]));
}

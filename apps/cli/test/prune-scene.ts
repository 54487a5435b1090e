/** Archives to prune. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryDirectory } from '@walq/test-support';
import { directorySource, nodeDisk, openStoreOf, quarantineSegment } from '@walq/wal-core/internal';
import { archiveDue, postgresSourceOf } from './archive-due.ts';
import { newPostgresScene, type PostgresScene } from './postgres-scene.ts';
import { walq } from './walq.ts';

const PATTERN = '^wal-(?<number>\\d+)\\.bin$';

export const nameOf = (number: number): string => `wal-${number}.bin`;

export const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => nameOf(from + at));

/** Every segment in a source's archive, in the order of their names. */
async function segmentsIn(archive: string, source: string): Promise<string[]> {
  const entries = await readdir(join(archive, source), { recursive: true });
  const objects = entries.filter((path) => path.endsWith('.zst'));
  return objects.map((path) => path.replace(/^.*\//, '').replace(/\.zst$/, '')).toSorted();
}

/** Segments 1 to 8 in the archive of a source that keeps them; 9 is the open one. */
export async function archivedScene() {
  const directory = await temporaryDirectory('prune');
  for (const folder of ['wal', 'archive']) await mkdir(directory.at(folder));
  for (const name of numbered(1, 9)) await writeFile(directory.at('wal', name), name.repeat(100));
  await writeFile(
    directory.at('walq.toml'),
    `[archive]\nurl = "archive"\n[sources.orders]\ntype = "directory"\npath = "wal"\npattern = '${PATTERN}'\nskip_newest = 1\nafter_archive = "keep"\n`,
  );
  const env = { WALQ_CONFIG: undefined, XDG_CACHE_HOME: directory.at('cache') };
  const source = directorySource({
    name: 'orders',
    directory: directory.at('wal'),
    pattern: new RegExp(PATTERN),
    skipNewest: 1,
  });
  const archive = () => archiveDue(source, directory.at('archive'));
  await archive();
  const archiveUrl = pathToFileURL(directory.at('archive')).href;
  const reason = { code: 'object-foreign', message: 'damaged', hint: 'none', worker: 'w' } as const;
  const quarantine = (segment: string) =>
    quarantineSegment(openStoreOf({ archiveUrl }, nodeDisk), 'orders', { segment, ...reason });
  return {
    archive,
    quarantine,
    at: directory.at,
    run: (...args: string[]) => walq(args, { cwd: directory.path, env }),
    left: () => segmentsIn(directory.at('archive'), 'orders'),
  };
}

export const wal = (timeline: number, number: number): string =>
  `0000000${timeline}00000000000000${number.toString(16).toUpperCase().padStart(2, '0')}`;

/** A PostgreSQL archive in which timeline 2 left timeline 1 in its fifth segment. */
export async function branchedScene() {
  const scene = await newPostgresScene();
  const names = [
    ...[1, 2, 3, 4, 5, 6].map((number) => wal(1, number)),
    `${wal(1, 3)}.00000028.backup`,
    '00000002.history',
    ...[5, 6, 7].map((number) => wal(2, number)),
  ];
  for (const name of names) await scene.cluster.ready(name, contentsOf(scene, name));
  const source = postgresSourceOf(scene);
  await archiveDue(source, scene.at('archive'));
  for (const name of names) await scene.cluster.done(name);
  return {
    ...scene,
    names,
    archive: () => archiveDue(source, scene.at('archive')),
    left: () => segmentsIn(scene.at('archive'), 'main'),
    prune: (...args: string[]) =>
      scene.call(['prune', 'main', '--config', scene.config, '--grace', '0s', ...args]),
  };
}

function contentsOf({ cluster }: PostgresScene, name: string): Uint8Array | string {
  if (name.endsWith('.history')) return `1\t0/500100\tno recovery target specified\n`;
  if (name.endsWith('.backup')) return labelText(wal(1, 3), 1);
  return cluster.segment(name);
}

/** A `backup_label`. */
export const labelText = (name: string, timeline: number): string =>
  `START WAL LOCATION: 0/300028 (file ${name})\nSTART TIMELINE: ${timeline}\n`;

/** The floor: the `zstd` tool, one process for each core. It neither checks, fsyncs, queues nor deletes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { timeCall } from '../measure/process-meter.ts';
import type { Contestant, Place } from './contestant.ts';

const run = promisify(execFile);
/** More would leave a core idle at the end, fewer would be more starts than work. */
const FILES_A_PROCESS = 4;

/** `version` is undefined where the tool is not installed. */
export const zstdTool = (version: string | undefined): Contestant => ({
  id: 'zstd',
  title: 'zstd, a process per core',
  absence: version === undefined ? 'not installed: apt-get install zstd' : undefined,
  deletes: false,
  open: async (place) => {
    const waiting = place.input.segments.map(({ name }) => name);
    return {
      clean: (upTo) =>
        timeCall(() => compressAll(place, waiting.splice(0, waiting.indexOf(upTo) + 1))),
      close: async () => undefined,
    };
  },
});

async function compressAll(place: Place, names: readonly string[]): Promise<void> {
  const { parallelism } = place;
  const size = Math.max(1, Math.min(FILES_A_PROCESS, Math.floor(names.length / parallelism)));
  const batches = Array.from({ length: Math.ceil(names.length / size) }, (_, index) =>
    names.slice(index * size, (index + 1) * size),
  ).values();
  const lane = async () => {
    for (const batch of batches) await compress(place, batch);
  };
  await Promise.all(Array.from({ length: parallelism }, lane));
}

async function compress(place: Place, names: readonly string[]): Promise<void> {
  const { sourceDirectory, archiveDirectory, level, signal } = place;
  const files = names.map((name) => join(sourceDirectory, name));
  const options = [`-${level}`, '--quiet', '--output-dir-flat', archiveDirectory];
  await run('zstd', [...options, '--', ...files], { signal });
}

/** It takes only PostgreSQL's WAL, from a cluster's own archiver: `postgres` of this package measures it there. */
export const pgBackRest: Contestant = {
  id: 'pgbackrest',
  title: 'pgBackRest',
  absence: 'takes WAL from a PostgreSQL server alone; see bench/README.md',
  deletes: false,
  open: () => Promise.reject(new Error('pgBackRest does not take part here')),
};

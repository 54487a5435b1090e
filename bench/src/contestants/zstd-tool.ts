/** The `zstd` tool, a process for each core. It neither checks, fsyncs, queues nor deletes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { piecesOf } from '../figures.ts';
import { bytesOf, type InputSegment } from '../input/input.ts';
import { timed } from '../measure/process-meter.ts';
import type { Contestant, Place } from './contestant.ts';

const run = promisify(execFile);
/** What a process gets, about: more would leave a core idle at the end, less would be more starts than work. */
const BYTES_A_PROCESS = 64 * 1024 * 1024;

/** `version` is undefined where the tool is not installed. */
export const zstdTool = (version: string | undefined): Contestant => ({
  id: 'zstd',
  title: 'zstd, a process per core',
  absence: version === undefined ? 'not installed: apt-get install zstd' : undefined,
  deletes: false,
  open: async (place) => {
    const waiting = [...place.input.segments];
    return {
      clean: (upTo) => {
        const at = waiting.findIndex(({ name }) => name === upTo);
        return timed(() => compressAll(place, waiting.splice(0, at + 1)));
      },
      close: async () => undefined,
    };
  },
});

async function compressAll(place: Place, segments: readonly InputSegment[]): Promise<void> {
  const { parallelism } = place;
  const names = segments.map(({ name }) => name);
  // Each core gets as many processes as any other.
  const turns = Math.ceil(bytesOf(segments) / (BYTES_A_PROCESS * parallelism));
  const size = Math.max(1, Math.ceil(names.length / (parallelism * Math.max(1, turns))));
  const batches = piecesOf(names, size).values();
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

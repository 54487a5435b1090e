import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Input } from './input.ts';
import { makePgbenchWal } from './pgbench-wal.ts';
import { readInput } from './read-input.ts';
import { writeLog } from './write-log.ts';

export interface InputRequest {
  /** Where what has to be made is made. */
  readonly root: string;
  /** A directory of segments; nothing in it is changed. */
  readonly input?: string | undefined;
  /** Has PostgreSQL make WAL. */
  readonly pgbench: boolean;
  /** To be measured. */
  readonly segments: number;
  readonly segmentBytes: number;
  readonly parallelism: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export async function makeInput(request: InputRequest): Promise<Input> {
  // Every thread has worked once before the clock starts.
  const warmUpCount = 2 * request.parallelism;
  const { segments } = request;
  const { directory, title } = await segmentsFor({ ...request, segments: segments + warmUpCount });
  return readInput({ directory, title, warmUpCount, segments });
}

async function segmentsFor(request: InputRequest): Promise<{ directory: string; title: string }> {
  const { input, root, pgbench } = request;
  if (input !== undefined) return { directory: input, title: `the segments in ${input}` };
  if (pgbench) return { directory: await makePgbenchWal(request), title: 'WAL of pgbench' };
  const directory = join(root, 'log');
  await mkdir(directory);
  await writeLog({ ...request, directory });
  return { directory, title: `segments of walq's log, seed ${request.seed}` };
}

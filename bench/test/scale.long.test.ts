import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@walq/test-support';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../dist/scale.js', import.meta.url));

it('measures with tiny numbers, and leaves nothing behind', async () => {
  const directory = await temporaryDirectory();
  const few = ['--rounds', '1', '--seconds', '0.5', '--workers', '1', '--job-ms', '20'];
  const least = ['--producers', '1', '--enqueued', '50', '--backlogs', '60'];
  const only = ['--only', 'workers,producers,backlog'];
  const args = [program, ...only, ...few, ...least, '--json', '--directory', directory.path];
  const { stdout } = await run(process.execPath, args, { timeout: 240_000 });

  const figures = JSON.parse(stdout) as Record<string, Record<string, number>[]>;
  expect(figures['workers']?.[0]).toMatchObject({ processes: 1, efficiency: 1 });
  expect(figures['producers']?.[0]?.['segmentsPerSecond']).toBeGreaterThan(0);
  expect(figures['backlog']?.[0]).toMatchObject({ segments: 60 });
  expect(await readdir(directory.path)).toEqual([]);
});

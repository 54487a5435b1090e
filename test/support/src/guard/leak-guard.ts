import { mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leftProcesses, RUN_VARIABLE, type LeftProcess } from './left-processes.ts';
import { reportLeak } from './report-leak.ts';

/** A worker that was told to end finishes the segment in hand first. */
const SETTLE_MS = 8_000;

/**
 * vitest's global set-up: gives a run one temporary root, and fails the run when
 * a file is left in it or a process of a test is still alive at the end.
 * Forks inherit both variables, and so does everything that tests start.
 */
export default function guardRun(): () => Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'walq-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = root;
  process.env[RUN_VARIABLE] = basename(root);
  return async () => {
    setVariable('TMPDIR', before);
    await failOnLeaks(root);
  };
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

async function failOnLeaks(root: string): Promise<void> {
  const { files, processes } = await settledLeaks(root);
  for (const { pid } of processes) endLeftProcess(pid);
  await rm(root, { recursive: true, force: true });
  const leaks = [
    ...files.map((name) => `file ${name}`),
    ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
  ];
  if (leaks.length === 0) return;
  await reportLeak(leaks);
  process.exitCode = 1;
  throw new Error(`tests left something behind:\n${leaks.join('\n')}`);
}

interface Leaks {
  readonly files: readonly string[];
  readonly processes: readonly LeftProcess[];
}

/** What is left once the last children have had time to end. */
async function settledLeaks(root: string): Promise<Leaks> {
  const giveUpAt = performance.now() + SETTLE_MS;
  for (;;) {
    const files = await readdir(root);
    const processes = await leftProcesses(basename(root));
    const settled = files.length === 0 && processes.length === 0;
    if (settled || performance.now() > giveUpAt) return { files, processes };
    await sleep(100);
  }
}

function endLeftProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

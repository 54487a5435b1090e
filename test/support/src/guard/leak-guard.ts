import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A worker that is ending finishes its current segment first. */
const QUIET_MS = 8_000;

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
  const deadlineMs = performance.now() + QUIET_MS;
  for (;;) {
    const files = await readdir(root);
    const processes = await leftProcesses(basename(root));
    const settled = files.length === 0 && processes.length === 0;
    if (settled || performance.now() > deadlineMs) return { files, processes };
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

/** Marks every process of a run; inherited from the vitest that started it. */
const RUN_VARIABLE = 'WALQ_TEST_RUN';

interface LeftProcess {
  readonly pid: number;
  readonly command: string;
}

/** The processes of run `run` that are alive, vitest's own aside; none where there is no /proc. */
async function leftProcesses(run: string): Promise<LeftProcess[]> {
  const pids = await readdir('/proc').catch(() => []);
  const found = await Promise.all(pids.filter(isPid).map((pid) => ofRun(pid, run)));
  return found.filter((left) => left !== undefined);
}

function isPid(name: string): boolean {
  return /^\d+$/.test(name) && Number(name) !== process.pid;
}

async function ofRun(pid: string, run: string): Promise<LeftProcess | undefined> {
  const environment = await words(pid, 'environ');
  if (!environment.includes(`${RUN_VARIABLE}=${run}`)) return undefined;
  const command = (await words(pid, 'cmdline')).join(' ').trim();
  return isOfVitest(command) ? undefined : { pid: Number(pid), command };
}

/** Empty if the process has ended or belongs to another user. */
async function words(pid: string, file: string): Promise<string[]> {
  const text = await readFile(join('/proc', pid, file), 'utf8').catch(() => '');
  return text.split('\0');
}

function isOfVitest(command: string): boolean {
  return command.includes('/vitest/dist/workers/') || /\besbuild\b.*--service/.test(command);
}

/** Where the results of this vitest run go; set by the shared configuration. */
const RESULTS_VARIABLE = 'WALQ_TEST_RESULTS_FILE';

/** Adds one failed test to the results, so that the tally counts the leak. */
async function reportLeak(complaints: readonly string[]): Promise<void> {
  const results = process.env[RESULTS_VARIABLE];
  if (results === undefined) return;
  const file = results.replace(/\.json$/, '.leaks.json');
  const failed = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, complaints };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(failed, undefined, 2));
}

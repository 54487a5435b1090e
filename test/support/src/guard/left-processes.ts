import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Marks every process of a run; inherited from the vitest that started it. */
export const RUN_VARIABLE = 'WALQ_TEST_RUN';

export interface LeftProcess {
  readonly pid: number;
  readonly command: string;
}

/** The processes of run `run` that are alive, vitest's own aside; none where there is no /proc. */
export async function leftProcesses(run: string): Promise<LeftProcess[]> {
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

/** Empty when the process has ended meanwhile or belongs to another user. */
async function words(pid: string, file: string): Promise<string[]> {
  const text = await readFile(join('/proc', pid, file), 'utf8').catch(() => '');
  return text.split('\0');
}

function isOfVitest(command: string): boolean {
  return command.includes('/vitest/dist/workers/') || /\besbuild\b.*--service/.test(command);
}

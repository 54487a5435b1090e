import { readdir, readFile } from 'node:fs/promises';
import type { RunningProcess } from '@walq/test-support';

/** What a process holds, as the kernel counts it. */
export interface Footprint {
  readonly name: string;
  readonly residentMb: number;
  readonly openFiles: number;
}

export async function footprint(name: string, { pid }: RunningProcess): Promise<Footprint> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  const openFiles = (await readdir(`/proc/${pid}/fd`)).length;
  return { name, residentMb: Math.round(kib / 1000), openFiles };
}

/**
 * Where the kernel shares the processor out between sessions first and only then within them (autogroup), the
 * nice value of a thread counts for nothing beside an engine in another session: then the session itself has
 * to give way. Only that which this process leads, as under a supervisor; a shell's session is its user's.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Logger } from 'pino';

const AUTOGROUP = '/proc/self/autogroup';
/** Fields of proc_pid_stat(5) behind the command's name. */
const SESSION_FIELD = 3;

/** Never raises the priority, and rejects never: what may not give way archives all the same. */
export async function lowerSessionPriority(nice: number, logger: Logger): Promise<void> {
  if (process.platform !== 'linux' || nice === 0) return;
  try {
    if ((await leadsSession()) && (await sessionNice()) < nice) {
      await writeFile(AUTOGROUP, String(nice));
    }
  } catch (error) {
    // A kernel without autogroups knows no such file, and needs none.
    logger.debug({ err: error }, 'the session does not give way');
  }
}

async function leadsSession(): Promise<boolean> {
  const stat = await readFile('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[SESSION_FIELD]) === process.pid;
}

/** `/autogroup-42 nice 0` */
async function sessionNice(): Promise<number> {
  return Number((await readFile(AUTOGROUP, 'latin1')).trim().split(' ').at(-1));
}

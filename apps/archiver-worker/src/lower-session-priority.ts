/**
 * With autogroup, the kernel divides CPU time between sessions first and only then between the threads of a session. The
 * nice value of a thread then has no effect on an engine in another session, so this lowers the priority of the session
 * itself. Only if this process leads the session, as under a supervisor: a shell's session belongs to its user.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Logger } from 'pino';

const AUTOGROUP = '/proc/self/autogroup';
/** Index among the fields of proc_pid_stat(5) after the command's name. */
const SESSION_FIELD = 3;

/** Never raises the priority and never rejects: without a lower priority, the worker archives all the same. */
export async function lowerSessionPriority(nice: number, logger: Logger): Promise<void> {
  if (process.platform !== 'linux' || nice === 0) return;
  try {
    if ((await leadsSession()) && (await sessionNice()) < nice) {
      await writeFile(AUTOGROUP, String(nice));
    }
  } catch (error) {
    // A kernel without autogroup does not have this file and does not need it.
    logger.debug({ err: error }, 'could not lower the priority of the session');
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

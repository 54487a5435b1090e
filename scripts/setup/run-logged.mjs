import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { inCache, projectRoot } from '../project.mjs';
import { SetupError } from './setup-error.mjs';

const TAIL_LINES = 30;

/**
 * Runs a command with stdin closed and its output in `.cache/setup/<log>.log`.
 * @throws SetupError with the log's tail and `hint` when it fails
 */
export async function runLogged({ log, command, args, hint, cwd = projectRoot, env }) {
  const logFile = inCache('setup', `${log}.log`);
  await mkdir(dirname(logFile), { recursive: true });
  const output = await open(logFile, 'w');
  try {
    const stdio = ['ignore', output.fd, output.fd];
    const [code, signal] = await once(spawn(command, args, { cwd, env, stdio }), 'close');
    if (code === 0) return;
    throw await describe(`${command} ${args.join(' ')}`, signal ?? code, logFile, hint);
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    throw new SetupError(`unable to run '${command}': ${cause.message}`, hint, { cause });
  } finally {
    await output.close();
  }
}

async function describe(commandLine, end, logFile, hint) {
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
  const tail = lines.slice(-TAIL_LINES).join('\n');
  const where = relative(projectRoot, logFile);
  return new SetupError(`'${commandLine}' ended with ${end}; last of ${where}:\n\n${tail}`, hint);
}

/** Entry of the command walq: runs it, shows its failure, and sets the exit code. */
import { Interruption } from './interruption.ts';
import { runProgram } from './program.ts';
import { failureCode } from './failure-code.ts';
import { renderFailure, toFailure } from './render-failure.ts';
import { endUnanswered } from './unanswered.ts';

const argv = process.argv.slice(2);
// Read here too, because the arguments may be what is wrong.
const rendering = { json: argv.includes('--json'), debug: argv.includes('--debug') };

const say = (text: string): void => void process.stderr.write(`${text}\n`);

process.once('uncaughtException', (error) => {
  say(renderFailure(error, rendering));
  process.exit(failureCode(argv, error));
});

const interruption = new Interruption();
interruption.listen((text) => {
  if (!rendering.json) say(text);
});

process.exitCode = await runProgram(argv, interruption).catch((error: unknown) => {
  if (isOwnDoing(error)) return interruption.exitCode ?? 1;
  say(renderFailure(error, rendering));
  return failureCode(argv, error);
});
await endUnanswered();

/** The failure that a command ends with because it was asked to end is no news. */
function isOwnDoing(error: unknown): boolean {
  if (!interruption.signal.aborted) return false;
  const isAbort = error instanceof Error && error.name === 'AbortError';
  return isAbort || toFailure(error).code === 'cancelled';
}

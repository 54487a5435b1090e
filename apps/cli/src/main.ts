/** Entry of the command walq: runs it, and sets the exit code. */
import { Interruption } from './command-line/interruption.ts';
import {
  failureCode,
  runCommandLine,
  sayFailure,
  wantsJson,
} from './command-line/run-command-line.ts';
import { endUnanswered } from './deadlines/unanswered.ts';

const argv = process.argv.slice(2);

const interruption = new Interruption();

process.once('uncaughtException', (error) => {
  interruption.restore();
  sayFailure(argv, error);
  process.exit(failureCode(argv, error));
});

interruption.listen((text) => {
  if (!wantsJson(argv)) process.stderr.write(`${text}\n`);
});

process.exitCode = await runCommandLine(argv, interruption);
await endUnanswered();

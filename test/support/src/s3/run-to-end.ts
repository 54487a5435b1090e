import { startProcess } from '../start-process.ts';

/** Runs a program to its end and gives what it printed. @throws when it does not succeed */
export async function runToEnd(command: string, args: readonly string[]): Promise<string> {
  const running = await startProcess(command, args);
  const { code } = await running.exit;
  if (code === 0) return running.stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${running.stderr}`);
}

import { UsageError } from './usage-error.ts';

/** @throws UsageError where the directory that the command was started in is gone or cannot be read */
export function requireWorkingDirectory(): void {
  try {
    process.cwd();
  } catch {
    throw new UsageError(
      'the working directory does not exist any more, or this user may not see it',
      'Change to another directory, such as cd /, and run the command again.',
    );
  }
}

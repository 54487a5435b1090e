import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Where the results of this vitest run go; set by the shared configuration. */
export const RESULTS_VARIABLE = 'WALQ_TEST_RESULTS_FILE';

/** Adds one failed test to the results, so that the tally counts the leak. */
export async function reportLeak(complaints: readonly string[]): Promise<void> {
  const results = process.env[RESULTS_VARIABLE];
  if (results === undefined) return;
  const file = results.replace(/\.json$/, '.leaks.json');
  const failed = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, complaints };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(failed, undefined, 2));
}

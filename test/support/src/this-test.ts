import { onTestFinished, TestRunner } from 'vitest';

/**
 * Runs `cleanUp` when the current test ends, the last registered first.
 * Called from `beforeAll`, where there is no current test, it does nothing: the
 * suite's own `afterAll` cleans up, and the leak guard reports when it did not.
 */
export function afterThisTest(cleanUp: () => Promise<unknown>): void {
  try {
    onTestFinished(async () => void (await cleanUp()));
  } catch (error) {
    if (!saysNoCurrentTest(error)) throw error;
  }
}

function saysNoCurrentTest(error: unknown): boolean {
  return error instanceof Error && error.message.includes('can only be called inside a test');
}

/**
 * Adds to the cases that the current test has tried, for the results: one test may kill a process at fifty moments.
 * Read by `npm run reliability`; a test that never says is one case.
 */
export function countCases(cases: number): void {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) return;
  const meta: typeof test.meta & { cases?: number } = test.meta;
  meta.cases = (meta.cases ?? 0) + cases;
}

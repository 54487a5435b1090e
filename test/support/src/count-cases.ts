import { TestRunner } from 'vitest';

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

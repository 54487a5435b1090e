import { testsOf } from '../../vitest.shared.ts';

export default testsOf(import.meta.dirname, {
  // Most of these wait, for locks to run out and servers to come back.
  maxWorkers: 3,
  // Loading the package again for each file would take as long as the tests; it holds no state of its own.
  isolate: false,
});

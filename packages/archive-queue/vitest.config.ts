import { testsOf } from '../../vitest.shared.ts';

// Most of these wait, for locks to run out and servers to come back.
export default testsOf(import.meta.dirname, { maxWorkers: 3 });

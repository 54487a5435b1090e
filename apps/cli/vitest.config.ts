import { testsOf } from '../../vitest.shared.ts';

// Most of these wait for processes that they start.
export default testsOf(import.meta.dirname, { maxWorkers: 3 });

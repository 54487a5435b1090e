import { testsOf } from '../../vitest.shared.ts';

// Loading the package again for each file would take as long as the tests; it holds no state of its own.
export default testsOf(import.meta.dirname, { isolate: false });

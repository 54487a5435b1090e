import { testsOf } from '../vitest.shared.ts';

export default testsOf(import.meta.dirname, { include: ['*/**/*.test.ts'], exclude: ['support/**', '**/node_modules/**'] });

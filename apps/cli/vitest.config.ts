import { testsOf } from '../../vitest.shared.ts';

export default testsOf(import.meta.dirname, {
  // Built code is loaded by Node itself, as the command is.
  server: { deps: { external: [/\/dist\//] } },
});

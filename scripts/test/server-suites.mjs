import { readFileSync } from 'node:fs';
import { inProject } from '../project.mjs';

/**
 * The suites that need more than Redis, or more time: folders below `test/` that `npm test`
 * leaves out and `npm run test:all` runs, each with what it needs, the longest first.
 * `isExclusive`: it runs when all others have ended, because it measures, or unmounts what their namespaces would keep mounted.
 *
 * @type {{ folder: string, needs: (keyof typeof import('./servers.mjs').servers)[], isExclusive?: true }[]}
 */
export const serverSuites = JSON.parse(readFileSync(inProject('test/server-suites.json'), 'utf8'));

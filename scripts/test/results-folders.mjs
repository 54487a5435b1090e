import { inCache } from '../project.mjs';

/** Where `npm test` leaves its results. */
export const basicResults = inCache('test-results/npm-test');

/** Where `npm run test:all` leaves its own. */
export const serverResults = inCache('test-results/test-all');

/** Entry module of a pool whose first thread dies in its first call, and whose next ones archive. */
import { existsSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

const { WALQ_TEST_DIED: mark } = process.env;
if (existsSync(mark)) await import('../../dist/pipeline/archive-thread.js');
else {
  writeFileSync(mark, '');
  parentPort.on('message', () => process.exit(3));
}

/** Entry module of a thread that dies while it is loaded, in the way that its environment names, while a file exists. */
import { existsSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

const { WALQ_TEST_STILLBORN: how, WALQ_TEST_STILLBORN_WHILE: path } = process.env;
if (existsSync(path)) {
  if (how === 'exit') process.exit(4);
  throw new Error('this module does not load');
}

parentPort.on('message', ({ task: { sourcePath } }) => {
  parentPort.postMessage({ ok: true, value: { path: sourcePath } });
});

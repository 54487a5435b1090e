/** Entry module of a thread that ends in the way that its task's path names. */
import { parentPort } from 'node:worker_threads';

const ends = {
  exit: () => process.exit(3),
  memory: () => {
    const kept = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, () => kept.length));
  },
  reject: () => {
    queueMicrotask(() => {
      throw new Error('an uncaught error');
    });
    return new Promise(() => undefined);
  },
  throw: () => {
    throw new Error('thrown');
  },
  stuck: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
};

async function serve({ task: { sourcePath } }) {
  await ends[sourcePath]?.();
  parentPort.postMessage({ ok: true, value: { path: sourcePath } });
}

parentPort.on('message', (call) => void serve(call));

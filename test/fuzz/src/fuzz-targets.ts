import { on } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Explored } from './explore.ts';
import { inputAtWork, inputsBegun, newSharedInput } from './shared-input.ts';

export interface FuzzOptions {
  readonly names: readonly string[];
  readonly seed: number;
  /** Each target ends after this many inputs, or after this time, whichever comes first. */
  readonly inputsMax: number;
  readonly secondsMax: number;
}

export interface FuzzOrder extends FuzzOptions {
  readonly shared: SharedArrayBuffer;
}

export interface FuzzedTarget extends Explored {
  readonly name: string;
}

/** Of one input. Machines are slow and shared; what hangs does so for ever. */
const HANG_MS = 60_000;
const HEAP_MB_MAX = 384;

/** What V8 does when it finds the time changes what it counts; without it, a seed is a run. */
const STEADY = ['--no-opt', '--no-maglev', '--no-sparkplug', '--no-flush-bytecode'];

/** Feeds target after target in a thread. What hangs, and what takes too much memory, is a finding too. */
export async function* fuzzTargets(options: FuzzOptions): AsyncGenerator<FuzzedTarget> {
  for (const flag of STEADY) setFlagsFromString(flag);
  for (let left = options.names; left.length > 0;) {
    const shared = newSharedInput();
    let done = 0;
    let why: string | undefined;
    try {
      for await (const fuzzed of fromThread({ ...options, names: left, shared })) {
        done += 1;
        yield fuzzed;
      }
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    const [name] = left.slice(done);
    if (name !== undefined) yield lost(name, shared, why ?? 'it did not end');
    left = left.slice(done + 1);
  }
}

/** Ends when the thread does, whether it was asked to or not. */
async function* fromThread(order: FuzzOrder): AsyncGenerator<FuzzedTarget> {
  const worker = new Worker(new URL('./fuzz-thread.js', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  });
  const hang = watch(order.shared, () => worker.terminate());
  try {
    for await (const [fuzzed] of on(worker, 'message', { close: ['exit'] })) {
      yield fuzzed as FuzzedTarget;
    }
  } finally {
    clearInterval(hang);
    await worker.terminate();
  }
}

/** Ends the thread when it has been at one input for too long. */
function watch(shared: SharedArrayBuffer, onHang: () => Promise<unknown>): NodeJS.Timeout {
  let [begun, sinceMs] = [-1, performance.now()];
  return setInterval(() => {
    const now = inputsBegun(shared);
    if (now !== begun) [begun, sinceMs] = [now, performance.now()];
    else if (performance.now() - sinceMs > HANG_MS) onHang().catch(() => undefined);
  }, 1_000);
}

function lost(name: string, shared: SharedArrayBuffer, why: string): FuzzedTarget {
  const finding = { input: inputAtWork(shared), why };
  return { name, inputs: inputsBegun(shared), corpus: 0, blocks: 0, finding };
}

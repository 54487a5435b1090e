/** Targets in a thread of their own, so that an input on which one hangs or runs out of memory is not lost. */
import { parentPort, workerData } from 'node:worker_threads';
import { explore, type Finding } from './explore.ts';
import type { FuzzedTarget, FuzzOrder } from './fuzz-targets.ts';
import { noteInput } from './shared-input.ts';
import { shorten } from './shorten.ts';
import type { Target } from './target.ts';
import { targetNamed } from './targets/index.ts';

const { names, seed, inputsMax, secondsMax, shared } = workerData as FuzzOrder;
for (const name of names) parentPort?.postMessage(await fuzz(targetNamed(name)));

async function fuzz(target: Target): Promise<FuzzedTarget> {
  const endsMs = performance.now() + secondsMax * 1000;
  const enough = inputsMax * (target.share ?? 1);
  const explored = await explore(target, {
    seed,
    mayContinue: (inputs) => inputs < enough && performance.now() < endsMs,
    onInput: (input) => noteInput(shared, input),
  });
  const { finding } = explored;
  return {
    ...explored,
    name: target.name,
    finding: finding && (await shortest(target, finding)),
  };
}

/** Declared as a function, for it is called before the module has run to its end. */
async function shortest(target: Target, { input, why }: Finding): Promise<Finding> {
  return { input: await shorten(target, input), why };
}

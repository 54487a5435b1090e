/** The input that a thread is at, where its owner sees it also when the thread answers no more. */
import { INPUT_BYTES_MAX } from './mutate.ts';

const HEAD_BYTES = 8;

export const newSharedInput = (): SharedArrayBuffer =>
  new SharedArrayBuffer(HEAD_BYTES + INPUT_BYTES_MAX);

export function noteInput(shared: SharedArrayBuffer, input: Buffer): void {
  const head = new Int32Array(shared, 0, 2);
  new Uint8Array(shared, HEAD_BYTES).set(input.subarray(0, INPUT_BYTES_MAX));
  Atomics.store(head, 1, Math.min(input.length, INPUT_BYTES_MAX));
  Atomics.add(head, 0, 1);
}

/** How many inputs were begun. */
export const inputsBegun = (shared: SharedArrayBuffer): number =>
  Atomics.load(new Int32Array(shared, 0, 2), 0);

export const inputAtWork = (shared: SharedArrayBuffer): Buffer =>
  Buffer.from(new Uint8Array(shared, HEAD_BYTES, Atomics.load(new Int32Array(shared, 0, 2), 1)));

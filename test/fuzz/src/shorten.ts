import { faultOf } from './check-outcome.ts';
import type { Target } from './target.ts';

/** Pieces are taken out while what is left still breaks the parser; each length is tried once. */
export async function shorten(target: Target, found: Buffer): Promise<Buffer> {
  let input = found;
  for (let piece = Math.ceil(input.length / 2); piece >= 1; piece = Math.floor(piece / 2)) {
    for (let at = 0; at < input.length;) {
      const without = Buffer.concat([input.subarray(0, at), input.subarray(at + piece)]);
      if ((await faultOf(target, without)) === undefined) at += piece;
      else input = without;
    }
  }
  return input;
}

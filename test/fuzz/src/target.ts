/** A parser and what it is fed with. */
export interface Target {
  readonly name: string;
  /** Sound inputs, from which the others are made. */
  readonly seeds: readonly Buffer[];
  /** Words of its language. Default: none but the usual ones. */
  readonly tokens?: readonly string[];
  /** How many inputs of a short run are tried, as a share of the others' number. @default 1 */
  readonly share?: number;
  /**
   * Parses. A value and a failure of the catalogue are both right; anything else that is thrown is a
   * finding, `Broken` too.
   */
  run(input: Buffer): unknown;
}

/** What a parser gave is not what was written. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function requireSame(what: string, found: unknown, expected: unknown): void {
  if (found === expected) return;
  throw new Broken(`${what}: ${String(found)} is not ${String(expected)}`);
}

export const texts = (...seeds: readonly string[]): Buffer[] =>
  seeds.map((text) => Buffer.from(text));

export const jsons = (...seeds: readonly unknown[]): Buffer[] =>
  seeds.map((value) => Buffer.from(JSON.stringify(value)));

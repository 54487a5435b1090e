/** One input made of others: what fuzzers of formats do, bytes for binary ones and tokens for texts. */
import type { Random } from './random.ts';

/** Longer inputs find nothing more, and take longer. */
export const INPUT_BYTES_MAX = 64 * 1024;

const CHANGES_MAX = 4;

/** What breaks parsers of all kinds. */
const usualTexts: readonly string[] = [
  'null',
  '""',
  '[]',
  '{}',
  '-1',
  '0',
  '1e999',
  '9007199254740993',
  'true',
  '__proto__',
  '\r\n',
  '..',
  '../',
  '%00',
  '%2F',
  '\u{FEFF}',
  '\u2028',
  'é',
  '😀',
  '9'.repeat(40),
  'a'.repeat(300),
  '['.repeat(2_000),
  ...Array.from('\n\0"\\/%{}[]:, '),
];
const usualTokens = usualTexts.map((text) => Buffer.from(text));
const oddNumbers = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

type Change = (input: Buffer, random: Random, pool: Pool) => Buffer;

interface Pool {
  readonly corpus: readonly Buffer[];
  readonly tokens: readonly Buffer[];
}

export const poolOf = (corpus: readonly Buffer[], tokens: readonly string[]): Pool => ({
  corpus,
  tokens: [...usualTokens, ...tokens.map((text) => Buffer.from(text, 'latin1'))],
});

/** A new input; the same for the same random numbers and pool. */
export function mutate(random: Random, pool: Pool): Buffer {
  let input: Buffer = Buffer.from(random.pick(pool.corpus) ?? Buffer.alloc(0));
  for (let left = 1 + random.below(CHANGES_MAX); left > 0; left -= 1) {
    const change = random.pick(changes) ?? flipBit;
    input = change(input, random, pool);
  }
  return input.subarray(0, INPUT_BYTES_MAX);
}

const at = (input: Buffer, random: Random): number => random.below(input.length + 1);

const flipBit: Change = (input, random) => {
  const where = random.below(Math.max(1, input.length));
  const byte = input[where];
  if (byte !== undefined) input[where] = byte ^ (1 << random.below(8));
  return input;
};

const setByte: Change = (input, random) => {
  const where = random.below(Math.max(1, input.length));
  if (where < input.length) input[where] = random.below(256);
  return input;
};

const setNumber: Change = (input, random) => {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(random.pick(oddNumbers) ?? 0);
  number.subarray(0, 1 << random.below(3)).copy(input, at(input, random));
  return input;
};

const replaced = (input: Buffer, from: number, to: number, by: Uint8Array): Buffer =>
  Buffer.concat([input.subarray(0, from), by, input.subarray(to)]);

const insertToken: Change = (input, random, { tokens }) => {
  const where = at(input, random);
  return replaced(input, where, where, random.pick(tokens) ?? Buffer.alloc(0));
};

const cut: Change = (input, random) => {
  const from = at(input, random);
  return replaced(input, from, from + 1 + random.below(16), Buffer.alloc(0));
};

const end: Change = (input, random) => input.subarray(0, at(input, random));

const repeatPiece: Change = (input, random) => {
  const from = at(input, random);
  const piece = input.subarray(from, from + 1 + random.below(64));
  return replaced(input, from, from, piece);
};

const splice: Change = (input, random, { corpus }) => {
  const other = random.pick(corpus) ?? input;
  return Buffer.concat([input.subarray(0, at(input, random)), other.subarray(at(other, random))]);
};

/** One value of a text, such as of JSON or TOML, by another. */
const replaceValue: Change = (input, random, { tokens }) => {
  const text = input.toString('latin1');
  const values = [...text.matchAll(/"[^"\n]*"|[\w.-]+/g)];
  const value = random.pick(values);
  if (value === undefined) return insertToken(input, random, { corpus: [], tokens });
  return replaced(
    input,
    value.index,
    value.index + value[0].length,
    random.pick(tokens) ?? Buffer.alloc(0),
  );
};

const changes: readonly Change[] = [
  flipBit,
  setByte,
  setNumber,
  insertToken,
  cut,
  end,
  repeatPiece,
  splice,
  replaceValue,
];

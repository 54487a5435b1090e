import { explore, faultOf, fuzzTargets, shorten, targets, type Target } from '@walq/fuzz';
import { parseHistory } from '@walq/wal-core/internal';
import { expect, it } from 'vitest';
import { everyParser } from './every-parser.ts';

it('every parser gives a value or a failure of the catalogue, whatever it is fed with', () =>
  everyParser(64));

/** Breaks only on a history of two entries that branch far up, which no seed is. */
const planted: Target = {
  name: 'planted',
  seeds: [Buffer.from('1\t0/3000000\tone\n')],
  tokens: ['2\t', 'FF/', '\n'],
  run: (input) => {
    const { entries = [] } = parseHistory('00000005', input.toString('utf8')) ?? {};
    if (entries.length === 2) throw new TypeError('planted');
  },
};

const exploring = (mayContinue: (inputs: number) => boolean) =>
  explore(planted, { seed: 3, mayContinue, onInput: () => undefined });

it('finds what only an input of several steps breaks, and shortens it', async () => {
  const first = await exploring((inputs) => inputs < 200_000);
  expect(first.finding?.why).toMatch(/TypeError: planted/);
  const found = first.finding?.input ?? Buffer.alloc(0);
  const shortest = await shorten(planted, found);
  expect(await faultOf(planted, shortest)).toMatch(/planted/);
  expect(shortest.length).toBeLessThanOrEqual(found.length);
  for (let at = 0; at < shortest.length; at += 1) {
    const less = Buffer.concat([shortest.subarray(0, at), shortest.subarray(at + 1)]);
    expect(await faultOf(planted, less)).toBe(undefined);
  }
});

it('makes the same inputs of the same seed, and others of another', async () => {
  const figures = async (seed: number): Promise<unknown[]> => {
    const all: unknown[] = [];
    const names = ['names', 'log-records'];
    const options = { seed, inputsMax: 150, secondsMax: Infinity, names };
    for await (const fuzzed of fuzzTargets(options)) all.push(fuzzed);
    return all;
  };
  const first = await figures(7);
  expect(await figures(7)).toEqual(first);
  expect(await figures(8)).not.toEqual(first);
});

it('keeps inputs that reach more than the seeds did', async () => {
  const explored = await exploring((inputs) => inputs < 500);
  expect(explored.corpus).toBeGreaterThan(planted.seeds.length + 1);
});

const throwText = (): never => {
  // oxlint-disable-next-line typescript/only-throw-error -- what a parser must not do
  throw 'text';
};

it.each([
  ['a failure of the catalogue', targets.find(({ name }) => name === 'manifest'), undefined],
  [
    'another error',
    { ...planted, run: () => Promise.reject(new RangeError('x')) },
    /RangeError: x/,
  ],
  ['what is no error', { ...planted, run: throwText }, /threw text/],
])('%s is classified', async (_what, target, expected) => {
  const why = target && (await faultOf(target, Buffer.from('no JSON')));
  if (expected === undefined) expect(why).toBe(undefined);
  else expect(why).toMatch(expected);
});

/** `npm run fuzz`: bad input for every parser, or one input again. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Finding } from './explore.ts';
import { fuzzTargets, type FuzzOptions } from './fuzz-targets.ts';
import { faultOf } from './check-outcome.ts';
import { targetNamed, targets } from './targets/index.ts';

const USAGE = `usage: npm run fuzz -- [--seconds N | --inputs N] [--target T]... [--seed S] [--input FILE]

Feeds every parser of walq with inputs made of sound ones, and continues from those that reach code that none
before did. Ends with 1 where one throws anything but a failure of the catalogue, hangs or takes too much
memory; the shortest such input is written to .cache/fuzz/.

  --seconds N     how long, for all targets together (60)
  --inputs N      how many inputs for each target instead, so that the run can be repeated exactly
  --target T      only this parser; may be repeated: ${targets.map(({ name }) => name).join(', ')}
  --seed S        the seed of its random numbers (1)
  --input FILE    tries this input alone; needs one --target

for example: npm run fuzz -- --seconds 600 --target object --seed 7`;

const options = {
  seconds: { type: 'string' },
  inputs: { type: 'string' },
  target: { type: 'string', multiple: true },
  seed: { type: 'string', default: '1' },
  input: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

class WrongUsage extends Error {}

async function main(): Promise<number> {
  try {
    return await run();
  } catch (error) {
    const isUsage = error instanceof WrongUsage || (error instanceof TypeError && 'code' in error);
    if (!isUsage) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

async function run(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const names = values.target ?? targets.map(({ name }) => name);
  for (const name of names) refuseUnknown(name);
  if (values.input !== undefined) return tryOne(names, values.input);
  const seed = number('--seed', values.seed);
  if (values.inputs !== undefined) {
    return all({
      names,
      seed,
      inputsMax: number('--inputs', values.inputs),
      secondsMax: Infinity,
    });
  }
  const seconds = number('--seconds', values.seconds ?? '60');
  return all({ names, seed, inputsMax: Infinity, secondsMax: seconds / names.length });
}

async function all(options: FuzzOptions): Promise<number> {
  const { names, seed } = options;
  let findings = 0;
  for await (const { name, inputs, corpus, blocks, finding } of fuzzTargets(options)) {
    const counts = `${inputs} inputs, ${corpus} kept, ${blocks} blocks`;
    console.log(`fuzz  ${name.padEnd(20)} ${counts}${finding === undefined ? '' : ', FAILED'}`);
    if (finding === undefined) continue;
    findings += 1;
    await report(name, seed, finding);
  }
  console.log(`fuzz  ${names.length} targets, seed ${seed}, ${findings} failed`);
  return findings === 0 ? 0 : 1;
}

async function report(name: string, seed: number, { input, why }: Finding): Promise<void> {
  const folder = resolve('.cache/fuzz');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}-${seed}`);
  await writeFile(path, input);
  console.log(`${why}\nfuzz  again: npm run fuzz -- --target ${name} --input ${path}`);
}

async function tryOne(names: readonly string[], path: string): Promise<number> {
  const [name = '', ...others] = names;
  if (others.length > 0) throw new WrongUsage('--input needs one --target');
  const why = await faultOf(targetNamed(name), await readFile(path));
  console.log(why ?? 'fuzz  the parser did as it should');
  return why === undefined ? 0 : 1;
}

function refuseUnknown(name: string): void {
  if (!targets.some((target) => target.name === name)) {
    throw new WrongUsage(`there is no target '${name}'`);
  }
}

function number(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new WrongUsage(`${flag} takes a whole number, not '${text}'`);
}

process.exitCode = await main();

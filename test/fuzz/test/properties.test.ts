import { faultOf, targets, type Target } from '@walq/fuzz';
import fc from 'fast-check';
import { expect, it } from 'vitest';

/** Of each kind of input; fewer where one takes long. */
const RUNS = 60;

const inputs: Readonly<Record<string, fc.Arbitrary<Buffer>>> = {
  bytes: fc.uint8Array({ maxLength: 4_096 }).map((bytes) => Buffer.from(bytes)),
  text: fc.string({ unit: 'binary', maxLength: 400 }).map((text) => Buffer.from(text)),
  JSON: fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
};

/** A sound JSON input of which one field is any other value. */
const withOtherField = (seed: Record<string, unknown>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(fc.constantFrom(...Object.keys(seed)), fc.jsonValue({ maxDepth: 3 }))
    .map(([field, value]) => Buffer.from(JSON.stringify({ ...seed, [field]: value })));

function kindsOf({ seeds }: Target): readonly (readonly [string, fc.Arbitrary<Buffer>])[] {
  const [json] = seeds.map(recordOf).filter((seed) => seed !== undefined);
  const ofSeed = json === undefined ? [] : ([['one field', withOtherField(json)]] as const);
  return [...Object.entries(inputs), ...ofSeed];
}

function recordOf(seed: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(seed.toString('utf8'));
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isRecord ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

it.each(targets)('any input is a value or a failure of the catalogue: $name', async (target) => {
  const numRuns = Math.max(2, Math.round(RUNS * (target.share ?? 1)));
  for (const [kind, input] of kindsOf(target)) {
    const property = fc.asyncProperty(input, async (bytes) => {
      expect([kind, await faultOf(target, bytes)]).toEqual([kind, undefined]);
    });
    await fc.assert(property, { numRuns, seed: 1 });
  }
});

/** Those of objects state another length than their data have, so that a little change is enough to go further. */
const soundTargets = targets.filter(({ name }) => !name.startsWith('object'));

it.each(soundTargets)('a sound input is no failure: $name', async (target) => {
  const [sound = Buffer.alloc(0)] = target.seeds;
  expect(sound.length).toBeGreaterThan(0);
  await target.run(Buffer.from(sound));
});

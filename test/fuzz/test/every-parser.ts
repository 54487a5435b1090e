import { fuzzTargets, targets } from '@walq/fuzz';
import { countCases } from '@walq/test-support';
import { expect } from 'vitest';

/** Feeds every parser with so many inputs: by count and not by time, so that every run is the same. */
export async function everyParser(inputsMax: number): Promise<void> {
  const names = targets.map(({ name }) => name);
  const tried: string[] = [];
  const options = { seed: 1, inputsMax, secondsMax: Infinity, names };
  for await (const { name, inputs, blocks, finding } of fuzzTargets(options)) {
    expect(finding && `${name}: ${finding.why}\n${finding.input.toString('base64')}`).toBe(
      undefined,
    );
    countCases(inputs);
    expect(Math.min(inputs, blocks)).toBeGreaterThan(1);
    tried.push(name);
  }
  expect(tried).toEqual(names);
}

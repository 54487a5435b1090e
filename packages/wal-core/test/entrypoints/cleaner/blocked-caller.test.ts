import { join } from 'node:path';
import { startProcess } from '@walq/test-support';
import { expect, test } from 'vitest';
import { nameOf, newPlace, type Place } from '../../support/place.ts';

const program = join(import.meta.dirname, 'blocking-caller.mjs');

/** Loaded before all else, in each thread: opening the second segment ends whoever does it. */
const deadly = (death: string): string => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { openSync } = fs;
  fs.openSync = (path, ...rest) => {
    if (String(path).endsWith('${nameOf(2)}')) { ${death} }
    return openSync(path, ...rest);
  };
  syncBuiltinESMExports();
`;

async function callerOf(place: Place, flags: readonly string[], segments: readonly string[]) {
  const { directory } = place.source;
  const args = [...flags, program, directory, place.archive, ...segments];
  const caller = await startProcess(process.execPath, args);
  expect({ ...(await caller.exit), stderr: caller.stderr }).toMatchObject({ code: 0 });
  return caller.stdout.trim().split('\n');
}

test.each([
  ['exits', 'process.exit(3);'],
  ['runs out of memory', 'for (const kept = []; ; ) kept.push(kept.map(() => [kept]));'],
])(
  'a blocked caller is woken when its working thread %s, and can call again',
  async (_how, death) => {
    const place = await newPlace();
    const flags = [
      '--max-old-space-size=64',
      `--import=data:text/javascript,${encodeURIComponent(deadly(death))}`,
    ];
    const [first, second] = await callerOf(place, flags, [nameOf(2), nameOf(1)]);
    expect(first).toMatch(/^thread-died: /);
    expect(JSON.parse(second ?? '')).toMatchObject({ successCount: 1 });
    expect(await place.sourceNames()).toEqual([nameOf(2), nameOf(3)]);
    expect(await place.archive1(2)).toMatchObject({ outcome: 'archived' });
  },
);

test.runIf(process.platform === 'linux')(
  'the threads of the first call serve the next ones, and do not keep the process running',
  async () => {
    const place = await newPlace();
    const answers = await callerOf(place, [], [nameOf(1), nameOf(2)]);
    const [first, second] = answers.map((line) => JSON.parse(line) as unknown);
    expect(first).toMatchObject({ successCount: 1 });
    expect(second).toEqual(first);
  },
);

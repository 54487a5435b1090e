import { join } from 'node:path';
import { startProcess } from '@walq/test-support';
import { expect, test } from 'vitest';
import { nameOf, newPlace } from '../../support/place.ts';

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

test.each([
  ['exits', 'process.exit(3);'],
  ['runs out of memory', 'for (const kept = []; ; ) kept.push(kept.map(() => [kept]));'],
])('a blocked caller is woken when its working thread %s', async (_how, death) => {
  const place = await newPlace();
  const args = [
    '--max-old-space-size=64',
    `--import=data:text/javascript,${encodeURIComponent(deadly(death))}`,
    program,
    place.source.directory,
    place.archive,
    nameOf(2),
  ];
  const caller = await startProcess(process.execPath, args);
  expect({ ...(await caller.exit), stderr: caller.stderr }).toMatchObject({ code: 0 });
  expect(caller.stdout).toMatch(/^thread-died: /);
  expect(await place.sourceNames()).toEqual(expect.arrayContaining([nameOf(2), nameOf(3)]));
  expect(await place.archive1(2)).toMatchObject({ outcome: 'archived' });
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createIdentity, nodeDisk, SealedGate } from '@walq/wal-core';
import { aSource, segmentOf } from './a-source.ts';

it('notices that the newest segment was followed by another since it last looked', async () => {
  const source = await aSource();
  const write = (number: number) =>
    writeFile(join(source.directory, segmentOf(number).name), 'segment');
  await write(1);
  const sourceId = await createIdentity(nodeDisk, source);
  const isArchived = async () => false;
  const gate = new SealedGate({ disk: nodeDisk, source, sourceId, isArchived });
  expect(await gate.hasNewer(segmentOf(1))).toBe(false);
  await write(2);
  expect(await gate.hasNewer(segmentOf(1))).toBe(true);
  expect(await gate.hasNewer(segmentOf(2))).toBe(false);
});

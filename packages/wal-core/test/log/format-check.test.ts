import { readFile } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { createLogFormatCheck, openLog, type LogPositions } from '@walq/wal-core/internal';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameOf, text, writeLog } from './opened-log.ts';

async function segmentBytes(payloads: readonly Uint8Array[], reopen = false): Promise<Buffer> {
  const directory = await temporaryDirectory('log');
  for (const each of reopen ? payloads.map((payload) => [payload]) : [payloads]) {
    const log = await openLog({ directory: directory.path });
    await Promise.all(each.map((payload) => log.append(payload)));
    await log.close();
  }
  return readFile(directory.at(nameOf(1)));
}

function checkOf(...chunks: readonly Uint8Array[]): LogPositions {
  const check = createLogFormatCheck();
  for (const chunk of chunks) check.update(chunk);
  return check.finish();
}

describe('a sound segment', () => {
  test('passes in chunks of any size', async () => {
    const payloads = Array.from({ length: 50 }, (_, at) => new Uint8Array(at * 40).fill(at));
    const bytes = await segmentBytes(payloads);
    const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, (places) => {
        const edges = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        const chunks = edges.slice(1).map((end, at) => bytes.subarray(edges[at], end));
        expect(checkOf(...chunks)).toEqual({ firstPosition: '1', lastPosition: '50' });
      }),
    );
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect(checkOf(...single)).toEqual({ firstPosition: '1', lastPosition: '50' });
  });

  test('passes with the marks that closing leaves within it', async () => {
    const bytes = await segmentBytes([text('one'), text('two'), text('three')], true);
    expect(checkOf(bytes)).toEqual({ firstPosition: '1', lastPosition: '3' });
  });

  test('gives the positions of a later segment, and none of an empty one', async () => {
    const directory = await temporaryDirectory('log');
    await writeLog(directory.path, [['one', 'two'], ['three'], []]);
    expect(checkOf(await readFile(directory.at(nameOf(2))))).toEqual({
      firstPosition: '3',
      lastPosition: '3',
    });
    expect(checkOf(await readFile(directory.at(nameOf(3))))).toEqual({
      firstPosition: null,
      lastPosition: null,
    });
  });
});

describe('a segment that is damaged', () => {
  test('is refused with any single bit changed', async () => {
    const bytes = await segmentBytes([text('one'), text(''), text('three')]);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => checkOf(damaged), `bit ${bit}`).toThrow(
        expect.objectContaining({ code: 'segment-malformed' }),
      );
    }
  });

  test('is refused when it ends within its header or a record, with the offset', async () => {
    const bytes = await segmentBytes([text('one'), text('two')]);
    expect(() => checkOf()).toThrow('ends within its header, at offset 0');
    expect(() => checkOf(bytes.subarray(0, 31))).toThrow('ends within its header, at offset 0');
    expect(() => checkOf(bytes.subarray(0, 55))).toThrow(
      'ends within a record, at offset 51, where sequence 2 is expected',
    );
  });

  test('is refused when records were taken out or exchanged', async () => {
    const bytes = await segmentBytes([text('one'), text('two'), text('ten')]);
    const [header, one, two, rest] = [0, 32, 51, 70].map((begin, at) =>
      bytes.subarray(begin, [32, 51, 70, bytes.length][at]),
    ) as [Buffer, Buffer, Buffer, Buffer];
    expect(() => checkOf(header, two, rest)).toThrow('has sequence 2, at offset 32');
    expect(() => checkOf(header, two, one, rest)).toThrow('offset 32');
  });

  test('is refused when it is something else', () => {
    expect(() => checkOf(text('just some text that is no segment of any log'))).toThrow(
      expect.objectContaining({ code: 'segment-malformed' }),
    );
  });
});

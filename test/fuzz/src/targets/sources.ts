/** What stands at a source: segments, watermark and identity. */
import {
  createInlineThreads,
  createLogFormatCheck,
  logSource,
  readIdentity,
  readSegment,
  readWatermark,
} from '@walq/wal-core/internal';
import { jsons, type Target } from '../target.ts';
import { inputDisk } from './input-disk.ts';
import { logSegment, withChecksums } from './log-bytes.ts';

const ID = '0b7a1c52-5f4e-4c1a-9d3e-2f6b8a9c0d11';

const source = logSource({ name: 'orders', directory: '/wal' });

async function readThrough(input: Buffer): Promise<void> {
  for await (const { sequence } of readSegment(inputDisk(input), '/wal/7', { tornTail: 'end' })) {
    if (sequence < 0n) throw new RangeError('a sequence number below 0');
  }
}

function checkFormat(input: Buffer): void {
  const check = createLogFormatCheck();
  for (let at = 0; at < input.length; at += 13) check.update(input.subarray(at, at + 13));
  check.finish();
}

const segments = [logSegment('one', 'two', ''), logSegment(), logSegment('x'.repeat(500), 'y')];

const logRecords: Target = {
  name: 'log-records',
  seeds: segments,
  tokens: ['WQLG'],
  run: async (input) => {
    await readThrough(input);
    checkFormat(input);
  },
};

const logRecordsCorrected: Target = {
  name: 'log-records-corrected',
  seeds: segments,
  tokens: ['\x00\x00\x00\x80', '\x00\x00\x00\xc0'],
  run: async (input) => {
    await readThrough(withChecksums(input));
    checkFormat(withChecksums(input));
  },
};

const watermark: Target = {
  name: 'watermark',
  seeds: jsons({ version: 1, sourceId: ID, segment: '00000000000000000007.wal' }),
  run: (input) => readWatermark(inputDisk(input), source, ID),
};

const identity: Target = {
  name: 'source-identity',
  seeds: jsons(
    { version: 1, sourceId: ID },
    {
      version: 1,
      sourceId: ID,
      boundTo: { dataDirectory: '/d', systemIdentifier: '1', machineId: '' },
    },
  ),
  run: (input) => readIdentity(inputDisk(input), source),
};

const walHeader = Buffer.alloc(8_192);
walHeader.writeUInt16LE(0xd110, 0);
walHeader.writeUInt16LE(0x0002, 2);
walHeader.writeUInt32LE(1, 4);
walHeader.writeBigUInt64LE(BigInt(8_192 * 3), 8);
walHeader.writeBigUInt64LE(7_312_345_678_901_234_567n, 24);
walHeader.writeUInt32LE(8_192, 32);

const format = {
  kind: 'postgres',
  systemIdentifier: '7312345678901234567',
  segmentBytes: 8_192,
  majorVersion: 15,
  timeline: 1,
  startLsn: String(8_192 * 3),
} as const;

/** The whole pass over a segment: read, checked, compressed, decoded and compared. */
const walPages: Target = {
  name: 'wal-pages',
  seeds: [walHeader],
  share: 0.3,
  run: (input) =>
    createInlineThreads(inputDisk(input)).compress(
      {
        sourcePath: '/wal/000000010000000000000003',
        stagingPath: '/staged',
        format,
        level: 1,
        proof: 'read-back',
        manifest: {
          version: 1,
          source: 'main',
          sourceId: ID,
          segment: '000000010000000000000003',
          startedAt: '2026-01-02T03:04:05.678Z',
          worker: 'w',
        },
      },
      new AbortController().signal,
    ),
};

export const sourceTargets = [logRecords, logRecordsCorrected, watermark, identity, walPages];

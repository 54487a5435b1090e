/** What PostgreSQL writes about itself. */
import { crc32c } from '@node-rs/crc32';
import {
  parseHistory,
  parseLsn,
  parseWalFile,
  postgresNaming,
  readCluster,
  segmentNameAt,
  segmentNumber,
  startLsn,
  startOfBackup,
} from '@walq/wal-core/internal';
import { requireSame, texts, type Target } from '../target.ts';
import { inputDisk } from './input-disk.ts';

const FLOAT_FORMAT_AT = 240;
const CHECKSUM_AT = 288;

const control = Buffer.alloc(512);
control.writeBigUInt64LE(7_312_345_678_901_234_567n, 0);
control.writeDoubleLE(1_234_567, FLOAT_FORMAT_AT);
control.writeUInt32LE(16_777_216, FLOAT_FORMAT_AT + 20);

/** A wrong one is read again after a while, five times; so few are tried, with the checksum set right. */
const controlFile: Target = {
  name: 'control-file',
  seeds: [control],
  tokens: ['\x00\x00\x00\x00\x87\xd6\x32\x41'],
  share: 0.01,
  run: (input) => {
    const bytes = Buffer.from(input);
    if (bytes.length >= CHECKSUM_AT + 4) {
      bytes.writeUInt32LE(crc32c(bytes.subarray(0, CHECKSUM_AT)), CHECKSUM_AT);
    }
    return readCluster(inputDisk(bytes), '/data');
  },
};

const history: Target = {
  name: 'history',
  seeds: texts(
    '1\t0/3000000\tno recovery target specified\n',
    '# comment\n\n1\t0/A000000\tbefore\n2\tFF/FFFFFFFF\tat restore point "x"\n',
  ),
  tokens: ['4294967295', 'FFFFFFFF', '0/', '\t'],
  run: (input) => {
    const read = parseHistory('00000005', input.toString('utf8'));
    for (const { timeline } of read?.entries ?? []) {
      requireSame('timeline', /^[0-9A-F]{8}$/.test(timeline) && timeline < '00000005', true);
    }
  },
};

const backupLabel: Target = {
  name: 'backup-label',
  seeds: texts(
    'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000060\nSTART TIMELINE: 1\n',
    'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\r\nLABEL: x\r\n',
  ),
  tokens: ['START TIMELINE: ', 'START WAL LOCATION: '],
  run: (input) => {
    const name = startOfBackup('it', input.toString('utf8'));
    requireSame('kind', parseWalFile(name)?.kind, 'segment');
  },
};

const SEGMENT_BYTES = 16 * 1024 * 1024;

const walNames: Target = {
  name: 'wal-names',
  seeds: texts(
    '000000010000000A000000FE',
    '00000002.history',
    '000000010000000A000000FE.partial',
    '000000010000000A000000FE.00000028.backup',
    '16/B374D848',
  ),
  run: (input) => {
    const name = input.toString('utf8');
    parseLsn(name);
    postgresNaming(SEGMENT_BYTES).parse(name);
    const file = parseWalFile(name);
    if (file?.kind !== 'segment') return;
    const number = segmentNumber(file, SEGMENT_BYTES);
    if (number === undefined) return;
    const again = segmentNameAt(file.timeline, startLsn(number, SEGMENT_BYTES), SEGMENT_BYTES);
    requireSame('name', again, name);
  },
};

export const postgresTargets = [controlFile, history, backupLabel, walNames];

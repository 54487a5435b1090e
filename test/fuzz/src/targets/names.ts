/** Names, and what they become in the archive, on the queue and in messages. */
import { jobIdOf } from '@walq/archive-queue';
import { parseJob } from '@walq/archive-queue/testing';
import {
  anyNumberedNaming,
  archiveKeyOf,
  decodeName,
  encodeName,
  fileNameOf,
  keyPath,
  logNaming,
  segmentOfFileName,
} from '@walq/wal-core/internal';
import { toSourceName } from '@walq/config';
import { Broken, jsons, requireSame, texts, type Target } from '../target.ts';

const SOURCE_ID = '0b7a1c52-5f4e-4c1a-9d3e-2f6b8a9c0d11';
const seeds = texts('00000000000000000007.wal', 'wal-ä-0007.bin', '.hidden-1', '%41', 'a\nb 1');

const encoding: Target = {
  name: 'names',
  seeds,
  tokens: ['%E2%82', '%C3%A4', '\xff', '\xed\xa0\x80'],
  run: (input) => {
    const name = input.toString('utf8');
    const encoded = encodeName(name);
    requireSame('the decoded name', decodeName(encoded), name === '' ? decodeName('') : name);
    requireSame('a plain file name', /^[A-Za-z0-9_%-]?[A-Za-z0-9._%-]*$/.test(encoded), true);
    const decoded = decodeName(name);
    if (decoded !== undefined) requireSame('the encoded name', encodeName(decoded), name);
    logNaming.parse(name);
    toSourceName(name);
  },
};

const keys: Target = {
  name: 'keys',
  seeds,
  tokens: ['../', '9'.repeat(250)],
  run: (input) => {
    const name = input.toString('utf8');
    const segment = anyNumberedNaming.parse(name) ?? { name, number: 1n };
    const key = archiveKeyOf('orders', segment);
    requireSame('the segment', segmentOfFileName(fileNameOf(key)), name);
    const parts = keyPath(key).split('/');
    if (parts.length !== 3 || parts.some((part) => /^\.{0,2}$/.test(part) || part.length > 255)) {
      throw new Broken(`'${keyPath(key)}' leads elsewhere`);
    }
  },
};

const UNIT = /~(?<unit>[0-9a-f]{4})/g;

const jobIds: Target = {
  name: 'job-ids',
  seeds,
  run: (input) => {
    const name = input.toString('utf8');
    const id = jobIdOf(name);
    if (!/^s-[A-Za-z0-9._~-]*$/.test(id)) throw new Broken(`BullMQ reads meaning into '${id}'`);
    const back = id.slice(2).replaceAll(UNIT, (_, unit: string) => unitOf(unit));
    requireSame('the name', back, name);
  },
};

const unitOf = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));

const segments = ['a.wal', 'b.wal'].map((segment) => ({ segment, bytes: 1, sealedAt: 1 }));

const job = { v: 2, sourceId: SOURCE_ID, segments };

const jobs: Target = {
  name: 'jobs',
  seeds: jsons(job, { ...job, stallsBefore: 1, stallsSurvived: 2, startedAlone: true }, [], null),
  run: (input) => parseJob(valueOf(input.toString('utf8')), SOURCE_ID),
};

/** BullMQ reads the JSON; what is none arrives as the text. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const nameTargets = [encoding, keys, jobIds, jobs];

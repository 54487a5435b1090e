/** The small records of an archive, as whoever writes there may have left them. */
import { createHash } from 'node:crypto';
import {
  findQuarantined,
  listAcknowledgedGaps,
  listInstances,
  listQuarantine,
  listRepairs,
  readArchiveOwner,
  readFloorRecords,
} from '@walq/wal-core/internal';
import { MemoryStore } from '@walq/conformance';
import { Broken, jsons, requireSame, type Target } from '../target.ts';

const SOURCE = 'orders';
const ID = '0b7a1c52-5f4e-4c1a-9d3e-2f6b8a9c0d11';
const AT = '2026-01-02T03:04:05.678Z';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A store that holds the input as the record of each of these names. */
async function holding(input: Buffer, ...names: readonly string[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  const text = input.toString('utf8');
  for (const name of names) await store.records.create(SOURCE, name, text);
  return store;
}

const owner = { version: 1, sourceId: ID, consecutive: true };
const pattern = String.raw`^wal-(?<number>\d+)\.bin$`;

const archiveOwner: Target = {
  name: 'archive-owner',
  seeds: jsons(
    { ...owner, type: 'log', naming: { kind: 'log' } },
    { ...owner, type: 'directory', naming: { kind: 'pattern', pattern, base: 10 } },
    { ...owner, type: 'postgres', naming: { kind: 'postgres', segmentBytes: 16_777_216 } },
  ),
  tokens: ['(?<number>', '(?:', '(?!', ')', '+', '*', '{1,}', '|', String.raw`\\d`, '[^a]', '16'],
  run: async (input) => {
    const read = await readArchiveOwner(await holding(input, 'source'), SOURCE);
    for (const name of ['wal-0000017.bin', '00000001000000A000000002', 'a'.repeat(200)]) {
      const segment = read?.naming.parse(name);
      if (segment !== undefined) requireSame('the name', segment.name, name);
    }
  },
};

const instances: Target = {
  name: 'instances',
  seeds: jsons({
    version: 1,
    instance: ID,
    systemIdentifier: '7312345678901234567',
    dataDirectory: '/var/lib/postgresql/15/main',
    host: 'one',
    at: AT,
  }),
  run: async (input) => listInstances(await holding(input, `instances/${ID}`), SOURCE),
};

/** A damaged record sets its segment aside all the same, so it is always listed. */
const quarantine: Target = {
  name: 'quarantine',
  seeds: jsons({
    version: 1,
    source: SOURCE,
    segment: 'a.wal',
    code: 'duplicate',
    message: 'it differs',
    hint: 'compare',
    quarantinedAt: AT,
    worker: 'w',
  }),
  run: async (input) => {
    const store = await holding(input, `quarantine/${sha256('a.wal')}`);
    requireSame('records', (await listQuarantine(store, SOURCE)).length, 1);
    const found = await findQuarantined(store, SOURCE, 'a.wal');
    if (found === undefined) throw new Broken('a damaged record let its segment go');
  },
};

const gaps: Target = {
  name: 'gaps',
  seeds: jsons({
    version: 1,
    source: SOURCE,
    after: 'a',
    before: 'c',
    reason: 'lost',
    by: 'me',
    at: AT,
  }),
  run: async (input) =>
    listAcknowledgedGaps(await holding(input, `gaps/${sha256('["a","c"]')}`), SOURCE),
};

const numbered = [{ timeline: null, segment: 'wal-17.bin', number: '17' }];
const ofTimelines = [{ timeline: '00000002', segment: '0000000200000000000000A1' }];
const floorNames = [numbered, ofTimelines].map((floors) => sha256(JSON.stringify(floors)));

/** Each record is either read or reported as damaged. */
const floors: Target = {
  name: 'floors',
  seeds: jsons(
    { version: 1, source: SOURCE, floors: numbered, at: AT },
    { version: 1, source: SOURCE, floors: ofTimelines, at: AT },
  ),
  run: async (input) => {
    const names = floorNames.map((name) => `floors/${name}`);
    const read = await readFloorRecords(await holding(input, ...names), SOURCE);
    requireSame('records', read.records.length + read.damaged.length, names.length);
  },
};

const repairs: Target = {
  name: 'repairs',
  seeds: jsons(
    { version: 1, source: SOURCE, action: 'replace', by: 'me@here', at: AT, why: 'it rots' },
    { version: 1, aside: 'orders/_walq/replaced/a.zst', at: AT },
    { version: 1, by: 'me@here', at: AT, outcome: 'replaced' },
  ),
  tokens: ['"release"', '"rearchive"', '"acknowledge-gap"'],
  run: async (input) => {
    const names = ['began', 'aside', 'ended'].map((kind) => `repairs/${ID}-${kind}`);
    requireSame('repairs', (await listRepairs(await holding(input, ...names), SOURCE)).length, 1);
  },
};

export const recordTargets = [archiveOwner, instances, quarantine, gaps, floors, repairs];

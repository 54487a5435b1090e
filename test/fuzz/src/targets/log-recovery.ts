/** A log whose newest segment holds anything: opened, appended to, and read. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isWalqError,
  nodeDisk,
  openLog,
  readLog,
  type Disk,
  type Log,
} from '@walq/wal-core/internal';
import { SimulatedFilesystem, simulatedDisk } from '@walq/conformance';
import { Broken, requireSame, type Target } from '../target.ts';
import { commitsIn, logSegment, withChecksums } from './log-bytes.ts';

const ID = '0b7a1c52-5f4e-4c1a-9d3e-2f6b8a9c0d11';
const NEWEST = '00000000000000000007.wal';
const identity = JSON.stringify({ version: 1, sourceId: ID });
const watermark = JSON.stringify({ version: 1, sourceId: ID, segment: '00000000000000000006.wal' });

/** The lock is a real socket, so a real directory of the same name holds it. */
const withRealLock = (disk: Disk): Disk => {
  const of = (path: string): Disk => (/\.lock(\.new)?$/.test(path) ? nodeDisk : disk);
  return {
    ...disk,
    rename: (from, to) => of(from).rename(from, to),
    unlink: (path) => of(path).unlink(path),
    openRead: (path) => (path.startsWith('/proc/') ? nodeDisk : disk).openRead(path),
  };
};

async function write(disk: Disk, path: string, content: Uint8Array): Promise<void> {
  const file = await disk.openNew(path);
  await file.write(content, 0);
  await file.close();
}

async function contentOf(disk: Disk, path: string): Promise<Buffer> {
  const file = await disk.openRead(path);
  const content = Buffer.alloc(Number((await file.stat()).size));
  await file.read(content, 0);
  await file.close();
  return content;
}

/** All segments but the newest have been archived and are gone. */
async function diskWith(newest: Buffer, directory: string): Promise<Disk> {
  const disk = withRealLock(simulatedDisk({ mounts: { '/': new SimulatedFilesystem() } }));
  await disk.makeDirectory(join(directory, '.walq'));
  await write(disk, join(directory, '.walq/source.json'), Buffer.from(identity));
  await write(disk, join(directory, '.walq/watermark.json'), Buffer.from(watermark));
  await write(disk, join(directory, NEWEST), newest);
  return disk;
}

async function recover(input: Buffer): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'walq-fuzz-'));
  const directory = join(root, 'log');
  try {
    await mkdir(join(directory, '.walq'), { recursive: true });
    await continueLog(await diskWith(input, directory), directory, input);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function continueLog(disk: Disk, directory: string, input: Buffer): Promise<void> {
  const appended = Buffer.from('appended');
  try {
    const log = await openLog({ directory, disk });
    requireNoCommitCut(log, input);
    await log.append(appended);
    await log.close();
  } catch (error) {
    // A damaged file is left unchanged, so that somebody can repair it.
    if (!isWalqError(error, 'log-corrupt')) throw error;
    const left = await contentOf(disk, join(directory, NEWEST));
    requireSame('the damaged segment', left.equals(input), true);
    throw error;
  }
  await requireLast(disk, directory, appended);
  const again = await openLog({ directory, disk });
  await again.close();
  requireSame('the tail of a closed log', again.tornTail, undefined);
}

/** One commit at the most was not acknowledged: where a later one is whole, what is wrong before it is damage. */
function requireNoCommitCut({ tornTail, position }: Log, input: Buffer): void {
  if (tornTail === undefined) return;
  const cut = commitsIn(input).find(
    ({ offset, sequence }) =>
      offset > tornTail.offset &&
      sequence > position &&
      sequence <= position + BigInt(input.length),
  );
  requireSame('the commit that was cut off', cut?.sequence, undefined);
}

async function requireLast(disk: Disk, directory: string, payload: Buffer): Promise<void> {
  let last: Uint8Array | undefined;
  for await (const record of readLog(directory, { disk })) last = record.payload;
  if (last === undefined || !payload.equals(last)) throw new Broken('the last record is another');
}

const seeds = [
  logSegment('one', 'two', ''),
  logSegment(),
  logSegment('x'.repeat(500), 'y'),
  logSegment('one', 'two', 'three').subarray(0, -3),
];

const recovery: Target = {
  name: 'log-recovery',
  seeds,
  tokens: ['WQLG'],
  run: recover,
};

/** What stands behind a wrong checksum is reached too. */
const recoveryCorrected: Target = {
  name: 'log-recovery-corrected',
  seeds,
  tokens: ['\x00\x00\x00\x80', '\x00\x00\x00\xc0'],
  run: (input) => recover(withChecksums(input)),
};

export const recoveryTargets = [recovery, recoveryCorrected];

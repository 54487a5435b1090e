/**
 * Runs one part of walq in a process of its own, which kills itself right before the n-th call that it makes
 * to the disk. Without `killAt` it runs to its end and writes what its calls were, one on a line.
 */
import { writeSync } from 'node:fs';
import { nodeDisk } from '@walq/wal-core/internal';
import { faultyDisk } from '@walq/conformance';
import { parts } from './parts.mjs';

const { part, root, killAt, redis, s3 } = JSON.parse(process.argv[2]);
const calls = [];

const disk = faultyDisk(nodeDisk, {
  onCall: ({ number, operation, path }) => {
    if (number === killAt) process.kill(process.pid, 'SIGKILL');
    calls.push(`${operation} ${path.slice(root.length)}`);
  },
});

await parts[part]({ disk, root, redis, s3 });
if (killAt === undefined) writeSync(1, calls.map((call) => `${call}\n`).join(''));

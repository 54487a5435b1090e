/** The two names of this process: one for records that stay, one for lists of those who live. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Host and process, for records: who archived, quarantined or removed something. */
export const processName = (): string => `${hostname()}:${process.pid}`;

/** As `processName`, and never the same again: processes of containers all have the same few numbers. */
export const uniqueProcessName = (): string =>
  `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;

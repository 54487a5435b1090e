import { nodeDisk } from '@walq/wal-core/internal';
import { rememberFront, type FrontRecord } from './front/front-record.ts';
import { note } from './terminal/print.ts';

/** Without the record each call of PostgreSQL starts Node, which is slower and no failure. */
export async function rememberCall(
  record: Omit<FrontRecord, 'env' | 'workingDirectory'>,
): Promise<void> {
  try {
    const here = { env: process.env, workingDirectory: process.cwd() };
    await rememberFront(nodeDisk, { ...record, ...here });
  } catch (error) {
    note(`walq: unable to prepare a faster answer for the next file: ${String(error)}`);
  }
}

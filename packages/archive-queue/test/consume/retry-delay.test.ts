import { retryDelayMs } from '@walq/archive-queue/testing';
import { WalqError, type FailureCode } from '@walq/wal-core/internal';
import { expect, it } from 'vitest';

it('lets a job rest longer where a human has to act', () => {
  const latest = (code: FailureCode) =>
    retryDelayMs(new WalqError(code, { message: code }), 1, () => 1);
  expect(latest('store-full')).toBeGreaterThan(10 * latest('source-io'));
});

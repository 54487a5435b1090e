import { retryDelayMs } from '@walq/archive-queue/testing';
import { WalqError, type FailureCode } from '@walq/wal-core/internal';
import { expect, it } from 'vitest';

it('delays a job longer if an operator has to act', () => {
  const latest = (code: FailureCode) =>
    retryDelayMs(new WalqError(code, { message: code }), 1, () => 1);
  expect(latest('store-full')).toBeGreaterThan(10 * latest('source-io'));
});

/** How outages are logged: those of Redis or an archive, and failures that stop a source. */
import { OutageState, type WalqError } from '@walq/wal-core/internal';
import type { Logger } from 'pino';

/** @param what the server, such as `Redis redis://127.0.0.1:6379` */
export const newServiceOutage = <Failure extends Error>(
  logger: Logger,
  what: string,
): OutageState<Failure> =>
  new OutageState<Failure>({
    began: (err) => logger.warn({ err }, `${what} is not available; retrying`),
    ended: ({ outageMs, failures }) => {
      logger.info({ outageMs, suppressedErrors: failures - 1 }, `${what} is available again`);
    },
  });

/** Logs another line if the failure changes. */
export const newSourceOutage = (logger: Logger): OutageState<WalqError> =>
  new OutageState<WalqError>({
    began: (err) => logger.error({ err, code: err.code, hint: err.hint }, err.message),
    ended: ({ failure }) => logger.info({ code: failure.code }, 'recovered, resuming'),
    isOther: (before, now) => before.code !== now.code,
  });

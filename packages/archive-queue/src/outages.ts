/** What is said of outages: of a server or an archive, and of what keeps a source from being worked on. */
import { OutageState, type WalqError } from '@walq/wal-core/internal';
import type { Logger } from 'pino';

/** @param what what is out, such as `Redis redis://127.0.0.1:6379` */
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

/** One more line where another failure takes the place of the one before. */
export const newSourceOutage = (logger: Logger): OutageState<WalqError> =>
  new OutageState<WalqError>({
    began: (err) => logger.error({ err, code: err.code, hint: err.hint }, err.message),
    ended: ({ failure }) => logger.info({ code: failure.code }, 'over: going on'),
    isOther: (before, now) => before.code !== now.code,
  });

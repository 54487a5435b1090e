import { pino, type Logger } from 'pino';

/**
 * The logger of a role process: JSON lines on standard output under the name `wal_archiver`. It writes in
 * the background, so that a slow reader of the log cannot hold up archiving.
 */
export function createLogger(level: string): Logger {
  return pino({ name: 'wal_archiver', level }, pino.destination({ dest: 1, sync: false }));
}

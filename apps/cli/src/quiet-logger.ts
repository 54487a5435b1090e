import { pino, type Logger } from 'pino';

/** For commands that say themselves what is wrong, instead of logging it. */
export const quietLogger = (): Logger => pino({ level: 'silent' });

import { pino, type Logger } from 'pino';

/** A real logger whose lines a test can read. */
export interface LogLines {
  readonly logger: Logger;
  readonly lines: LogLine[];
  /** Messages of `warn` and above. */
  warnings(): string[];
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

const WARN = 40;

export function logLines(): LogLines {
  const lines: LogLine[] = [];
  const write = (text: string): void => void lines.push(JSON.parse(text));
  const logger = pino({ level: 'debug' }, { write });
  return {
    logger,
    lines,
    warnings: () => lines.filter(({ level }) => level >= WARN).map(({ msg }) => msg),
  };
}

import { printableJson, printableLines } from '@walq/wal-core/printable';
import { reasonOf } from '@walq/wal-core/internal';
import type { Config } from '@walq/config';
import type * as pinoPackage from 'pino';
import { createRequire } from 'node:module';

type Logger = pinoPackage.Logger;

/** CommonJS: `import` would start a module that finds its exports. */
const { pino, stdTimeFunctions } = createRequire(import.meta.url)('pino') as typeof pinoPackage;

/** Further lines are dropped while the reader of the log does not keep up. */
const UNWRITTEN_BYTES_MAX = 1 << 20;

/**
 * The logger of a role process, on standard output: JSON lines under the name `wal_archiver`, or text at a terminal. It
 * writes in the background, so that a slow reader of the log does not delay archiving.
 */
export async function createLogger({ level, format }: Config['log']): Promise<Logger> {
  const output = openOutput();
  const isText = isForPeople(format);
  const toText = isText ? await textFormat() : printableJson;
  const options = {
    name: 'wal_archiver',
    level,
    timestamp: stdTimeFunctions.isoTime,
    ...(isText && { serializers: { err: reasonOf } }),
  };
  return pino(options, { write: (line) => void output.write(toText(line)) });
}

/**
 * A log that cannot be written (a closed terminal, a full disk) must neither end a role nor keep it from exiting: at exit,
 * the stream would try for ever to write what it has buffered.
 */
function openOutput(): ReturnType<typeof pino.destination> {
  const output = pino.destination({ dest: 1, sync: false, maxLength: UNWRITTEN_BYTES_MAX });
  const flush = output.flushSync.bind(output);
  let isFailing = false;
  output.on('error', () => {
    isFailing = true;
  });
  output.on('write', () => {
    isFailing = false;
  });
  output.flushSync = () => {
    if (!isFailing) flush();
  };
  return output;
}

/** For commands that print failures instead of logging them. */
export const quietLogger = (): Logger => pino({ level: 'silent' });

/** Whether the log on standard output is text. */
export const isForPeople = (format: Config['log']['format']): boolean =>
  format === 'text' || (format === 'auto' && process.stdout.isTTY);

/** One line per message, with the local time. Only the JSON format has stacks. */
async function textFormat(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty');
  const format = prettyFactory({
    colorize: false,
    errorLikeObjectKeys: [],
    ignore: 'pid,hostname,name',
    messageFormat: (line, key) => printableLines(String(line[key])).replaceAll('\n', ' '),
    singleLine: true,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
  });
  return (line) => printableLines(format(line) ?? '');
}

import { printableJson, printableLines } from '@walq/wal-core/printable';
import { reasonOf } from '@walq/wal-core/internal';
import type { Config } from '@walq/config';
import { pino, stdTimeFunctions, type Logger } from 'pino';

/** Lines beyond are dropped while nobody takes them. */
const UNWRITTEN_BYTES_MAX = 1 << 20;

/**
 * The logger of a role process, on standard output: JSON lines under the name `wal_archiver`, or lines for people at a
 * terminal. It writes in the background, so that a slow reader of the log cannot hold up archiving.
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
 * A terminal that is gone, or a file on a full disk: a log that cannot be written ends no role. Nor does it keep one from
 * ending: at the exit, the stream would try for ever to write what it still holds.
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

/** Whether standard output gets lines for people. */
export const isForPeople = (format: Config['log']['format']): boolean =>
  format === 'text' || (format === 'auto' && process.stdout.isTTY);

/** One line for each message, with the local time. Stacks are in the JSON only. */
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

/** Options and parsers of arguments that several commands share. */
import type { FlagSetting, LogLevel } from '@walq/config';
import { logLevels, parseDuration } from '@walq/config/values';
import type { Level, NumberBase } from '@walq/wal-core/internal';
import { isQuiet, isVerbose } from '../terminal/print.ts';
import { InvalidArgumentError, Option } from './commander.ts';

/** Parses an integer between two bounds, inclusive. */
export const integerBetween =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`);
  };

/** Parses `30s`, `5m`, `2h` or `1d`. Returns milliseconds. */
export function durationMs(text: string): number {
  const value = parseDuration(text);
  if (value !== undefined) return value;
  throw new InvalidArgumentError('Expected a duration such as 30s, 5m, 2h or 1d.');
}

export const durationOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(durationMs);

const byteUnits = ['', 'k', 'm', 'g', 't'];

/** Parses `500MB`, `50GiB` or a plain number. Returns bytes. */
export function byteCount(text: string): number {
  const {
    count,
    unit = '',
    binary,
  } = /^(?<count>\d{1,12})\s?(?:(?<unit>[kmgt])(?<binary>i)?)?b?$/i.exec(text)?.groups ?? {};
  const bytes = Number(count) * (binary ? 1024 : 1000) ** byteUnits.indexOf(unit.toLowerCase());
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidArgumentError('Expected a size such as 500MB or 50GiB.');
}

export const concurrencyOption = (): Option =>
  new Option('--concurrency <n>', 'segments at once (default: the cores)').argParser(
    integerBetween(1, 1024),
  );

/** Parses a zstd level, or `auto`. */
function compressionLevel(text: string): Level {
  if (text === 'auto') return text;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= 19) return value;
  throw new InvalidArgumentError('Expected an integer from 1 to 19, or auto.');
}

export const levelOption = (): Option =>
  new Option('--level <n>', 'zstd compression level, 1 to 19, or auto (default: 3)').argParser(
    compressionLevel,
  );

/** The base in which the number of a `--pattern` is written. */
export const numberBaseOption = (): Option =>
  new Option(
    '--number-base <base>',
    'base of the number in --pattern, 10 or 16 (default: 10)',
  ).argParser((text): NumberBase => {
    if (text === '10') return 10;
    if (text === '16') return 16;
    throw new InvalidArgumentError('Expected 10 or 16.');
  });

export const archiveOption = (): Option =>
  new Option('--archive <url>', 'read this archive instead of those of the configuration');

export interface LogLevelOption {
  readonly logLevel?: LogLevel;
}

export const logLevelOption = (): Option =>
  new Option('--log-level <level>', 'log level of the role (default: log.level)').choices(
    logLevels,
  );

/** The log level of a role: that of `--log-level`, else `debug` with `-v` and `warn` with `-q`. */
export function logLevelFlag({ logLevel }: LogLevelOption): FlagSetting {
  const key = 'log.level';
  if (logLevel !== undefined) return { flag: '--log-level', key, value: logLevel };
  if (isVerbose()) return { flag: '--verbose', key, value: 'debug' };
  return { flag: '--quiet', key, value: isQuiet() ? 'warn' : undefined };
}

export const workersOption = (count: number): Option =>
  new Option('--workers <n>', 'worker processes').argParser(integerBetween(1, 64)).default(count);

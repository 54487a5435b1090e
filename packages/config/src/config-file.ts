import { resolve } from 'node:path';
import { parse, TomlError, type TomlTable } from 'smol-toml';
import { readLinkedFile, type Disk, reasonOf, WalqError } from '@walq/wal-core/internal';
import { usualConfigPaths } from './own-directories.ts';
import type { Environment } from './environment.ts';

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly table: TomlTable;
}

export interface ConfigFileRequest {
  readonly disk: Disk;
  readonly cwd: string;
  readonly environment: Environment;
  /** The value of `--config`. */
  readonly configPath?: string | undefined;
}

/** The configuration file, parsed; undefined if none was named and none of the default paths exists. */
export async function readConfigFile(request: ConfigFileRequest): Promise<ConfigFile | undefined> {
  const named = request.configPath ?? request.environment['WALQ_CONFIG'];
  if (named) return requireFile(request.disk, resolve(request.cwd, named));
  for (const path of usualConfigPaths(request.cwd)) {
    const text = await readText(request.disk, path);
    if (text !== undefined) return { path, table: parseToml(path, text) };
  }
  return undefined;
}

async function requireFile(disk: Disk, path: string): Promise<ConfigFile> {
  const text = await readText(disk, path);
  if (text !== undefined) return { path, table: parseToml(path, text) };
  throw new WalqError('configuration-invalid', {
    message: `the configuration file ${path} does not exist`,
    hint: 'Check --config and WALQ_CONFIG.',
  });
}

function readText(disk: Disk, path: string): Promise<string | undefined> {
  return readLinkedFile(disk, path).catch((cause: unknown) => {
    const message = `unable to read the configuration file ${path}: ${reasonOf(cause)}`;
    throw new WalqError('configuration-invalid', {
      message,
      hint: 'Check its permissions.',
      cause,
    });
  });
}

function parseToml(path: string, text: string): TomlTable {
  try {
    return parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw notToml(path, error);
  }
}

/** Without the parser's error as its cause: that error quotes the line, which may contain a password. */
function notToml(path: string, error: TomlError): WalqError {
  const why = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '');
  return new WalqError('configuration-invalid', {
    message: `${path}:${error.line}:${error.column}: not valid TOML: ${why}`,
    hint: 'Correct that line; strings need quotes, see https://toml.io.',
  });
}

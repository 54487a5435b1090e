/**
 * Loads commander with `require`, because it is CommonJS. With `import`, Node would first start a WebAssembly module that
 * finds its exports, which takes a tenth of the time of `walq --version`.
 */
import type * as commander from 'commander';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const { Argument, Command, CommanderError, InvalidArgumentError, Option } =
  require('commander') as typeof commander;
export type Argument = commander.Argument;
export type Command = commander.Command;
export type CommanderError = commander.CommanderError;
export type Option = commander.Option;

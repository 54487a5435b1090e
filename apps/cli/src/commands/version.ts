import { MANIFEST_VERSION, zstdVersion } from '@walq/wal-core/internal';
import type { CliCommand } from '../command-line/command.ts';
import { printJson, printLines } from '../terminal/print.ts';
import { readVersion } from '../version.ts';

export const command: CliCommand = {
  examples: ['walq version', 'walq version --json'],

  define() {},

  async run({ json }) {
    const versions = {
      version: readVersion(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      zstd: zstdVersion(),
      /** The newest version of archived objects that this walq reads, and the one that it writes. */
      format: MANIFEST_VERSION,
    };
    if (json) return printJson(versions);
    const { version, node, platform, zstd, format } = versions;
    await printLines([
      `walq ${version}`,
      `node ${node}, ${platform}`,
      `zstd ${zstd}`,
      `archive format ${format}`,
    ]);
  },
};

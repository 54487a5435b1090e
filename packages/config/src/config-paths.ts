import { join } from 'node:path';

/** The default paths of the configuration file, in order. */
export const usualConfigPaths = (cwd: string): readonly string[] => [
  join(cwd, 'walq.toml'),
  '/etc/walq/walq.toml',
];

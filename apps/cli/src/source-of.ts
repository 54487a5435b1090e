import type { Config, ConfiguredSource } from '@walq/config';
import { UsageError } from './usage-error.ts';

/** The source of this name. @throws UsageError that names those there are */
export function sourceOf(config: Config, name: string): ConfiguredSource {
  const source = config.sources.find((configured) => configured.name === name);
  if (source !== undefined) return source;
  const names = config.sources.map((configured) => configured.name).join(', ');
  throw new UsageError(
    `there is no source '${name}' in ${config.file ?? 'the configuration'}`,
    names === '' ? 'It has no sources at all.' : `Its sources are ${names}.`,
  );
}

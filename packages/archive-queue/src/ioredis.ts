/**
 * Loads ioredis with `require`, because it is CommonJS. With `import`, Node would read each of its files a second time to
 * find its exports.
 */
import type * as ioredis from 'ioredis';
import type * as connectors from 'ioredis/built/connectors/index.js';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const { Redis } = require('ioredis') as typeof ioredis;
export type Redis = ioredis.Redis;

/** The connectors that ioredis uses itself; its main module does not export all of them. */
export const { SentinelConnector, StandaloneConnector } =
  require('ioredis/built/connectors') as typeof connectors;
export type SentinelConnector = connectors.SentinelConnector;
export type StandaloneConnector = connectors.StandaloneConnector;

/** Loads prom-client with `require`, because it is CommonJS: `import` would start a module that finds its exports. */
import type * as promClient from 'prom-client';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } =
  require('prom-client') as typeof promClient;
export type Counter<Label extends string> = promClient.Counter<Label>;
export type Gauge<Label extends string> = promClient.Gauge<Label>;
export type Histogram<Label extends string> = promClient.Histogram<Label>;
export type Registry = promClient.Registry;

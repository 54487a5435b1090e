/** The metrics of one role process: those of walq, and the default ones of Node and the process. */
import { collectDefaultMetrics, Gauge, Registry } from './prom-client.ts';

export interface RoleIdentity {
  /** `producer`, `worker` or `dashboard`. */
  readonly role: string;
  /** The version of walq. */
  readonly version: string;
}

/** Gauges with the name of a counter, which promtool rejects. Other default metrics have the same figures by type. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export function createMetricsRegistry({ role, version }: RoleIdentity): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  new Gauge({
    name: 'walq_build_info',
    help: 'Always 1; the labels are the role, the version of walq and the version of Node',
    labelNames: ['role', 'version', 'node'],
    registers: [registry],
  }).set({ role, version, node: process.versions.node }, 1);
  return registry;
}

export interface ComputedGauge<Label extends string> {
  readonly registry: Registry;
  readonly name: string;
  /** Meaning and unit, as a phrase. */
  readonly help: string;
  readonly labels?: readonly Label[];
  /** Called at each scrape. An unknown value is undefined and is left out: a guessed 0 would silence an alert. */
  readonly values: () => Iterable<
    readonly [labels: Record<Label, string>, value: number | undefined]
  >;
}

/** Adds a gauge whose values are computed at each scrape. */
export function addComputedGauge<Label extends string = never>(gauge: ComputedGauge<Label>): void {
  const { registry, name, help, labels = [], values } = gauge;
  new Gauge<Label>({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      this.reset();
      // Without labels, `reset` sets the value to 0.
      if (labels.length === 0) this.remove();
      for (const [of, value] of values()) if (value !== undefined) this.set(of, value);
    },
  });
}

export function addRedisMetric(registry: Registry, isAvailable: () => boolean): void {
  addComputedGauge({
    registry,
    name: 'walq_redis_available',
    help: '1 when this role can write to Redis, else 0',
    values: () => [[{}, isAvailable() ? 1 : 0]],
  });
}

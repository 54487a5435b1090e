/** The metrics of one role process: its own, and what Node and the system say of the process. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export interface RoleIdentity {
  /** `producer`, `worker` or `dashboard`. */
  readonly role: string;
  /** Of walq. */
  readonly version: string;
}

/** Gauges with a counter's name, which Prometheus' own check refuses; the same figures stand by type beside them. */
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
    help: 'Always 1; which version of walq runs this role, and on which Node',
    labelNames: ['role', 'version', 'node'],
    registers: [registry],
  }).set({ role, version, node: process.versions.node }, 1);
  return registry;
}

export interface AskedGauge<Label extends string> {
  readonly registry: Registry;
  readonly name: string;
  /** Meaning and unit, as a phrase. */
  readonly help: string;
  readonly labels?: readonly Label[];
  /**
   * Asked at each scrape. What cannot be told is undefined and then absent: a 0 that is a guess would keep an
   * alarm quiet.
   */
  readonly values: () => Iterable<
    readonly [labels: Record<Label, string>, value: number | undefined]
  >;
}

/** A gauge that looks at the moment when somebody asks. */
export function askedGauge<Label extends string = never>(asked: AskedGauge<Label>): void {
  const { registry, name, help, labels = [], values } = asked;
  new Gauge<Label>({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      this.reset();
      // Without labels, a reset leaves a 0 behind.
      if (labels.length === 0) this.remove();
      for (const [of, value] of values()) if (value !== undefined) this.set(of, value);
    },
  });
}

export function addRedisMetric(registry: Registry, isAvailable: () => boolean): void {
  askedGauge({
    registry,
    name: 'walq_redis_available',
    help: '1 when this role can write to Redis, else 0',
    values: () => [[{}, isAvailable() ? 1 : 0]],
  });
}

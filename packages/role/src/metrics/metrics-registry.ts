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

/** Sends the traces of a role to an OpenTelemetry collector. The libraries are loaded only if traces are on. */
import { OutageState, type Archiver } from '@walq/wal-core/internal';
import type { TelemetryConfig } from '@walq/config';
import type { Logger } from 'pino';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

export interface Tracing {
  /** An archiver that makes a span of each step of a segment. */
  readonly withStepSpans: (archiver: Archiver) => Archiver;
  /** Sends the remaining traces; waits for at most two seconds. */
  stop(): Promise<void>;
}

interface TracingOptions {
  readonly telemetry: TelemetryConfig;
  readonly logger: Logger;
  /** The role of the process: `producer`, `worker`. */
  readonly role: string;
  readonly version: string;
}

const STOP_MS_MAX = 2_000;

/** Undefined if traces are off. */
export async function startTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const { telemetry, logger, role, version } = options;
  if (telemetry.traces === 'off') return undefined;
  const { BatchSpanProcessor, NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const { segmentsOnly, withStepSpans } = await import('./spans.ts');
  const exporter = new OTLPTraceExporter({ url: telemetry.endpoint, timeoutMillis: STOP_MS_MAX });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': `walq-${role}`,
      'service.version': version,
    }),
    sampler: segmentsOnly,
    spanProcessors: [new BatchSpanProcessor(logTransitions(exporter, telemetry.endpoint, logger))],
  });
  provider.register();
  return { withStepSpans, stop: () => stop(provider, logger) };
}

async function stop(provider: { shutdown(): Promise<void> }, logger: Logger): Promise<void> {
  const late = new AbortController();
  const { setTimeout } = await import('node:timers/promises');
  const deadline = setTimeout(STOP_MS_MAX, undefined, { signal: late.signal }).catch(
    () => undefined,
  );
  const sent = provider.shutdown().catch((err: unknown) => {
    logger.debug({ err }, 'could not send the last traces');
  });
  await Promise.race([sent, deadline]);
  late.abort();
}

type OnExported = Parameters<SpanExporter['export']>[1];

/** Wraps an exporter: an outage is logged once when it begins and once when it ends. */
function logTransitions(exporter: SpanExporter, endpoint: string, logger: Logger): SpanExporter {
  const outage = new OutageState<Error>({
    began: (err) =>
      logger.warn({ endpoint, err }, 'the collector does not accept traces; dropping them'),
    ended: () => logger.info({ endpoint }, 'the collector accepts traces again'),
  });
  const note = ({ error }: Parameters<OnExported>[0]): void => {
    if (error === undefined) outage.clear();
    else outage.report(error);
  };
  return {
    export: (spans: ReadableSpan[], onExported: OnExported) => {
      exporter.export(spans, (result) => {
        note(result);
        onExported(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/** An exporter whose outage is one log line when it begins and one when it ends, whatever it loses meanwhile. */
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { Logger } from 'pino';

type Told = Parameters<SpanExporter['export']>[1];

export function toldOnce(exporter: SpanExporter, endpoint: string, logger: Logger): SpanExporter {
  let isAway = false;
  const note = ({ error }: Parameters<Told>[0]): void => {
    if ((error !== undefined) === isAway) return;
    isAway = error !== undefined;
    if (isAway) logger.warn({ endpoint, err: error }, 'traces are not taken and are thrown away');
    else logger.info({ endpoint }, 'traces are taken again');
  };
  return {
    export: (spans: ReadableSpan[], told: Told) => {
      exporter.export(spans, (result) => {
        note(result);
        told(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

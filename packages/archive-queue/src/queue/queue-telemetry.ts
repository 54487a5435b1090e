/**
 * Traces that follow a batch through the queue. Each job has its own trace, which starts when its oldest segment was
 * sealed, so that a worker's steps hours later belong to the same trace.
 */
import type { Telemetry } from 'bullmq';
import type { ArchiveJob } from '../job/archive-job.ts';

export interface QueueTelemetry {
  /** For BullMQ's queues and workers. */
  readonly bull: Telemetry;
  /** Starts the trace of a batch that is being enqueued. */
  enqueuing(queueName: string, job: ArchiveJob): Enqueuing;
}

export interface Enqueuing {
  /** The trace context as JSON, for the job. */
  readonly metadata: string;
  /** The job is on the queue; with `failure`, it is not. */
  end(failure?: unknown): void;
}

/** Uses the process's OpenTelemetry provider. The libraries are loaded only here, when traces are on. */
export async function createQueueTelemetry(version: string): Promise<QueueTelemetry> {
  const { BullMQOtel } = await import('bullmq-otel');
  const { propagation, ROOT_CONTEXT, SpanKind, trace } = await import('@opentelemetry/api');
  const tracer = trace.getTracer('walq', version);
  return {
    bull: new BullMQOtel({ tracerName: 'walq', version }),
    enqueuing: (queueName, { segments }) => {
      const names = segments.map(({ segment }) => segment);
      const bytes = segments.reduce((sum, one) => sum + one.bytes, 0);
      const span = tracer.startSpan(
        `enqueue ${queueName}`,
        {
          kind: SpanKind.PRODUCER,
          startTime: Math.min(...segments.map(({ sealedAt }) => sealedAt)),
          attributes: { 'walq.segments': names, 'walq.bytes': bytes },
        },
        ROOT_CONTEXT,
      );
      const carrier: Record<string, string> = {};
      propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
      return {
        metadata: JSON.stringify(carrier),
        end: (failure) => {
          if (failure instanceof Error) span.recordException(failure);
          span.end();
        },
      };
    },
  };
}

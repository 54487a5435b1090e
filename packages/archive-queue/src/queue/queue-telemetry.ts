/**
 * Traces that follow a segment over the queue. Each segment has a trace of its own, begun when it was sealed
 * and carried by its job, so that what a worker does with it hours later belongs to the same trace.
 */
import type { Telemetry } from 'bullmq';
import type { ArchiveJob } from '../job/archive-job.ts';

export interface QueueTelemetry {
  /** What BullMQ's queues and workers take. */
  readonly bull: Telemetry;
  /** Begins the trace of a segment that goes onto a queue. */
  enqueuing(queueName: string, job: ArchiveJob): Enqueuing;
}

export interface Enqueuing {
  /** The trace as text, for the job. */
  readonly metadata: string;
  /** The job is on the queue, or why it is not. */
  end(failure?: unknown): void;
}

/** Uses the process's OpenTelemetry provider; loaded only where traces are wanted. */
export async function createQueueTelemetry(version: string): Promise<QueueTelemetry> {
  const { BullMQOtel } = await import('bullmq-otel');
  const { propagation, ROOT_CONTEXT, SpanKind, trace } = await import('@opentelemetry/api');
  const tracer = trace.getTracer('walq', version);
  return {
    bull: new BullMQOtel({ tracerName: 'walq', version }),
    enqueuing: (queueName, { segment, bytes, sealedAt }) => {
      const span = tracer.startSpan(
        `enqueue ${queueName}`,
        {
          kind: SpanKind.PRODUCER,
          startTime: sealedAt,
          attributes: { 'walq.segment': segment, 'walq.bytes': bytes },
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

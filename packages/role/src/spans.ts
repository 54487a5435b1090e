/** A span for each step of archiving a segment, within the span of its job. */
import type { Archiver, SegmentResult } from '@walq/wal-core/internal';
import { SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace-node';

/** An archiver whose results contain the times of their steps, and that makes a span of each. */
export function withStepSpans(archiver: Archiver): Archiver {
  const tracer = trace.getTracer('walq');
  return {
    parallelism: archiver.parallelism,
    get busy() {
      return archiver.busy;
    },
    inWork: () => archiver.inWork(),
    close: () => archiver.close(),
    archive: async (source, ...batch) => {
      const results = await archiver.archive(source, ...batch);
      for (const result of results) recordSteps(tracer, source.name, result);
      return results;
    },
  };
}

/** A failed segment has failed in its last step. */
function recordSteps(tracer: Tracer, source: string, result: SegmentResult): void {
  const { segment, steps = [], failure } = result;
  const attributes = { 'walq.source': source, 'walq.segment': segment };
  for (const { step, startMs, endMs } of steps) {
    const span = tracer.startSpan(step, { attributes, startTime: startMs });
    if (failure !== undefined && step === steps.at(-1)?.step) {
      span.recordException(failure);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(endMs);
  }
}

/** Samples the traces of segments, and not those that BullMQ starts for its own polling. */
const on = new AlwaysOnSampler();
const off = new AlwaysOffSampler();

const rootSampler: Sampler = {
  shouldSample: (...span) => {
    const [, , name, kind] = span;
    const isSegment = kind === SpanKind.PRODUCER && name.startsWith('enqueue ');
    return (isSegment || kind === SpanKind.CONSUMER ? on : off).shouldSample();
  },
  toString: () => 'segments-only',
};

export const segmentsOnly: Sampler = new ParentBasedSampler({ root: rootSampler });

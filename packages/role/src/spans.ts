/** A span for each step of archiving a segment, within the span of its job. */
import type { Archiver, StepListener } from '@walq/wal-core/internal';
import { SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace-node';

export interface StepSpans {
  /** For the archiver: a step ends when the next one begins. */
  readonly onStep: StepListener;
  /** Wraps the archiver so that the last step ends too. */
  around(archiver: Archiver): Archiver;
}

/** A batch, and the span of the current step of each of its segments. */
interface ArchiveRun {
  readonly source: string;
  readonly steps: Map<string, Span>;
}

export function createStepSpans(): StepSpans {
  const tracer = trace.getTracer('walq');
  const runs = new AsyncLocalStorage<ArchiveRun>();
  return {
    onStep: (step, segment) => {
      const run = runs.getStore();
      if (run === undefined) return;
      run.steps.get(segment)?.end();
      const attributes = { 'walq.source': run.source, 'walq.segment': segment };
      run.steps.set(segment, tracer.startSpan(step, { attributes }));
    },
    around: (archiver) => ({
      parallelism: archiver.parallelism,
      get busy() {
        return archiver.busy;
      },
      inWork: () => archiver.inWork(),
      close: () => archiver.close(),
      archive: async (source, ...rest) => {
        const run: ArchiveRun = { source: source.name, steps: new Map() };
        const results = await runs.run(run, () => archiver.archive(source, ...rest));
        for (const { segment, failure } of results) endStep(run.steps.get(segment), failure);
        return results;
      },
    }),
  };
}

function endStep(step: Span | undefined, failure: Error | undefined): void {
  if (failure !== undefined) {
    step?.recordException(failure);
    step?.setStatus({ code: SpanStatusCode.ERROR });
  }
  step?.end();
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

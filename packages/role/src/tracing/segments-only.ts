/** What is worth a trace: the way of a segment, not BullMQ's own polling, which begins traces of its own. */
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace-node';
import { SpanKind } from '@opentelemetry/api';

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

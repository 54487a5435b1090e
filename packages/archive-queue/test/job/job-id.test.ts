import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobIdOf, queueNameOf } from '@walq/archive-queue';

const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.stringMatching(/^[0-9:~ .%s-]*$/),
);

describe('jobIdOf', () => {
  it('maps different names to different ids', () => {
    fc.assert(
      fc.property(names, names, (a, b) => {
        expect(jobIdOf(a) === jobIdOf(b)).toBe(a === b);
      }),
      { numRuns: 5_000 },
    );
  });

  it('creates ids without special meaning for BullMQ', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(jobIdOf(name)).toMatch(/^s-[A-Za-z0-9._~-]*$/);
      }),
    );
  });

  it.each(['0', '123', '0:x:y', 'a b', 'a-b', 'wäl-1', '~0020', 'wal:1', 'émoji 😀.bin'])(
    'distinguishes %j from its escaped form',
    (name) => {
      const id = jobIdOf(name);
      expect(jobIdOf(id)).not.toBe(id);
    },
  );
});

describe('queueNameOf', () => {
  it('names the queue of a source', () => {
    expect(queueNameOf('wal-archive', 'orders')).toBe('wal-archive-orders');
  });

  it('rejects names that BullMQ does not accept', () => {
    expect(() => queueNameOf('wal:archive', 'orders')).toThrow(/contains ':'/);
  });
});

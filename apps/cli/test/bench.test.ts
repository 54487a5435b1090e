import { describe, expect, it } from 'vitest';
import { walq } from './walq.ts';

describe('walq bench', () => {
  it.each([
    [['--input', '/nowhere'], "'/nowhere' is not a directory"],
    [['--input', '.', '--pgbench'], '--input and --pgbench cannot be combined'],
    [['--rounds', '0'], 'Expected an integer from 1 to 100.'],
    [['--only', 'some'], 'Allowed choices are segments, flushes, latency, memory, commands.'],
    [['--input', '.', '--segment-bytes', '65536'], '--segment-bytes cannot be combined'],
    [['--segments', '9', '--only', 'latency'], "the part 'latency' has its own input"],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await walq(['bench', ...args]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

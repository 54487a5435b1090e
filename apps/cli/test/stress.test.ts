import { describe, expect, it } from 'vitest';
import { walq } from './walq.ts';

describe('walq stress', () => {
  it.each([
    [['--dir', '/nowhere'], "'/nowhere' is not a directory"],
    [['--rate', '0'], 'Expected an integer from 1 to 100000.'],
    [['--seconds', 'ten'], 'Expected an integer from 1 to 600.'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await walq(['stress', ...args]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

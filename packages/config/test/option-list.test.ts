import { expect, it } from 'vitest';
import { listOptions, toSourceName } from '@walq/config';

it('names every option with its meaning and what it accepts', () => {
  const options = listOptions();
  const keys = options.map((option) => option.key);
  expect(keys).toContain('redis.password_file');
  expect(keys).toContain('sources.<name>.after_archive');
  expect(keys).toContain('worker.shutdown_grace');
  expect(options.filter(({ meaning, expected }) => !meaning || !expected)).toEqual([]);
  expect(options.find((option) => option.key === 'wal.archive_parallelism')).toMatchObject({
    unit: 'segments',
  });
});

it.each([
  ['pg_wal', 'pg-wal'],
  ['Orders WAL (2)', 'orders-wal-2'],
  ['---', undefined],
])('a directory named %s makes the source name %s', (directory, name) => {
  expect(toSourceName(directory)).toBe(name);
});

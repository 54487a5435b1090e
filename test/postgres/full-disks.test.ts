import { mkdir } from 'node:fs/promises';
import { eventually } from '@walq/test-support';
import { expect, test } from 'vitest';
import { mayMount, mountSmall, remount } from '../e2e/filesystem.ts';
import { newSite } from './site.ts';

const MIB = 1024 * 1024;

test.skipIf(!mayMount)(
  'the archive full, pg_wal nearly so: PostgreSQL runs, walq says why, and the backlog drains on its own',
  async () => {
    const site = await newSite({
      mount: async (at, own) => {
        await mkdir(at('wal'));
        await mountSmall(at('wal'), 400 * MIB);
        await mountSmall(at('archive'), 3 * MIB);
        for (const path of ['wal', 'archive']) await own(at(path));
        return ['--waldir', at('wal/pg_wal')];
      },
    });
    const { server } = site;
    const up = await site.start('up', '--workers', '1');
    await up.waitForLine(/taking archive jobs/);
    await server.pgbench('--initialize', '--scale', '15', '--quiet');
    await server.query('create table marks (n int)');
    const last = await server.switchWal();
    await eventually(async () => {
      expect(await server.log()).toMatch(/No space left|ENOSPC/i);
      expect(await server.log()).toContain('Make room in the archive');
    });
    await server.query('insert into marks values (1)');
    const status = JSON.parse(await site.status('--json')) as {
      sources: { main: { dueSegments: number } };
    };
    expect(status.sources.main.dueSegments).toBeGreaterThan(3);

    await remount(site.archive, `size=${400 * MIB}`);
    await site.untilArchived(last);
    await eventually(async () =>
      expect(await server.query('select last_archived_wal from pg_stat_archiver')).toBe(last),
    );
    expect(await server.query('select count(*) from marks')).toBe('1');
  },
);

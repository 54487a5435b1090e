import { describe, expect, it } from 'vitest';
import { chartOf, linesOf, reportTables } from '../src/index.ts';
import type { BenchReport } from '../src/run-bench.ts';
import { aReport } from './a-report.ts';

const tableOf = (title: RegExp, report: BenchReport = aReport()) =>
  reportTables(report).find((table) => title.test(table.title));

describe('the results', () => {
  it('come first, each with its goal, what was measured, a ratio, and whether it is reached', () => {
    const [results] = reportTables(aReport());
    expect(results?.title).toBe('Results');
    expect(results?.rows).toContainEqual([
      'a flush of 5 files of 0.484 MB, queue, until archived',
      '≤ 18 ms, ≤ 1.5 × bare',
      '16.0 ms, 63 flushes/s, 167 MB/s',
      '1.60 ×',
      'no',
    ]);
    expect(results?.rows).toContainEqual([
      'a flush of 5 files of 0.484 MB, in process, until archived',
      '≤ 1.3 × bare',
      '12.5 ms, 80 flushes/s, 213 MB/s',
      '1.25 ×',
      'yes',
    ]);
  });

  it.each([
    [/2MB through the queue/, 'yes'],
    [/16MiB through the queue/, 'no'],
    [/idle system/, 'yes'],
    [/64 B through the queue/, 'no'],
    [/peak memory/, 'no'],
    [/wal-push/, 'yes'],
    [/flushed\(\), 10,000/, 'yes'],
    [/walq status/, 'yes'],
    [/walq worker/, 'no'],
  ])('%s: reached %s', (what, reached) => {
    const row = reportTables(aReport())[0]?.rows.find(([title]) => what.test(title ?? ''));
    expect(row?.at(-1)).toBe(reached);
  });

  it('are none for an input of the reader’s own, which is said', () => {
    const report = { ...aReport(), isOwnInput: true };
    expect(tableOf(/Results/, report)).toBeUndefined();
    expect(JSON.stringify(tableOf(/Measured on/, report))).toContain('of the reader’s own');
  });

  it('say that a short run is for a try', () => {
    expect(tableOf(/Results of a short run/, { ...aReport(), isShort: true })).toBeDefined();
  });

  it('leave out what was not measured', () => {
    const nothing = { segments: [], flushes: [], startUp: [], postgresCalls: [] };
    const report = { ...aReport(), ...nothing, latency: null, memory: null };
    expect(reportTables(report).map(({ title }) => title)).toEqual(['Measured on']);
    expect(chartOf(report)).toBeUndefined();
  });
});

describe('the tables', () => {
  it('say what the figures were measured on', () => {
    const text = JSON.stringify(tableOf(/Measured on/));
    for (const said of ['A Processor', '2 cores', 'level 3', 'xxh3-64', '/dev/vda', '424 fsyncs']) {
      expect(text).toContain(said);
    }
  });

  it('have a row for each contestant, and the reason of one that is absent', () => {
    const table = tableOf(/segments, 16MiB/);
    expect(table?.rows.map(([title]) => title)).toEqual(['zstd', 'bare', 'queue-1']);
    expect(table?.rows[2]).toContain('1.20 (1.20 to 1.20)');
    expect(table?.rows[2]).toContain('1.50 (1.50 to 1.50)');
    expect(table?.notes).toContain('absent: not here');
  });

  it('have the floor of a single segment next to walq', () => {
    const rows = tableOf(/caller waits/)?.rows ?? [];
    expect(rows.map(([title, , p50]) => [title, p50]).slice(0, 2)).toEqual([
      ['one segment of 64 KiB, idle, until archived: bare', '4.0 ms'],
      ['one segment of 64 KiB, idle, until archived: queue', '10.0 ms'],
    ]);
    const idle = tableOf(/^Results/)?.rows.find(([what]) => /idle/.test(what ?? ''));
    expect(idle?.[3]).toBe('2.50 ×');
  });

  it('show flushes in milliseconds', () => {
    const table = tableOf(/3 flushes of/);
    expect(table?.head[1]).toBe('ms a flush');
    expect(table?.rows[2]?.slice(0, 3)).toEqual([
      'queue-awaited',
      '16.0 (16.0 to 16.0)',
      '1.60 (1.60 to 1.60)',
    ]);
  });

  it('have as many cells in each row as there are columns', () => {
    for (const { head, rows } of reportTables(aReport())) {
      for (const row of rows) expect(row).toHaveLength(head.length);
    }
  });

  it('are Markdown', () => {
    expect(
      linesOf({
        title: 'A title',
        head: ['', 'MB/s'],
        words: 1,
        rows: [['walq', '7']],
        notes: ['A note.'],
      }),
    ).toEqual([
      '',
      'A title',
      '',
      '|      | MB/s |',
      '|------|-----:|',
      '| walq |    7 |',
      '',
      'A note.',
    ]);
  });
});

it('draws the contestants on the largest segments as an SVG', () => {
  const svg = chartOf(aReport());
  expect(svg).toMatch(/^<svg [\s\S]*<\/svg>$/);
  expect(svg).toContain('queue-1');
  expect(svg).toContain('1.20 s (1.20× bare)');
});

import { describe, expect, it } from 'vitest';
import { chartOf, reportTables } from '../src/index.ts';
import { figuresOf } from '../src/original.ts';
import { aReport, flushes } from './a-report.ts';

const tableOf = (title: RegExp) => reportTables(aReport()).find((table) => title.test(table.title));

describe('the tables', () => {
  it('say what the figures were measured on', () => {
    const text = JSON.stringify(tableOf(/Measured on/));
    for (const said of ['A Processor', '2 cores', 'level 3', 'xxh3-64', '/dev/vda', '424 fsyncs']) {
      expect(text).toContain(said);
    }
  });

  it('have a row for each contestant, and the reason of one that is absent', () => {
    const table = tableOf(/segments, medians/);
    expect(table?.rows.map(([title]) => title)).toEqual(['zstd', 'queue-1']);
    expect(table?.rows[1]).toContain('1.20 (1.20 to 1.20)');
    expect(table?.notes).toContain('pgbackrest: not here');
  });

  it('put the original figures next to those of today', () => {
    const rows = tableOf(/original/)?.rows;
    expect(rows).toContainEqual(['time, ms', '90.0', '18.0', '20.0']);
    expect(rows).toContainEqual(['peak memory, 3 at once, MB', '–', '90', '70']);
    expect(rows).toContainEqual(['cores used', '–', '–', '1.5']);
  });

  it('have as many cells in each row as there are columns', () => {
    for (const { columns, rows } of reportTables(aReport())) {
      for (const row of rows) expect(row).toHaveLength(columns.length);
    }
  });

  it('leave out what was not measured', () => {
    const report = { ...aReport(), contestants: [], original: [], large: null };
    expect(reportTables(report).map(({ title }) => title)).toEqual(['Measured on']);
  });
});

it('computes the original table from the flushes', () => {
  expect(figuresOf(flushes, { 1: 50 })).toEqual({
    blockingMs: 0.2,
    heldMs: 3,
    timeMs: 20,
    megabytesPerSecond: 121,
    flushesPerSecond: 50,
    cores: 1.5,
    peakMegabytes: { 1: 50 },
    ratio: 52,
    fileMs: 4,
  });
});

it('draws the contestants as an SVG', () => {
  const svg = chartOf(aReport());
  expect(svg).toMatch(/^<svg [\s\S]*<\/svg>$/);
  expect(svg).toContain('queue-1');
  expect(svg).toContain('1.20 s (1.20×)');
});

import type { BenchReport } from '../bench-report.ts';
import type { ReportTable } from './report-table.ts';

export function machineTable({ machine, ...report }: BenchReport): ReportTable {
  const { input, level, checksum, parallelism, rounds } = report;
  const size = (input.bytes / 1e6).toFixed(0);
  const rows = [
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${gigabytes(machine.memoryBytes)} GB`],
    ['system', `${machine.kernel}, Node ${machine.node}, load ${machine.loadBefore.toFixed(2)}`],
    [
      'zstd',
      `${machine.libzstd} in walq, ${machine.zstdTool ?? 'none'} as the tool, level ${level}`,
    ],
    ['checksum', `${checksum}, every object read back, decoded and compared`],
    ['device', `${machine.device}, ${machine.filesystem}, ${fsyncs(machine)} fsyncs a second`],
    ['input', `${input.title}: ${input.segments} segments, ${size} MB`],
    ['run', `${rounds} rounds in turns, ${parallelism} segments at once, ${report.at}`],
  ];
  return { title: 'Measured on', columns: [{ heading: '' }, { heading: '' }], rows, notes: [] };
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

const fsyncs = ({ fsyncsPerSecond }: BenchReport['machine']): string => fsyncsPerSecond.toFixed(0);

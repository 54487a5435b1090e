import {
  SAVED_SHARE_MIN,
  type DictionaryMeasurement,
  type Evaluated,
  type TrainingReport,
} from '@walq/wal-core/internal';
import { showBytes, showCount } from '../../terminal/human.ts';
import { print, printLines } from '../../terminal/print.ts';
import { tableLines } from '../../terminal/table.ts';

const columns = [
  { heading: 'DICTIONARY' },
  { heading: 'SIZE', align: 'right' },
  { heading: 'A SEGMENT', align: 'right' },
  { heading: 'ARCHIVE', align: 'right' },
  { heading: 'SAVED', align: 'right' },
  { heading: 'PAYS AFTER', align: 'right' },
] as const;

const share = (of: number): string => `${(100 * of).toFixed(1)}%`;

/** The dictionary counts into ARCHIVE and SAVED. */
export async function printTraining(source: string, report: TrainingReport): Promise<void> {
  const { samples, level, segments, archiveBytesWithout, evaluated } = report;
  const average = showBytes(Math.round(samples.measuredBytes / samples.measured.length));
  await print(
    `${source}: trained on ${showCount(samples.trained.length, 'segment')}, measured on ${samples.measured.length} others of ${average} on average, level ${level}; the archive is that of ${showCount(segments, 'segment')}`,
  );
  const none = ['none', '', showBytes(Math.round(archiveBytesWithout / segments))];
  const rows = evaluated.map((one) => rowOf(one, samples.measured.length));
  await printLines(
    tableLines(columns, [[...none, showBytes(archiveBytesWithout), '', ''], ...rows]),
  );
  await print(sentence(report));
}

function rowOf(
  { measurement, archiveBytes, savedShare, breakEvenSegments }: Evaluated<DictionaryMeasurement>,
  measured: number,
): string[] {
  const { origin, dictionary, objectBytes } = measurement;
  return [
    origin === 'trained' ? 'trained' : 'in use',
    showBytes(dictionary.bytes.length),
    showBytes(Math.round(objectBytes / measured)),
    showBytes(archiveBytes),
    share(savedShare),
    breakEvenSegments === null ? 'never' : showCount(breakEvenSegments, 'segment'),
  ];
}

function sentence({ outcome, best }: TrainingReport): string {
  const saves = best === undefined ? '' : ` and saves ${share(best.savedShare)}`;
  const sha256 = best?.measurement.dictionary.sha256 ?? '';
  switch (outcome) {
    case 'stored':
      return `stored ${sha256}, which is used from now on${saves}`;
    case 'kept':
      return `kept ${sha256}: no new dictionary is better than the one in use`;
    case 'no-gain':
      return `no dictionary pays: none saves ${share(SAVED_SHARE_MIN)}; nothing was stored`;
    case 'dry-run':
      return best === undefined
        ? `no dictionary pays: none saves ${share(SAVED_SHARE_MIN)}`
        : `the best is that of ${showBytes(best.measurement.dictionary.bytes.length)}${saves}; nothing was stored`;
  }
}

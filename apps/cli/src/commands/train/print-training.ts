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

/** ARCHIVE and SAVED include the size of the dictionary itself. */
export async function printTraining(source: string, report: TrainingReport): Promise<void> {
  const { samples, level, segments, archiveBytesWithout, evaluated } = report;
  const average = showBytes(Math.round(samples.measuredBytes / samples.measured.length));
  await print(
    `${source}: trained on ${showCount(samples.trained.length, 'segment')}, measured on ${samples.measured.length} others (average ${average}, level ${level}); ARCHIVE is for ${showCount(segments, 'segment')}`,
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
      return `stored dictionary ${sha256}${saves}`;
    case 'kept':
      return `kept dictionary ${sha256}: no new one is better`;
    case 'no-gain':
      return `nothing was stored: no dictionary saves ${share(SAVED_SHARE_MIN)}`;
    case 'dry-run':
      return best === undefined
        ? `no dictionary saves ${share(SAVED_SHARE_MIN)}`
        : `the best has ${showBytes(best.measurement.dictionary.bytes.length)}${saves}; nothing was stored`;
  }
}

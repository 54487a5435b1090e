import { startOfBackup } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';

const label = `START WAL LOCATION: 0/3000028 (file 000000020000000000000003)
CHECKPOINT LOCATION: 0/3000060
BACKUP METHOD: streamed
BACKUP FROM: primary
START TIME: 2026-11-27 04:00:00 UTC
LABEL: pg_basebackup base backup
START TIMELINE: 2
`;

test('a backup label names the first WAL segment that is needed', () => {
  expect(startOfBackup('backup_label', label)).toBe('000000020000000000000003');
  expect(startOfBackup('backup_label', label.replaceAll('\n', '\r\n'))).toMatch(/3$/);
  const old = label.replace('START TIMELINE: 2\n', '');
  expect(startOfBackup('backup_label', old)).toBe('000000020000000000000003');
});

test.each([
  ['nothing', ''],
  ['another file', 'primary_conninfo = \n'],
  ['no segment', label.replace('000000020000000000000003', '00000003')],
  ['a timeline that is not the segment’s', label.replace('TIMELINE: 2', 'TIMELINE: 3')],
])('a label with %s is refused', (_, text) => {
  const refused = expect.objectContaining({ code: 'backup-label-malformed' });
  expect(() => startOfBackup('backup_label', text)).toThrow(refused);
});

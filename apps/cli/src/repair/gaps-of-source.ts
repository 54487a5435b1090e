import { listGaps, type KnownGap } from '@walq/wal-core/internal';
import type { ArchivedSource } from '../archived-sources.ts';
import { segmentsAtSource } from '../segments-at.ts';

export const gapsOfSource = async (archived: ArchivedSource): Promise<readonly KnownGap[]> =>
  listGaps({ ...archived, source: archived.name, atSource: await segmentsAtSource(archived) });

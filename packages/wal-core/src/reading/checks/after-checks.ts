import type { CorruptSegment, SourceVerification } from '../verify-archive.ts';
import { compareSegments } from '../../source/segment-name.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import { keyPath } from '../../store/archive-key.ts';
import type { CheckedObject } from './check-objects.ts';

/**
 * What a verification found, once some of its objects were read: their bytes say more than anything before, but for
 * a history file that decodes and cannot be followed.
 */
export function afterChecks(
  verification: SourceVerification,
  checked: readonly CheckedObject[],
  naming: SegmentNaming,
): SourceVerification {
  const corrupt = new Map(verification.corrupt.map((one) => [one.key, one]));
  for (const { object, fault } of checked) {
    const key = keyPath(object.key);
    const { source, segment } = object.key;
    if (fault !== undefined) corrupt.set(key, { source, segment, key, ...fault });
    else if (!verification.unreadableHistories.has(key)) corrupt.delete(key);
  }
  return { ...verification, corrupt: inOrder([...corrupt.values()], naming) };
}

function inOrder(corrupt: readonly CorruptSegment[], naming: SegmentNaming): CorruptSegment[] {
  const named = corrupt.flatMap((one) => {
    const name = naming.parse(one.segment);
    return name === undefined ? [] : [{ one, name }];
  });
  return named.toSorted((a, b) => compareSegments(a.name, b.name)).map(({ one }) => one);
}

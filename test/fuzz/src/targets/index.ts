import type { Target } from '../target.ts';
import { recoveryTargets } from './log-recovery.ts';
import { nameTargets } from './names.ts';
import { objectTargets } from './objects.ts';
import { postgresTargets } from './postgres.ts';
import { recordTargets } from './records.ts';
import { s3Targets } from './s3-answers.ts';
import { settingTargets } from './settings.ts';
import { sourceTargets } from './sources.ts';

export const targets: readonly Target[] = [
  ...objectTargets,
  ...recordTargets,
  ...sourceTargets,
  ...recoveryTargets,
  ...postgresTargets,
  ...nameTargets,
  ...settingTargets,
  ...s3Targets,
];

/** @throws RangeError where there is none of this name */
export function targetNamed(name: string): Target {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new RangeError(`there is no target '${name}'`);
  return target;
}

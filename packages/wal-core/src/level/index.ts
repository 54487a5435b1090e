export { describeLevel } from './describe-level.ts';
export { AUTO_LEVELS, FALLBACK_LEVEL, MEASURED_BYTES_MIN, type Level } from './level.ts';
export { createLevels, type LevelEvent, type Levels, type LevelsOptions } from './levels.ts';

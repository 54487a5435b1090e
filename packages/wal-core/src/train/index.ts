export {
  SAVED_SHARE_MIN,
  judgeDictionaries,
  type Judged,
  type Trial,
} from './judge-dictionaries.ts';
export type { TrainingSource } from './newest-segments.ts';
export {
  trainDictionary,
  type DictionaryTrial,
  type TrainingReport,
  type TrainOptions,
} from './train-dictionary.ts';

import { histories } from './histories.ts';

histories(5_001, 5_000);

import { histories } from './histories.ts';

histories(1, 5_000);

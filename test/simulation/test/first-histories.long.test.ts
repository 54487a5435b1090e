import { histories } from './histories.ts';

histories(251, 4_750);

import { histories } from './histories.ts';

histories(501, 4_500);

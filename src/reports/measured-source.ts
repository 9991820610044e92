export { measuredSource } from '../results/schema/measured-source.ts';

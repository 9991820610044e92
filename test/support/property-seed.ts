/**
 * Imported before every test file: properties draw from one seed, so that `npm test` judges the
 * same cases everywhere. `PROPERTY_SEED=7 npm test` tries others, `PROPERTY_SEED=random` new ones.
 */
import fc from 'fast-check';

const seed = process.env['PROPERTY_SEED'] ?? '1';
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });

import fc from 'fast-check';

/**
 * Properties play the same examples at every run, so that only a change of the code can make one fail. Other examples:
 * `PROPERTY_SEED=$RANDOM npm test`; a failure names its seed and its path.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_261_201) });

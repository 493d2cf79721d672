import fc from 'fast-check';

/**
 * Properties play the same examples at every run, so that a change is judged by what it changes. Other examples:
 * `PROPERTY_SEED=$RANDOM npm test`, in which what fails names its seed and its path.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_261_201) });
